"""PHQ-2, PHQ-4 and PHQ-8 share the codes of PHQ-9 and GAD-7: none is read as the longer form."""

import json
from typing import Any

import pytest

from rapport.clinics import Clinic, ExportMapping
from rapport.exports import loinc
from rapport.exports.reading import Reading, read_export
from rapport.instruments import load_catalogue
from rapport.sources import Delivery

PHQ, GAD = loinc.ITEM_CODES["phq-9"], loinc.ITEM_CODES["gad-7"]
CATALOGUE = load_catalogue()
MAPPING: dict[str, Any] = {
    "id": "fhir",
    "path": "{month}.json",
    "format": "fhir",
    "patient": "subject",
    "date": "authored",
    "session_by_date": True,
    "dates": ["%Y-%m-%d"],
    "forms": [{"instrument": "phq-9", "rater": "patient", "items": "phq-9.{item}"}],
}


def response(number: int, codes: tuple[str, ...], questionnaire: str | None) -> dict[str, Any]:
    """A finished response, each question answered with 1."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": f"r{number}",
        "status": "completed",
        "questionnaire": questionnaire,
        "subject": {"reference": f"Patient/p{number}"},
        "authored": "2026-02-03",
        "item": [{"linkId": code, "answer": [{"valueInteger": 1}]} for code in codes],
    }


def questionnaire(*codes: str) -> dict[str, Any]:
    """A questionnaire with these questions, at ``http://x/q``."""
    items = [{"linkId": code, "code": [{"system": loinc.SYSTEM, "code": code}]} for code in codes]
    return {"resourceType": "Questionnaire", "id": "q", "url": "http://x/q", "item": items}


def reading_of(*resources: dict[str, Any], **changes: object) -> Reading:
    """How a Bundle of these resources is read."""
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in resources],
    }
    mapping = ExportMapping.model_validate(MAPPING | changes)
    clinic = Clinic(
        id="a",
        name="A",
        sector="public",
        timezone="UTC",
        source="a",
        first_month="2025-01",
        recipients=("a@example.org",),
        therapists=("T1",),
        exports=(mapping,),
    )
    delivery = Delivery("a", "2026-02", "fhir", "x.json", json.dumps(bundle).encode())
    return read_export(delivery, mapping=mapping, clinic=clinic, catalogue=CATALOGUE)


@pytest.mark.parametrize(
    ("address", "codes", "short"),
    [
        ("http://loinc.org/q/55757-9", PHQ[:2], "phq-2"),
        ("http://x/Questionnaire/PHQ-2|1.0", PHQ[:2], "phq-2"),
        ("http://x/phq8", PHQ[:8], "phq-8"),
        ("http://x/gad_2", GAD[:2], "gad-2"),
        ("http://x/PHQ-4", (*GAD[:2], *PHQ[:2]), "phq-4"),
    ],
)
def test_a_short_form_that_its_address_names_is_refused_until_it_is_declared(
    address: str, codes: tuple[str, ...], short: str
) -> None:
    told = reading_of(response(1, codes, address))
    assert told.is_refused
    assert {one.column for one in told.faults} == {f"{short}.{n + 1}" for n in range(len(codes))}
    assert all(f'"{short}.*"' in one.remedy for one in told.faults)


def test_a_short_form_that_is_ignored_answers_no_item_of_the_long_one() -> None:
    short = response(1, PHQ[:8], "http://x/phq-8")
    long = response(2, PHQ, "http://x/phq-9")
    told = reading_of(short, long, ignored=["phq-8.*"])
    assert not told.faults
    assert told.rows["phq-9.patient.01"].tolist() == [None, "1"]


def test_phq_4_is_read_as_itself_in_the_order_of_its_own_items() -> None:
    forms = [{"instrument": "phq-4", "rater": "patient", "items": "phq-4.{item}"}]
    answered = response(1, (*GAD[:2], *PHQ[:2]), "http://x/phq-4")
    answered["item"][0]["answer"][0]["valueInteger"] = 3
    told = reading_of(answered, forms=[*MAPPING["forms"], *forms])
    assert not told.faults
    assert told.rows["phq-4.patient.01"].tolist() == ["3"]
    assert told.rows["phq-9.patient.01"].tolist() == [None]


@pytest.mark.parametrize(
    ("codes", "short"),
    [(PHQ[:8], "phq-8"), ((*GAD[:2], *PHQ[:2]), "phq-4"), (PHQ, None), ((*PHQ, *GAD), None)],
)
def test_the_questionnaire_itself_says_which_form_it_is(
    codes: tuple[str, ...], short: str | None
) -> None:
    ignored = [f"{short}.*"] if short else []
    told = reading_of(questionnaire(*codes), response(1, codes, "http://x/q"), ignored=ignored)
    assert not told.faults
    assert told.rows["phq-9.patient.01"].tolist() == [None if short else "1"]


@pytest.mark.parametrize("address", [None, "http://x/screening"])
def test_two_questionnaires_of_one_form_are_never_mixed_unseen(address: str | None) -> None:
    told = reading_of(response(1, PHQ, "http://x/depression"), response(2, PHQ[:8], address))
    assert told.is_refused
    assert [(one.rule, one.line, one.column) for one in told.faults] == [
        ("WRONG_FORMAT", 2, "questionnaire")
    ]
    assert "where" in told.faults[0].remedy


def test_a_declared_questionnaire_settles_which_one_is_meant() -> None:
    where = {"where": {"questionnaire": "http://x/depression"}}
    told = reading_of(
        response(1, PHQ, "http://x/depression"),
        response(2, PHQ[:8], "http://x/screening"),
        forms=[MAPPING["forms"][0] | where],
    )
    assert not told.faults
    assert told.rows["phq-9.patient.01"].tolist() == ["1", None]


@pytest.mark.parametrize("address", ["http://x/phq-9", "http://loinc.org/q/44249-1", None])
def test_a_question_left_open_makes_no_short_form(address: str | None) -> None:
    told = reading_of(response(1, PHQ[:8], address), response(2, PHQ, address))
    assert not told.faults
    assert told.rows["phq-9.patient.08"].tolist() == ["1", "1"]
