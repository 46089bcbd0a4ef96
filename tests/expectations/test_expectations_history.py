"""The past of a month: what verdicts remember, in which order, and when a rerun says the same."""

import json
from pathlib import Path

import pandas as pd
import pytest

from expectations.answer_measures import ENOUGH_FOR_A_LEVEL
from expectations.history import WINDOW, Remembered, fingerprint, history_if_any, read_history
from expectations.taking_in import take_in_and_record
from rapport.home import Home
from rapport.monthly import ClinicMonth, collecting
from rapport.warehouse import tables
from tests.rapport.monthly import small_home as small

MONTHS = [f"2025-{month:02d}" for month in range(1, 10)]
SLICES = [ClinicMonth("alpha", month) for month in MONTHS]
NOW = SLICES[-1]
TOLD = ["clinic_id", "month", "verdict", "result_json", "inputs_sha256"]


def delivered(root: Path) -> Home:
    """A home with nine months of one clinic, collected and not yet judged."""
    home = small.small_home(root)
    for number, month in enumerate(MONTHS):
        rows = small.rows_of(20 + number % 3, month=month, answer=number)
        small.upload(home, f"sessions_{month}.csv", rows)
    collecting.collect(home, SLICES)
    return home


def told(home: Home) -> pd.DataFrame:
    """What the newest verdicts say."""
    newest = home.warehouse.newest_verdicts()[TOLD]
    return newest.sort_values(["clinic_id", "month"], ignore_index=True)


def n_verdicts(home: Home) -> int:
    return len(home.warehouse.read(tables.verdicts))


@pytest.fixture
def judged(tmp_path: Path) -> Home:
    home = delivered(tmp_path / "home")
    take_in_and_record(home, SLICES)
    return home


def test_month_by_month_and_all_at_once_say_the_same(judged: Home, tmp_path: Path) -> None:
    other = delivered(tmp_path / "other")
    for one in SLICES:
        take_in_and_record(other, [one])
    pd.testing.assert_frame_equal(told(judged), told(other))


def test_a_second_run_writes_no_verdict(judged: Home) -> None:
    before = n_verdicts(judged)
    take_in_and_record(judged, SLICES)
    take_in_and_record(judged, SLICES[3:5])
    assert n_verdicts(judged) == before


def test_only_months_before_count_whenever_a_month_is_judged(judged: Home) -> None:
    """March is judged again after May was corrected: it says what it said."""
    before = told(judged)
    small.upload(judged, "sessions_2025-05_b.csv", small.rows_of(25, month="2025-05", answer=2))
    small.take_in(judged, "2025-05")
    take_in_and_record(judged, SLICES[:4])
    after = told(judged)
    pd.testing.assert_frame_equal(before[:4], after[:4])
    assert before.result_json[4] != after.result_json[4]


def test_a_corrected_month_is_another_past_for_those_behind_it(judged: Home) -> None:
    before = told(judged)
    small.upload(judged, "sessions_2025-05_b.csv", small.rows_of(25, month="2025-05", answer=2))
    small.take_in(judged, "2025-05")
    take_in_and_record(judged, [NOW])
    changed = told(judged)
    assert before.inputs_sha256.iloc[-1] != changed.inputs_sha256.iloc[-1]
    count = n_verdicts(judged)
    take_in_and_record(judged, [NOW])
    assert n_verdicts(judged) == count


def test_the_past_is_what_passed_before_and_nothing_that_is_judged_now(judged: Home) -> None:
    assert [one.one for one in read_history(judged, [NOW])] == SLICES[:-1]
    assert read_history(judged, [SLICES[0]]) == []
    assert [one.one for one in read_history(judged, [NOW, SLICES[2]])] == [
        one for one in SLICES[:-1] if one != SLICES[2]
    ]


def test_what_is_remembered_are_measures_of_many_forms_and_no_answers(judged: Home) -> None:
    (one,) = (one for one in read_history(judged, [NOW]) if one.one == SLICES[0])
    assert one.measures["administrations.phq-9.patient"] == 40
    assert all(isinstance(value, float) for value in one.measures.values())
    small.upload(judged, "sessions_2025-10.csv", small.rows_of(5, month="2025-10"))
    small.take_in(judged, "2025-10")
    (row,) = judged.warehouse.newest_verdicts(["2025-10"]).result_json
    remembered = json.loads(row)["measures"]
    assert remembered["administrations.phq-9.patient"] == 10 < ENOUGH_FOR_A_LEVEL
    assert not any(name.startswith(("item_", "form_mean", "answers=")) for name in remembered)


def test_a_month_that_failed_remembers_nothing(judged: Home) -> None:
    small.upload(judged, "sessions_2025-10.csv", "pid,ther\nP1,T1\n")
    small.take_in(judged, "2025-10")
    (row,) = judged.warehouse.newest_verdicts(["2025-10"]).result_json
    assert "measures" not in json.loads(row)
    after = [ClinicMonth("alpha", "2025-11")]
    assert "2025-10" not in {one.one.month for one in read_history(judged, after)}


def test_asking_for_the_past_makes_no_database(tmp_path: Path) -> None:
    home = small.small_home(tmp_path / "home")
    home.warehouse.close()
    file = Path(home.warehouse_url.removeprefix("sqlite:///"))
    file.unlink()
    assert history_if_any(home, [NOW]) == []
    assert not file.exists()


def test_a_fingerprint_depends_on_every_month_and_measure_and_on_no_order() -> None:
    months = [(f"2025-{n:02d}", {"a": float(n), "b": 1.0}) for n in range(1, WINDOW)]
    assert fingerprint(months) == fingerprint(reversed(months))
    assert fingerprint(months) != fingerprint(months[1:])
    assert fingerprint(months) != fingerprint([*months[1:], ("2025-01", {"a": 1.0, "b": 1.1})])
    assert fingerprint([]) == ""
    assert Remembered(NOW, {"a": 1.0}) == Remembered(NOW, {"a": 1.0})
