"""The registry is validated whole: every fault at once, by key, with a remedy, never by a value."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from rapport.clinics import load_registry
from rapport.errors import SettingsError


def a_clinic(**changes: object) -> dict[str, Any]:
    export = {
        "id": "sessions",
        "path": "sessions_{month}.csv",
        "format": "delimited",
        "patient": "patient",
        "forms": [{"instrument": "phq-9", "rater": "patient", "items": "phq{item}"}],
    }
    clinic = {
        "id": "north",
        "name": "North",
        "sector": "public",
        "timezone": "Europe/Oslo",
        "source": "north",
        "first_month": "2025-01",
        "therapists": ["T1"],
        "exports": [export],
    }
    return {**clinic, **changes}


def an_export(**changes: object) -> dict[str, Any]:
    return {**a_clinic()["exports"][0], **changes}


def faults_of(tmp_path: Path, *clinics: dict[str, Any]) -> str:
    file = tmp_path / "clinics.yaml"
    file.write_text(yaml.safe_dump({"clinics": list(clinics)}))
    with pytest.raises(SettingsError) as told:
        load_registry(file)
    assert all(fault.file and fault.remedy for fault in told.value.faults)
    return str(told.value)


def test_a_sound_registry_is_read_with_its_hash(tmp_path: Path) -> None:
    file = tmp_path / "clinics.yaml"
    file.write_text(yaml.safe_dump({"clinics": [a_clinic()]}))
    registry = load_registry(file)
    assert registry.clinic("north").forms == ("phq-9.patient",)
    assert len(registry.sha256) == 64


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    told = faults_of(tmp_path, a_clinic(sector="both", timezone="Mars/Base", therapists=[]))
    for key in ("clinics.0.sector", "clinics.0.timezone", "clinics.0.therapists"):
        assert key in told


def test_a_misspelt_key_is_a_fault_and_not_a_default(tmp_path: Path) -> None:
    assert "clinics.0.recipient:" in faults_of(tmp_path, a_clinic(recipient=["a@example.org"]))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"encoding": "utf-99"}, "encoding"),
        ({"encoding": "base64"}, "encoding"),
        ({"path": "sessions.csv"}, "path"),
        ({"path": "../other/{month}.csv"}, "path"),
        ({"path": "/etc/{month}.csv"}, "path"),
        ({"delimiter": ";;"}, "delimiter"),
        ({"mode": {"column": "m", "codes": {"1": "teleport"}}}, "mode"),
        ({"inherited": ["therapist"]}, "record_rows"),
        ({"forms": []}, "forms"),
        ({"missing_codes": {"-9": "lost"}}, "missing_codes"),
    ],
)
def test_a_mapping_that_cannot_be_followed_is_a_fault(
    tmp_path: Path, changes: dict[str, Any], key: str
) -> None:
    assert key in faults_of(tmp_path, a_clinic(exports=[an_export(**changes)]))


@pytest.mark.parametrize("pattern", ["phq", "{item}{item}", "{patient}", "phq{item}_{x}"])
def test_an_item_pattern_names_the_item_once(tmp_path: Path, pattern: str) -> None:
    form = {"instrument": "phq-9", "rater": "patient", "items": pattern}
    assert "items" in faults_of(tmp_path, a_clinic(exports=[an_export(forms=[form])]))


def test_two_clinics_with_one_id_are_a_fault(tmp_path: Path) -> None:
    assert "north stands twice" in faults_of(tmp_path, a_clinic(), a_clinic(source="other"))


def test_two_clinics_may_not_share_a_folder(tmp_path: Path) -> None:
    assert "same source folder" in faults_of(tmp_path, a_clinic(), a_clinic(id="south"))


def test_a_key_that_stands_twice_is_a_fault_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "clinics.yaml"
    file.write_text("clinics: []\nclinics: []\n")
    with pytest.raises(SettingsError) as told:
        load_registry(file)
    assert told.value.faults[0].line == 2


def test_a_missing_registry_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="rapport init"):
        load_registry(tmp_path / "clinics.yaml")


def test_a_fault_never_quotes_what_was_written(tmp_path: Path) -> None:
    assert "CANARY" not in faults_of(tmp_path, a_clinic(sector="CANARY-7", timezone="CANARY-8"))
