"""Covariates: read as declared, judged row by row, kept with the session."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.intake import Intake, take_in
from expectations.resolving import checks_of
from rapport.clinics import Clinic, Registry
from rapport.instruments import load_catalogue
from tests.expectations.small_clinic import (
    HEADER,
    MONTH,
    as_csv,
    broken_rules,
    clinic_named,
    delivery,
    export_mapping,
    only_verdict,
    sound_rows,
)

CATALOGUE = load_catalogue()
COVARIATES: dict[str, Any] = {
    "age": {"column": "alter", "kind": "number", "minimum": 16, "maximum": 110},
    "employment": {
        "column": "work",
        "kind": "category",
        "codes": {"1": "employed", "2": "not employed"},
        "missing_codes": {"9": "refused"},
    },
}
COLUMNS = [*HEADER, "alter", "work"]


def _rows(**changes: str) -> list[dict[str, str]]:
    return [row | {"alter": "34", "work": "1"} | changes for row in sound_rows()]


def _taken(rows: list[dict[str, str]], **mapping: object) -> tuple[Intake, Clinic]:
    export = export_mapping(**({"covariates": COVARIATES} | mapping))
    clinic = clinic_named(exports=[export])
    registry = Registry(clinics={clinic.id: clinic}, sha256="0" * 64)
    file = delivery(as_csv(rows, COLUMNS))
    return take_in([file], registry=registry, catalogue=CATALOGUE), clinic


def test_covariates_are_kept_with_each_session() -> None:
    """A number comes as a number, a code as its word."""
    intake, _ = _taken(_rows())
    assert only_verdict(intake) == "passed"
    kept = {json.dumps(json.loads(text)) for text in intake.sessions.covariates}
    assert kept == {'{"age": 34, "employment": "employed"}'}


def test_a_decimal_comma_is_read_by_the_declaration() -> None:
    """``34,5`` in a file with decimal commas is 34.5."""
    rows = [{**row, "alter": '"34,5"'} for row in _rows()]
    intake, _ = _taken(rows, decimal=",")
    assert {json.loads(text)["age"] for text in intake.sessions.covariates} == {34.5}


@pytest.mark.parametrize("age", ["15", "111", "34a", "1e2", "٣٤", "-1", "034", "3 4", "NaN", "inf"])
def test_a_number_off_the_declaration_refuses_its_row(age: str) -> None:
    """The row is told by line, column, rule and remedy; no other row suffers."""
    rows = _rows()
    rows[3]["alter"] = age
    intake, _ = _taken(rows)
    (told,) = intake.quarantine.to_dict("records")
    assert (told["line"], told["column"], told["rule"]) == (5, "alter", "COVARIATE_DECLARED")
    assert "covariates" in told["remedy"]
    assert age not in json.dumps([told["remedy"], told["column"]])
    assert len(intake.sessions) == len(rows) - 1


@pytest.mark.parametrize("code", ["3", "employed", "EMPLOYED", "01"])
def test_a_code_that_is_not_declared_refuses_its_row(code: str) -> None:
    """Also one that is spelt like the word it might stand for."""
    rows = _rows()
    rows[0]["work"] = code
    intake, _ = _taken(rows)
    assert broken_rules(intake) == {"COVARIATE_DECLARED"}
    assert intake.quarantine.column.tolist() == ["work"]


@pytest.mark.parametrize(("alter", "work"), [("", "9"), ("-9", ""), ("", "-9")])
def test_what_is_missing_is_missing_and_refuses_nothing(alter: str, work: str) -> None:
    """Blank, the export's missing code, the column's own missing code."""
    intake, _ = _taken(_rows(alter=alter, work=work))
    assert only_verdict(intake) == "passed"
    assert intake.sessions.covariates.isna().all()


def test_sessions_take_covariates_over_from_the_patients_record() -> None:
    """A record row says once what holds for all sessions of the episode."""
    rows = _rows(alter="", work="")
    record = dict.fromkeys(COLUMNS, "") | {
        "site": "A", "pid": "P000", "ep": "1", "test": "record", "alter": "51", "work": "2",
    }  # fmt: skip
    intake, _ = _taken([record, *rows], record_rows={"test": "record"})
    own = intake.sessions[intake.sessions.patient_id == "P000"].covariates
    assert [json.loads(text) for text in own] == [{"age": 51, "employment": "not employed"}] * 2
    assert intake.sessions[intake.sessions.patient_id != "P000"].covariates.isna().all()


def test_a_record_off_the_declaration_is_refused_and_hands_nothing_on() -> None:
    """Its sessions stay, without what nobody could read."""
    rows = _rows(alter="", work="")
    record = dict.fromkeys(COLUMNS, "") | {
        "site": "A", "pid": "P000", "ep": "1", "test": "record", "alter": "510", "work": "2",
    }  # fmt: skip
    intake, _ = _taken([record, *rows], record_rows={"test": "record"})
    assert intake.quarantine.line.tolist() == [2]
    assert len(intake.sessions) == len(rows)
    own = intake.sessions[intake.sessions.patient_id == "P000"].covariates
    assert [json.loads(text) for text in own] == [{"employment": "not employed"}] * 2


def test_rows_of_one_session_that_contradict_each_other_are_refused() -> None:
    """Of two ages at one session nobody can say which is right."""
    export = export_mapping(covariates=COVARIATES)
    other = export | {"id": "again", "path": "again_{month}*.csv"}
    other["forms"] = [{"instrument": "gad-7", "rater": "patient", "items": "phq{item}"}]
    clinic = clinic_named(exports=[export, other])
    registry = Registry(clinics={clinic.id: clinic}, sha256="0" * 64)
    second = _rows(alter="35")
    header = [name for name in COLUMNS if name not in ("sum", "phq8", "phq9")]
    files = [
        delivery(as_csv(_rows(), COLUMNS)),
        delivery(as_csv(second, header), export="again"),
    ]
    intake = take_in(files, registry=registry, catalogue=CATALOGUE)
    assert "SESSION_CONSISTENT" in broken_rules(intake)
    assert intake.sessions.empty


def test_a_corrected_value_supersedes_what_it_corrects() -> None:
    """A covariate is content: a later file with another age replaces the row."""
    export = export_mapping(covariates=COVARIATES)
    clinic = clinic_named(exports=[export])
    registry = Registry(clinics={clinic.id: clinic}, sha256="0" * 64)
    files = [delivery(as_csv(_rows(), COLUMNS)), delivery(as_csv(_rows(alter="43"), COLUMNS))]
    intake = take_in(files, registry=registry, catalogue=CATALOGUE)
    assert {json.loads(text)["age"] for text in intake.sessions.covariates} == {43}
    assert int(intake.verdicts.rows_superseded.iloc[0]) == len(_rows())


def test_the_resolved_rules_of_a_clinic_name_its_covariates() -> None:
    """So ``rapport rules --clinic`` lists them."""
    clinic = clinic_named(exports=[export_mapping(covariates=COVARIATES)])
    keys = [rule.key for rule in checks_of(clinic, CATALOGUE)]
    assert [key for key in keys if key.startswith("COVARIATE")] == [
        "COVARIATE_DECLARED[age]",
        "COVARIATE_DECLARED[employment]",
    ]


def test_a_column_that_a_covariate_names_must_be_in_the_file() -> None:
    """A missing column refuses the file, as for every mapped column."""
    clinic = clinic_named(exports=[export_mapping(covariates=COVARIATES)])
    registry = Registry(clinics={clinic.id: clinic}, sha256="0" * 64)
    file = delivery(as_csv(sound_rows()))
    intake = take_in([file], registry=registry, catalogue=CATALOGUE)
    assert set(intake.quarantine.rule) == {"MISSING_COLUMN"}
    assert set(intake.quarantine.column) == {"alter", "work"}


def test_a_month_is_recorded_for_the_declared_clinic_only() -> None:
    """A clinic without covariates has the same fingerprint as before there were any."""
    with_them, _ = _taken(_rows())
    without, _ = _taken(_rows(), covariates={}, ignored=["alter", "work"])
    assert without.sessions.covariates.isna().all()
    assert with_them.verdicts.month.tolist() == [MONTH]
    assert set(with_them.verdicts.accepted_sha256) != set(without.verdicts.accepted_sha256)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=12))
def test_no_text_becomes_a_number_that_it_is_not(text: str) -> None:
    """Whatever a cell holds: it is a number within the range in plain digits, or it is refused."""
    declared = clinic_named(exports=[export_mapping(covariates=COVARIATES)]).exports[0]
    if declared.covariates["age"].holds(text):
        assert text.isascii()
        assert 16 <= float(text) <= 110


def test_covariates_beside_blocks_of_sessions_belong_to_all_of_them() -> None:
    """One row a referral: the age stands once and holds for each session beside it."""
    items = [f"q{n}_{item}" for n in (1, 2) for item in range(1, 10)]
    header = ["pid", "ther", "alter", "day_1", "day_2", *items]
    row = ["P1", "T1", "34", "2025-02-03", "2025-02-10", *(["1"] * 18)]
    mapping: dict[str, Any] = {
        "id": "sessions", "path": "sessions_{month}*.csv", "format": "delimited", "blocks": 2,
        "patient": "pid", "therapist": "ther", "session": "{block}", "date": "day_{block}",
        "covariates": {"age": COVARIATES["age"]},
        "forms": [{"instrument": "phq-9", "rater": "patient", "items": "q{block}_{item}"}],
    }  # fmt: skip
    clinic = clinic_named(exports=[mapping])
    registry = Registry(clinics={clinic.id: clinic}, sha256="0" * 64)
    text = "\n".join([",".join(header), ",".join(row)]) + "\n"
    intake = take_in([delivery(text)], registry=registry, catalogue=CATALOGUE)
    assert [json.loads(one) for one in intake.sessions.covariates] == [{"age": 34}] * 2


def test_covariates_of_a_long_file_stand_on_every_row_of_a_form() -> None:
    """One row an item: the age is part of what makes rows one form."""
    lines = ["pid,ther,sess,day,alter,item,answer"]
    lines += [f"P1,T1,1,2025-02-03,34,phq{item},1" for item in range(1, 10)]
    mapping: dict[str, Any] = {
        "id": "sessions", "path": "sessions_{month}*.csv", "format": "delimited",
        "layout": "long", "item": "item", "answer": "answer",
        "patient": "pid", "therapist": "ther", "session": "sess", "date": "day",
        "covariates": {"age": COVARIATES["age"]},
        "forms": [{"instrument": "phq-9", "rater": "patient", "items": "phq{item}"}],
    }  # fmt: skip
    clinic = clinic_named(exports=[mapping])
    registry = Registry(clinics={clinic.id: clinic}, sha256="0" * 64)
    intake = take_in([delivery("\n".join(lines) + "\n")], registry=registry, catalogue=CATALOGUE)
    assert [json.loads(one) for one in intake.sessions.covariates] == [{"age": 34}]
