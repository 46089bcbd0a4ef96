"""FHIR responses and SPSS files: unsound JSON, unknown questions, other codings, damaged bytes."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from tests.rapport.exports.faults.door import Case, Outcome, case, refused, rows, through_the_door

GAD = ("69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7")
SCORED = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")
ITEMS = tuple(f"g{item}" for item in range(1, 8))
WRONG = refused("WRONG_FORMAT")
FHIR: dict[str, Any] = {
    "format": "fhir",
    "patient": "subject",
    "therapist": "author",
    "session": "encounter",
    "date": "authored",
    "dates": ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"],
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "gad-7.{item}"}],
}


def item(code: str, score: str = "1", **more: object) -> dict[str, Any]:
    coding = {"system": "http://loinc.org", "code": SCORED[int(score)]}
    return {"linkId": code, "answer": [{"valueCoding": coding}], **more}


def response(**changes: object) -> dict[str, Any]:
    """One response to a GAD-7."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "r1",
        "questionnaire": "http://example.org/Questionnaire/gad7",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "author": {"reference": "Practitioner/T1"},
        "encounter": {"reference": "Encounter/4"},
        "authored": "2026-02-03T09:59:30+01:00",
        "item": [item(code, score) for code, score in zip(GAD, "0123012", strict=True)],
    } | changes


def other(**changes: object) -> dict[str, Any]:
    return response(id="r2", subject={"reference": "Patient/p2"}, **changes)


def bundle(*resources: dict[str, Any], **more: object) -> bytes:
    entries = [{"resource": resource} for resource in resources]
    return json.dumps(
        {"resourceType": "Bundle", "type": "searchset", "entry": entries} | more
    ).encode()


def ndjson(*resources: object) -> bytes:
    return "".join(json.dumps(resource) + "\n" for resource in resources).encode()


def fhir(content: bytes, outcome: Outcome) -> Case:
    return case(content, outcome, **FHIR)


def one(outcome: Outcome, **changes: object) -> Case:
    """A response with changes, in an NDJSON file beside a good one."""
    return fhir(ndjson(response(**changes), other()), outcome)


def text(old: bytes, new: bytes, outcome: Outcome = WRONG) -> Case:
    """A bundle of one response in which a text is replaced."""
    content = bundle(response())
    if old not in content:
        raise AssertionError("nothing to replace")
    return fhir(content.replace(old, new, 1), outcome)


def broken(rule: str, column: str) -> Outcome:
    return rows(1, (1, rule, column))


UNKNOWN = refused("WRONG_FORMAT", 1, "item.mood")

CASES = {
    "a bundle": fhir(bundle(response(), other()), rows(2)),
    "NDJSON": fhir(ndjson(response(), other()), rows(2)),
    "NDJSON with a blank line": fhir(
        ndjson(response()) + b"\n\n" + ndjson(other()), rows(2)),
    "NDJSON with a broken line": fhir(
        ndjson(response()) + b'{"resourceType": \n' + ndjson(other()), refused("WRONG_FORMAT", 2)),
    "NDJSON cut in its last line": fhir(
        ndjson(response(), other())[:-30], refused("WRONG_FORMAT", 2)),
    "NDJSON with a list on a line": fhir(ndjson(response(), [1]), refused("WRONG_FORMAT", 2)),
    "NDJSON of mixed resources": fhir(
        ndjson({"resourceType": "Patient", "id": "p1"}, response()), rows(1)),
    "nothing": fhir(b"", refused("EMPTY_FILE")),
    "an empty bundle": fhir(bundle(), refused("NO_ROWS", 1)),
    "a bundle of something else": fhir(
        bundle({"resourceType": "Patient", "id": "p1"}), refused("NO_ROWS", 1)),
    "I35 another resource": fhir(
        json.dumps({"resourceType": "Patient"}).encode(), WRONG),
    "I35 no resource": fhir(b'{"a": 1}', refused("WRONG_FORMAT", 1)),
    "a questionnaire": fhir(b'{"resourceType": "Questionnaire"}', WRONG),
    "an error of the server": fhir(b'{"resourceType": "OperationOutcome"}', WRONG),
    "one page of several": fhir(
        bundle(response(), link=[{"relation": "next", "url": "http://x.example/2"}]), WRONG),
    "XML": fhir(b"<Bundle xmlns='http://hl7.org/fhir'/>", WRONG),
    "a table": fhir(b"patient,therapist\np1,T1\n", WRONG),
    "I35 nested 10,000 deep": fhir(
        b'{"resourceType": "Bundle", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        refused("WRONG_FORMAT", 1)),
    "I35 nested 10,000 deep and never closed": fhir(
        b'{"resourceType": "Bundle", "x": ' + b'{"a":' * 10_000, refused("WRONG_FORMAT", 1)),
    "I35 groups nested 101 deep": one(refused("WRONG_FORMAT", 1), item=json.loads(
        '[{"linkId": "g", "item": ' * 101 + "[]" + "}]" * 101)),
    "I35 NaN": text(b'"completed"', b'"completed", "x": NaN', refused("WRONG_FORMAT", 1)),
    "I35 Infinity": text(
        b'"completed"', b'"completed", "x": -Infinity', refused("WRONG_FORMAT", 1)),
    "I35 a key twice": text(
        b'"status": "completed"', b'"status": "completed", "status": "amended"',
        refused("WRONG_FORMAT", 1)),
    "I35 a text beyond the limit": text(
        b'"r1"', b'"' + b"r" * 65537 + b'"', refused("FIELD_TOO_LONG", 1)),
    "I35 a file of 65 MiB": fhir(
        b'{"resourceType": "Bundle", "x": "' + b"x" * (65 << 20) + b'"}', WRONG),
    "I35 six million parts": fhir(
        b'{"resourceType": "Bundle", "x": [' + b"1," * 6_000_000 + b"1]}", WRONG),
    "I35 half a sign": text(b'"r1"', b'"\\ud800"', refused("ENCODING", 1)),
    "I35 NUL": text(b'"r1"', b'"\\u0000"', refused("NUL_BYTE", 1)),
    "a comment in JSON": text(b'"r1"', b'"r1" /* x */', refused("WRONG_FORMAT", 1)),
    "a comma at the end": text(b'"completed"', b'"completed",,', refused("WRONG_FORMAT", 1)),
    "two bundles in a row": fhir(bundle(response()) * 2, refused("WRONG_FORMAT", 1)),
    "I35 an unknown question": one(UNKNOWN, item=[item("mood")]),
    "I35 a question answered twice": one(
        refused("WRONG_FORMAT", 1, "gad-7.1"), item=[item(GAD[0]), item(GAD[0], "2")]),
    "I35 an item that is no object": one(WRONG, item=["x"]),
    "I35 items that are no list": one(WRONG, item="x"),
    "an answer of no code": one(
        broken("ANSWER_ALLOWED", "gad-7.1"),
        item=[{"linkId": GAD[0], "answer": [{"valueString": "often"}]}]),
    "an answer of another scale": one(
        broken("ANSWER_ALLOWED", "gad-7.1"),
        item=[{"linkId": GAD[0], "answer": [{"valueInteger": 4}]}]),
    "no answers": one(rows(2), item=[]),
    "no items at all": one(rows(2), item=None),
    "no patient": one(broken("PATIENT_GIVEN", "subject"), subject=None),
    "a patient by display alone": one(
        broken("PATIENT_GIVEN", "subject"), subject={"display": "x"}),
    "no encounter": one(broken("SESSION_READABLE", "encounter"), encounter=None),
    "in progress": one(broken("DATE_READABLE", "authored"), status="in-progress"),
    "entered in error": one(rows(1, superseded=1), status="entered-in-error"),
    "no status": one(broken("DATE_READABLE", "authored"), status=None),
    "a status of no code": one(broken("DATE_READABLE", "authored"), status="done"),
    "a year for a date": one(broken("DATE_READABLE", "authored"), authored="2026"),
    "a month for a date": one(broken("DATE_READABLE", "authored"), authored="2026-02"),
    "an e-mail address for a patient": fhir(
        ndjson(response(), other(author={"reference": "Practitioner/ann@example.org"})),
        refused("DIRECT_IDENTIFIER", 2, "author")),
}  # fmt: skip


def sav(folder: Path, **columns: object) -> bytes:
    """An SPSS file of two cases, with changes by column; options of the writer go through."""
    options = {name: columns.pop(name) for name in list(columns) if name in _OPTIONS}
    cells = {
        "patient": ["p1", "p2"],
        "therapist": ["T1", "T1"],
        "session": [1.0, 2.0],
        "date": [date(2026, 2, 3), date(2026, 2, 28)],
        **{name: [1.0, 3.0] for name in ITEMS},
    } | columns
    pyreadstat.write_sav(pd.DataFrame(cells), str(folder / "a.sav"), **options)
    return (folder / "a.sav").read_bytes()


_OPTIONS = {"missing_ranges", "variable_value_labels", "compress", "row_compress"}
LABELS = {0: "never", 1: "seldom", 2: "often", 3: "always"}
FROM_ONE = {code + 1: word for code, word in LABELS.items()}
IN_LINE_2 = rows(1, (2, "ANSWER_ALLOWED", "g1"))

SPSS: dict[str, tuple[Callable[[Path], bytes], Outcome]] = {
    "an SPSS file": (sav, rows(2)),
    "a compressed SPSS file": (lambda f: sav(f, compress=True), rows(2)),
    "an SPSS file packed by rows": (lambda f: sav(f, row_compress=True), rows(2)),
    "a system-missing answer": (lambda f: sav(f, g1=[float("nan"), 1.0]), rows(2)),
    "I34 a user-missing code that is declared": (
        lambda f: sav(f, g1=[-9.0, 1.0], missing_ranges={"g1": [-9]}), rows(2)),
    "I34 a user-missing code that is not declared": (
        lambda f: sav(f, g1=[99.0, 1.0], missing_ranges={"g1": [99]}), IN_LINE_2),
    "I34 an answer that is declared user-missing": (
        lambda f: sav(f, g1=[3.0, 1.0], missing_ranges={"g1": [3]}), IN_LINE_2),
    "I34 labels as the instrument's": (
        lambda f: sav(f, variable_value_labels=dict.fromkeys(ITEMS, LABELS)), rows(2)),
    "I34 labels from one": (
        lambda f: sav(f, variable_value_labels={"g1": FROM_ONE}), refused("WRONG_FORMAT", 1, "g1")),
    "an answer of 2.5": (lambda f: sav(f, g1=[2.5, 1.0]), IN_LINE_2),
    "an answer beyond the scale": (lambda f: sav(f, g1=[28.0, 1.0]), IN_LINE_2),
    "an answer of 1e308": (lambda f: sav(f, g1=[1e308, 1.0]), IN_LINE_2),
    "an id that is a number of 16 digits": (
        lambda f: sav(f, patient=[1e15, 1.0]), refused("WRONG_FORMAT", 2, "patient")),
    "an id that is a date": (
        lambda f: sav(f, patient=[date(2026, 2, 1)] * 2), refused("WRONG_FORMAT", 2, "patient")),
    "another date than a day": (
        lambda f: sav(f, date=[1e300, 2.0]),
        rows(0, (2, "DATE_READABLE", "date"), (3, "DATE_READABLE", "date"))),
    "a variable that is gone": (
        lambda f: sav(f).replace(b"G7      ", b"G8      "), refused("MISSING_COLUMN", 1, "g7")),
    "I34 a cut file": (lambda f: sav(f)[:-60], WRONG),
    "I34 a file cut to its sign": (lambda f: sav(f)[:4], WRONG),
    "I34 a file cut in its dictionary": (lambda f: sav(f)[:400], WRONG),
    "I34 a file that declares a thousand million cases": (
        lambda f: sav(f)[:80] + (10**9).to_bytes(4, "little") + sav(f)[84:], WRONG),
    "an old portable file": (lambda _: b"ASCII SPSS PORT FILE" + b"0" * 200, WRONG),
    "a table": (lambda _: b"patient,therapist\n", WRONG),
    "nothing": (lambda _: b"", refused("EMPTY_FILE")),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("sav")
    files = {
        f"SPSS: {title}": case(make(folder), outcome, format="spss")
        for title, (make, outcome) in SPSS.items()
    }
    return through_the_door(CASES | files)


@pytest.mark.parametrize("title", CASES)
def test_a_fhir_export_has_this_outcome(outcomes: dict[str, Outcome], title: str) -> None:
    assert outcomes[title] == CASES[title].outcome


@pytest.mark.parametrize("title", SPSS)
def test_an_spss_file_has_this_outcome(outcomes: dict[str, Outcome], title: str) -> None:
    assert outcomes[f"SPSS: {title}"] == SPSS[title][1]
