"""The answers of one FHIR response: column → text, from items in groups and groups in items.

A column's name is that of the known LOINC code of its question (``phq-9.1``) or ``item.`` and the
linkId. Nothing depends on the order of the items.
"""

from collections.abc import Mapping
from types import MappingProxyType

from rapport.clinics.mapping import MissingReason
from rapport.exports import loinc
from rapport.exports.file_rules import refuse
from rapport.exports.missing import UNDECLARED
from rapport.exports.resources import Resource, part, parts, reference_of, text_of
from rapport.exports.strict_json import Json

ITEM = "item."
"""Stands before the linkId in the name of a column."""

Codes = Mapping[str, Mapping[str, str] | None]
"""Column → its form's codes, for columns that a form reads; ``None`` where it declares none."""

Labels = dict[str, dict[str, str]]
"""Column → answer as text → what responses call it; of several names, the first."""

_ABSENT_URL = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_ABSENT_SYSTEM = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_NULL_SYSTEMS = (
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    "http://hl7.org/fhir/v3/NullFlavor",
)
_ABSENT_SYSTEMS = (_ABSENT_SYSTEM, "http://hl7.org/fhir/data-absent-reason", *_NULL_SYSTEMS)
_REASONS: Mapping[str, MissingReason] = MappingProxyType(
    {
        "not-asked": "not_asked",
        "not-applicable": "not_asked",
        "not-performed": "not_asked",
        "NASK": "not_asked",
        "NA": "not_asked",
        "asked-declined": "refused",
        "asked-unknown": "skipped",
        "unknown": "skipped",
        "ASKU": "skipped",
        "UNK": "skipped",
        "NI": "skipped",
        "temp-unknown": "technical",
        "NAV": "technical",
        "masked": "technical",
        "not-permitted": "technical",
        "MSK": "technical",
        "unsupported": "technical",
        "error": "technical",
    }
)
ABSENT: Mapping[str, MissingReason] = MappingProxyType(
    {f"{{{code}}}": reason for code, reason in _REASONS.items()}
)
"""Text that stands for an answer which a response says to be absent → the reason.

Source:
    HL7 FHIR R4, extension ``data-absent-reason`` and the code systems DataAbsentReason and
    NullFlavor.
"""

_WEIGHTS = (
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
    "http://hl7.org/fhir/StructureDefinition/iso21090-CO-value",
)
_SYSTEMS = ("", loinc.SYSTEM, "urn:oid:2.16.840.1.113883.6.1")


def answers_of(
    response: Resource, names: Mapping[str, str], codes: Codes, labels: Labels
) -> dict[str, str]:
    """Return every question of one response that is answered, or said to be unanswered.

    Args:
        response: The response.
        names: linkId → LOINC code, from the questionnaire if the export holds it.
        codes: How each mapped column's answers are coded.
        labels: What the responses themselves call each answer; added to.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT`` – one question is answered twice, or has no linkId.
    """
    found: dict[str, str] = {}
    waiting = parts(response.content, "item")
    while waiting:
        item = waiting.pop(0)
        answers = parts(item, "answer")
        waiting += parts(item, "item")
        for answer in answers:
            waiting += parts(answer, "item")
        absent = "" if answers else _absent(item)
        if answers or absent:
            name = _column(text_of(item.get("linkId")), names)
            if absent and name.startswith(ITEM) and name not in codes:
                continue
            if name in found or name == ITEM:
                refuse(
                    "WRONG_FORMAT",
                    "A question of a response is answered in two places, or has no linkId.",
                    "Tell the makers of the questionnaire; a linkId stands for one question.",
                    line=response.line,
                    column=name,
                )
            found[name] = absent or _text(answers, codes.get(name))
            display = "" if absent else _display(answers)
            if display:
                labels.setdefault(name, {}).setdefault(found[name], display)
    return found


def _display(answers: list[dict[str, Json]]) -> str:
    """Return what a response itself calls its only answer to a question."""
    return text_of(part(answers[0], "valueCoding", "display")) if len(answers) == 1 else ""


def _column(link_id: str, names: Mapping[str, str]) -> str:
    return loinc.NAMES.get(names.get(link_id, "")) or loinc.column_of(link_id) or ITEM + link_id


def _text(answers: list[dict[str, Json]], codes: Mapping[str, str] | None) -> str:
    """Return one answer as text; of several, a text that passes for none."""
    texts = [_one(answer, codes) for answer in answers]
    return texts[0] if len(texts) == 1 else UNDECLARED + ";".join(texts)


def _one(answer: dict[str, Json], codes: Mapping[str, str] | None) -> str:
    absent = _absent(answer)
    if absent:
        return absent
    coding = answer.get("valueCoding")
    if isinstance(coding, dict):
        return _coded(coding, codes)
    for name, value in answer.items():
        if name.startswith("value") and isinstance(value, str | bool):
            return text_of(value)
        if name == "valueQuantity":
            return text_of(part(value, "value"))
        if name == "valueReference":
            return reference_of(value)
    return f"{UNDECLARED}value" if any(name.startswith("value") for name in answer) else ""


def _absent(element: dict[str, Json]) -> str:
    """Return what stands for an absent answer if an item or answer says why it is absent."""
    beside = [value for name, value in element.items() if name.startswith("_value")]
    coding = element.get("valueCoding")
    codes = [
        text_of(part(extension, "valueCode"))
        for holder in (element, coding, *beside)
        for extension in parts(holder, "extension")
        if extension.get("url") == _ABSENT_URL
    ]
    if isinstance(coding, dict) and coding.get("system") in _ABSENT_SYSTEMS:
        codes.append(text_of(coding.get("code")))
    return f"{{{codes[0]}}}" if codes else ""


def _coded(coding: dict[str, Json], codes: Mapping[str, str] | None) -> str:
    """Return a coded answer: what the mapping declares, else its score, else its code."""
    code, display = text_of(coding.get("code")), text_of(coding.get("display"))
    if codes is not None:
        declared = {codes[text]: text for text in (display, code) if text in codes}
        if len(declared) > 1:
            return f"{UNDECLARED}{code}"
        return next(iter(declared.values()), code or display)
    scores = {
        text_of(value)
        for extension in parts(coding, "extension")
        if text_of(extension.get("url")) in _WEIGHTS
        for name, value in extension.items()
        if name.startswith("value")
    }
    scores = {score.removesuffix(".0") for score in scores}
    if text_of(coding.get("system")) in _SYSTEMS and code in loinc.SCORES:
        scores.add(loinc.SCORES[code])
    if len(scores) > 1:
        return f"{UNDECLARED}{code}"
    return next(iter(scores), code or display)
