"""A form that could be read but never scored is a fault of the registry."""

from pathlib import Path

import pytest
import yaml

from rapport.clinics import load_registry
from rapport.errors import SettingsError
from rapport.instruments import load_catalogue
from rapport.instruments.agreement import require_agreement
from tests.rapport.clinics.test_clinics_registry import a_clinic, an_export


def agreed(folder: Path, *forms: dict[str, object]) -> None:
    file = folder / "clinics.yaml"
    clinic = a_clinic(exports=[an_export(forms=list(forms))])
    file.write_text(yaml.safe_dump({"clinics": [clinic]}))
    require_agreement(load_registry(file), load_catalogue(), file)


def test_forms_of_the_catalogue_agree(tmp_path: Path) -> None:
    agreed(tmp_path, {"instrument": "wai-sr", "rater": "patient", "items": "w{item}"})


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"instrument": "phq-99", "rater": "patient", "items": "q{item}"}, "not in the catalogue"),
        ({"instrument": "phq-9", "rater": "therapist", "items": "q{item}"}, "this rater"),
        ({"instrument": "phq-9", "rater": "patient", "items": ["a", "b"]}, "2 columns"),
        ({"instrument": "wai-36", "rater": "patient", "items": "q{item}"}, "key is uncertain"),
    ],
)
def test_a_form_that_cannot_be_scored_is_a_fault(
    tmp_path: Path, form: dict[str, object], told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        agreed(tmp_path, form)


def test_all_such_forms_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        agreed(
            tmp_path,
            {"instrument": "phq-99", "rater": "patient", "items": "q{item}"},
            {"instrument": "phq-9", "rater": "therapist", "items": "q{item}"},
        )
    assert len(error.value.faults) == 2
