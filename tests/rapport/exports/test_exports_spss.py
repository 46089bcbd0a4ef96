"""SPSS files: cells as text, declared missing values, labels held against the instrument."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.exports.formats import spss

if TYPE_CHECKING:
    from conftest import Desk

EXPORTS = Path(__file__).parents[4] / "shared" / "exports" / "spss"
SPSS: dict[str, object] = {"format": "spss"}
HEADER = ["patient", "therapist", "session", "date", *(f"g{item}" for item in range(1, 8))]
ITEMS = [f"g{item}" for item in range(1, 8)]
WORDS = {0: "never", 1: "seldom", 2: "often", 3: "always"}


def sav(folder: Path, *, name: str = "a.sav", **columns: object) -> bytes:
    """Write one case a value, with changes by column; keywords of the writer go through."""
    options = {key: columns.pop(key) for key in list(columns) if key in _OPTIONS}
    cells = {
        "patient": ["p1", "p2"],
        "therapist": ["T1", "T1"],
        "session": [1.0, 2.0],
        "date": [date(2026, 2, 3), date(2026, 2, 28)],
        **{item: [1.0, 3.0] for item in ITEMS},
    } | columns
    pyreadstat.write_sav(pd.DataFrame(cells), str(folder / name), **options)
    return (folder / name).read_bytes()


_OPTIONS = {"missing_ranges", "variable_value_labels", "compress"}


@pytest.mark.parametrize("compress", [False, True], ids=["sav", "zsav"])
def test_cases_become_rows_of_text(desk: "Desk", tmp_path: Path, compress: bool) -> None:
    reading = desk.read(sav(tmp_path, compress=compress), **SPSS)
    assert reading.faults == ()
    rows = reading.rows
    assert rows[["patient", "session", "date", "line"]].to_numpy().tolist() == [
        ["p1", "1", "2026-02-03", 2],
        ["p2", "2", "2026-02-28", 3],
    ]
    assert rows["gad-7.patient.07"].tolist() == ["1", "3"]


def test_letters_beyond_ascii_are_kept(desk: "Desk", tmp_path: Path) -> None:
    reading = desk.read(sav(tmp_path, therapist=["ŁK", "T1"]), **SPSS)
    assert reading.rows["therapist"].tolist() == ["ŁK", "T1"]


def test_system_missing_values_are_missing(desk: "Desk", tmp_path: Path) -> None:
    reading = desk.read(sav(tmp_path, g1=[float("nan"), 2.0]), **SPSS)
    assert reading.rows["gad-7.patient.01"].tolist() == [None, "2"]


RANGES = {"g1": [{"lo": 99, "hi": 99}], "g2": [{"lo": -9, "hi": -7}], "g3": [{"lo": 3, "hi": 3}]}


def test_declared_user_missing_values_are_missing(desk: "Desk", tmp_path: Path) -> None:
    content = sav(tmp_path, g1=[99.0, 0.0], g2=[-8.0, 0.0], missing_ranges=RANGES)
    codes = {"99": "refused", "-8": "not_asked"}
    reading = desk.read(content, **SPSS, missing_codes=codes)
    assert reading.rows["gad-7.patient.01"].tolist() == [None, "0"]
    assert reading.rows["gad-7.patient.02"].tolist() == [None, "0"]


def test_a_user_missing_value_that_no_one_declared_never_passes_for_an_answer(
    desk: "Desk", tmp_path: Path
) -> None:
    reading = desk.read(sav(tmp_path, missing_ranges=RANGES), **SPSS)
    rows, states = desk.judged(reading)
    assert rows["gad-7.patient.03"].tolist() == ["1", "?3"]
    assert states.tolist() == ["accepted", "quarantined"]


def test_labels_of_the_instrument_s_own_coding_are_accepted(desk: "Desk", tmp_path: Path) -> None:
    labels = {item: {**WORDS, 99: "no answer"} for item in ITEMS}
    content = sav(tmp_path, variable_value_labels=labels)
    told = desk.read(content, **SPSS)
    assert told.file["WRONG_FORMAT"] == "broken"
    assert [fault.column for fault in told.faults] == ITEMS
    assert desk.read(content, **SPSS, missing_codes={"99": "skipped"}).faults == ()


def test_labels_coded_from_one_refuse_the_file_until_declared(desk: "Desk", tmp_path: Path) -> None:
    labels = {"g1": {code + 1: word for code, word in WORDS.items()}}
    content = sav(tmp_path, variable_value_labels=labels)
    told = desk.read(content, **SPSS)
    assert (told.file["WRONG_FORMAT"], told.file["broken_column"]) == ("broken", "g1")
    assert told.file["rows_received"] == 2
    form = {
        "instrument": "gad-7", "rater": "patient", "items": "g{item}",
        "codes": {"1": "0", "2": "1", "3": "2", "4": "3"},
    }  # fmt: skip
    read = desk.read(content, **SPSS, forms=[form])
    assert read.faults == ()
    assert read.rows["gad-7.patient.01"].tolist() == ["0", "2"]


def test_labels_of_user_missing_codes_are_no_answers_to_compare(
    desk: "Desk", tmp_path: Path
) -> None:
    labels = {"g1": {**WORDS, 99: "no answer"}}
    content = sav(tmp_path, variable_value_labels=labels, missing_ranges={"g1": RANGES["g1"]})
    assert desk.read(content, **SPSS).faults == ()


def test_a_cut_file_is_refused(desk: "Desk", tmp_path: Path) -> None:
    content = sav(tmp_path)
    for size in (8, 200, len(content) // 2, len(content) - 40):
        assert desk.read(content[:size], **SPSS).file["WRONG_FORMAT"] == "broken"


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04x", b"$FL2 and rubbish"])
def test_what_is_no_spss_file_is_told(desk: "Desk", content: bytes) -> None:
    reading = desk.read(content, **SPSS)
    assert reading.is_refused
    assert reading.file["rows_received"] in (0, 1)


@settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_file_never_takes_the_reader_with_it(
    desk: "Desk", tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(sav(tmp_path))
    for place in data.draw(st.lists(st.integers(4, len(content) - 1), min_size=1, max_size=20)):
        content[place] = data.draw(st.integers(0, 255))
    reading = desk.read(bytes(content), **SPSS)
    assert reading.is_refused == (len(reading.rows) == 0)


@pytest.mark.parametrize(
    ("header", "cell", "rule"),
    [
        ([None, *HEADER[1:]], "p1", "WRONG_FORMAT"), (["", *HEADER[1:]], "p1", "WRONG_FORMAT"),
        (HEADER, "p\0", "NUL_BYTE"), (HEADER, "p\ud800", "ENCODING"),
        (HEADER, "p" * 70_000, "FIELD_TOO_LONG"),
    ],
)  # fmt: skip
def test_what_a_damaged_file_makes_of_names_and_texts_is_refused(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch, header: list[object], cell: str, rule: str
) -> None:
    found = {"header": header, "rows": [[cell, *["1"] * 10]], "declared_rows": 1, "codings": {}}
    monkeypatch.setattr(spss, "parsed", lambda *_: found)
    assert desk.read(b"$FL2", **SPSS).file[rule] == "broken"


def some_form(*items: str) -> list[dict[str, object]]:
    """Seven columns that are no GAD-7, mapped as one: what matters is that they are read."""
    return [
        {
            "instrument": "gad-7", "rater": "patient", "items": list(items),
            "codes": {"1": "1", "2": "2", "3": "3"},
        }
    ]  # fmt: skip


def real(name: str) -> bytes:
    file = EXPORTS / name
    if not file.is_file():
        pytest.skip(f"The real export files are not beside the project: no {name}.")
    return file.read_bytes()


def test_the_real_sample_with_missing_codes_is_read(desk: "Desk") -> None:
    reading = desk.read(
        real("pyreadstat_sample_missing.sav"),
        **SPSS,
        patient="mychar",
        therapist=None,
        session=None,
        date="mydate",
        missing_codes={"-1": "skipped", "-2": "refused", "-3": "technical"},
        forms=some_form("myord", *["mylabl"] * 6),
        ignored=["*"],
    )
    assert reading.faults == ()
    assert reading.rows["date"].tolist()[:4] == [
        "2018-05-06", "1880-05-06", "1960-01-01", "1583-01-01",
    ]  # fmt: skip
    assert set(reading.rows["gad-7.patient.01"]) <= {"1", "2", "3", None}


def test_the_real_user_missing_code_is_marked_where_it_is_not_declared(desk: "Desk") -> None:
    reading = desk.read(
        real("haven_labelled-num-na.sav"),
        **SPSS,
        patient="VAR00002",
        therapist=None,
        session=None,
        date=None,
        forms=some_form(*["VAR00002"] * 7),
    )
    assert reading.faults == ()
    assert reading.rows["gad-7.patient.01"].tolist() == ["1", "?9"]


def test_the_real_umlauts_are_read(desk: "Desk") -> None:
    reading = desk.read(
        real("haven_umlauts.sav"),
        **SPSS,
        patient="var1",
        therapist=None,
        session=None,
        date=None,
        forms=some_form(*["var1"] * 7),
    )
    assert reading.faults == ()
    assert reading.rows["patient"].tolist() == ["1", "2", "1", "3"]


def test_a_user_missing_code_that_its_form_declares_is_missing_with_its_reason(
    desk: "Desk", tmp_path: Path
) -> None:
    content = sav(tmp_path, g1=[9.0, 2.0], missing_ranges={"g1": [9]})
    own = {"instrument": "gad-7", "rater": "patient", "items": "g{item}"}
    forms = [{**own, "missing_codes": {"9": "refused"}}]
    rows = desk.read(content, **SPSS, forms=forms).rows
    assert rows["gad-7.patient.01"].tolist() == [None, "2"]
    assert rows["missing.gad-7.patient"].tolist() == ["01:refused", None]


TURNED = dict(zip((3, 2, 1, 0), WORDS.values(), strict=True))


def test_labels_that_run_the_other_way_refuse_the_file(desk: "Desk", tmp_path: Path) -> None:
    labels = {item: TURNED if item == "g3" else WORDS for item in ITEMS}
    reading = desk.read(sav(tmp_path, variable_value_labels=labels), **SPSS)
    (fault,) = reading.faults
    assert (fault.rule, fault.column) == ("WRONG_FORMAT", "g3")
    assert "other way round" in fault.message
    assert reading.file["rows_received"] == 2


def test_a_mapping_that_declares_codes_is_believed_over_the_labels(
    desk: "Desk", tmp_path: Path
) -> None:
    form = {
        "instrument": "gad-7", "rater": "patient", "items": "g{item}",
        "codes": {"0": "3", "1": "2", "2": "1", "3": "0"},
    }  # fmt: skip
    labels = dict.fromkeys(ITEMS, TURNED)
    reading = desk.read(sav(tmp_path, variable_value_labels=labels), **SPSS, forms=[form])
    assert reading.faults == ()
    assert reading.rows["gad-7.patient.01"].tolist() == ["2", "0"]


def test_labels_of_agreement_have_no_direction(desk: "Desk", tmp_path: Path) -> None:
    words = {0: "strongly agree", 1: "agree", 2: "disagree", 3: "strongly disagree"}
    reading = desk.read(sav(tmp_path, variable_value_labels=dict.fromkeys(ITEMS, words)), **SPSS)
    assert reading.faults == ()


def test_the_label_of_a_missing_code_says_nothing_of_the_direction(
    desk: "Desk", tmp_path: Path
) -> None:
    labels = {item: {-1: "always", **WORDS} for item in ITEMS}
    ranges = {item: [{"lo": -1, "hi": -1}] for item in ITEMS}
    content = sav(tmp_path, variable_value_labels=labels, missing_ranges=ranges)
    assert desk.read(content, **SPSS, missing_codes={"-1": "skipped"}).faults == ()
