"""What a registry may declare as a covariate, and what it may not."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.expectations.small_clinic import clinic_named, export_mapping

AGE: dict[str, Any] = {"column": "a", "kind": "number", "minimum": 16, "maximum": 110}
WORK: dict[str, Any] = {"column": "w", "kind": "category", "codes": {"1": "employed"}}
PROBLEM: dict[str, Any] = {"column": "p", "kind": "category", "codes": {"1": "F40.1", "2": "F32"}}


def test_a_clinic_knows_kind_and_words_of_its_covariates() -> None:
    """These are what two clinics have to share to be compared by one."""
    clinic = clinic_named(exports=[export_mapping(covariates={"age": AGE, "work": WORK})])
    assert clinic.covariates == {"age": ("number",), "work": ("category", "employed")}


@pytest.mark.parametrize(
    "declared",
    [
        {"Age": AGE},
        {"age": {**AGE, "kind": "date"}},
        {"age": {**AGE, "minimum": 110}},
        {"age": {**AGE, "maximum": float("inf")}},
        {"age": {**AGE, "minimum": float("nan")}},
        {"age": {name: value for name, value in AGE.items() if name != "maximum"}},
        {"work": {**WORK, "codes": {}}},
        {"work": {**WORK, "codes": {"1": "1"}}},
        {"work": {**WORK, "codes": {"1": ""}}},
        {"work": {**WORK, "minimum": 1}},
        {"problem": AGE},
        {"problem": {**PROBLEM, "codes": {"1": "social anxiety"}}},
    ],
)
def test_a_declaration_that_means_nothing_is_refused(declared: dict[str, Any]) -> None:
    """Misspelt, without a range, without words, or a problem that is no ICD-10 code."""
    with pytest.raises(ValidationError):
        clinic_named(exports=[export_mapping(covariates=declared)])


def test_a_problem_descriptor_is_an_icd_10_code() -> None:
    """It decides which anxiety measure a treatment is judged by."""
    clinic = clinic_named(exports=[export_mapping(covariates={"problem": PROBLEM})])
    assert clinic.covariates["problem"] == ("category", "F32", "F40.1")


def test_two_exports_must_declare_one_name_alike() -> None:
    """Otherwise nobody could say what the clinic's covariate is."""
    first = export_mapping(covariates={"age": AGE})
    second = export_mapping(covariates={"age": {**WORK, "column": "a"}}, id="b", path="b_{month}")
    with pytest.raises(ValidationError, match="age is declared differently"):
        clinic_named(exports=[first, second])
