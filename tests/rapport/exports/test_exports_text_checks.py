"""Small questions about one text, and about totals, where an answer could be wrong by an inch."""

import pandas as pd
import pytest

from rapport.exports.identifiers import is_identifying_header
from rapport.exports.text_checks import is_clean, is_iso_day, is_session_number
from rapport.exports.text_rows import item_columns
from rapport.exports.totals import total_matches
from rapport.instruments import load_catalogue


@pytest.mark.parametrize("text", ["0", "1", "9999"])
def test_a_session_number_is_a_whole_number(text: str) -> None:
    assert is_session_number(text)


@pytest.mark.parametrize("text", ["", "-1", "01", "10000", "1.0", "１", "1\n", "x"])
def test_other_texts_are_no_session_number(text: str) -> None:
    assert not is_session_number(text)


@pytest.mark.parametrize("text", ["2024-02-29", "0001-01-01", "9999-12-31"])
def test_a_day_that_exists_is_a_day(text: str) -> None:
    assert is_iso_day(text)


@pytest.mark.parametrize("text", ["2026-02-29", "2026-13-01", "20260203", "2026-02-03 ", "", "x"])
def test_other_texts_are_no_day(text: str) -> None:
    assert not is_iso_day(text)


@pytest.mark.parametrize("text", ["p1", "331-1", "ŁK", "ŻD/003", "Ann Example", "𝕏1", "李"])
def test_a_key_in_any_script_is_clean(text: str) -> None:
    assert is_clean(text)


@pytest.mark.parametrize("text", ["p ", "p\x00", "p\n1", "p\u00ad1", "p\u200d1", "\ufeffp",
                                  "p\u2028", "e\u0301", "\u00a0p", "p\ufffd"])  # fmt: skip
def test_a_key_that_hides_something_is_not_clean(text: str) -> None:
    assert not is_clean(text)


@pytest.mark.parametrize(
    "name", ["RecipientEmail", "e-mail", "IPAddress", "first_name", "telephone_1", "dob",
             "Nazwisko", "PESEL", "LocationLatitude", "date of birth", "your address [City]"],
)  # fmt: skip
def test_headers_of_direct_identifiers_are_seen(name: str) -> None:
    assert is_identifying_header(name)


@pytest.mark.parametrize(
    "name", ["patient", "therapist_id", "phq9_1", "session_mode", "Status", "Id pacjenta",
             "How often did you talk with somebody by telephone, or by e-mail, in these weeks?"],
)  # fmt: skip
def test_other_headers_are_not(name: str) -> None:
    assert not is_identifying_header(name)


def frame(form: str, answers: list[str | None], total: str) -> pd.DataFrame:
    cells = [*answers, total]
    names = [*item_columns(form, len(answers)), f"total.{form}"]
    return pd.DataFrame([cells], columns=names, dtype=object)


@pytest.mark.parametrize(("total", "answer"), [("8", 1), ("8.00", 1), ("16", 0), ("0.8", 0)])
def test_reversed_items_are_turned_round_before_totals_are_compared(
    total: str, answer: int
) -> None:
    # CORE-10 (Barkham et al. 2013): items 2 and 3 reversed; ten noughts make 4 + 4 = 8, and the
    # clinical score is ten times the mean, which is 8 as well.
    rows = frame("core-10.patient", ["0"] * 10, total)
    assert total_matches(rows, load_catalogue()).tolist() == [answer]


@pytest.mark.parametrize(("total", "answer"), [("20", 1), ("18.59", 1), ("18", 0)])
def test_a_total_may_be_the_metric_score_of_the_published_table(total: str, answer: int) -> None:
    # SWEMWBS (Stewart-Brown et al. 2009): raw 20 is metric 18.59.
    rows = frame("swemwbs.patient", ["3", "3", "3", "3", "3", "3", "2"], total)
    assert total_matches(rows, load_catalogue()).tolist() == [answer]


def test_an_instrument_without_a_total_is_held_against_the_plain_sum() -> None:
    catalogue = load_catalogue()
    without = next((one for one in catalogue.values() if one.total is None), None)
    if without is None:
        pytest.skip("Every packaged instrument has a total.")
    answers = [without.allowed_answers(item)[0] for item in range(1, without.n_items + 1)]
    rows = frame(f"{without.id}.patient", answers, "-1")
    assert total_matches(rows, catalogue).tolist() == [0]
