"""FHIR R5, R4 and STU3: QuestionnaireResponse in a Bundle or NDJSON, one row a response.

Columns are ``id``, ``status``, ``questionnaire``, ``authored``, ``subject``, ``author``,
``source``, ``encounter`` and what the export holds of the encounter, and one a question:
``phq-9.1`` … and ``gad-7.1`` … for questions with LOINC codes, ``phq-2.1`` … in a short form of
them, otherwise ``item.`` and the linkId.
References are the bare id; moments lose fractions of a second and are read by
``%Y-%m-%dT%H:%M:%S%z``.

A response that is not finished has no date, as it has none of completion; an older version and one
entered in error are withdrawn.
"""

import re
from collections.abc import Mapping, Sequence

from rapport.clinics.mapping import ExportMapping
from rapport.errors import ExportRefusedError, Fault
from rapport.exports import loinc
from rapport.exports.answers import ABSENT, ITEM, Labels, answers_of
from rapport.exports.cells import check_texts
from rapport.exports.columns import MOST_ITEMS, is_declared
from rapport.exports.file_rules import refuse
from rapport.exports.resources import (
    RESPONSE,
    Resource,
    part,
    parts,
    reference_of,
    resources_in,
    text_of,
)
from rapport.exports.short_forms import (
    SHORT_FORMS,
    Asked,
    check_ambiguous,
    short_form_fault,
    under_own_names,
)
from rapport.exports.strangers import check_beginning, check_text
from rapport.exports.strict_json import Json
from rapport.exports.table import Table
from rapport.exports.tokens import decode
from rapport.exports.versions import id_of, version_of, withdrawn_among

_OWN = (
    "id", "status", "questionnaire", "panel", "authored", "subject", "author", "source",
    "encounter", "encounter.participant", "encounter.start", "encounter.class",
    "encounter.status", "encounter.episode",
)  # fmt: skip
_KNOWN = (*_OWN, *loinc.NAMES.values())
_FINISHED = ("completed", "amended")
_FRACTION = re.compile(r"(T\d\d:\d\d:\d\d)\.\d+")


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read every response of an export; other resources are looked up, or left.

    Raises:
        ExportRefusedError: The JSON is unsound, holds something else, or answers a question that is
            neither mapped nor ignored.
    """
    check_beginning(content)
    text = decode(content, "utf-8")
    if not text.lstrip().startswith(("{", "[")):
        check_text(text)
        refuse("WRONG_FORMAT", "This is no FHIR resource in JSON.", "Export as JSON or NDJSON.")
    found = resources_in(text)
    responses = [resource for resource in found if resource.kind == RESPONSE]
    _check_responses(responses)
    encounters = _by_reference(found, "Encounter")
    names = _codes_by_link_id(found)
    codes = _declared_codes(mapping)
    labels: Labels = {}
    cells = []
    for response in responses:
        own = names.get(_questionnaire(response)) or _contained_codes(response)
        answers = under_own_names(
            answers_of(response, own, codes, labels), _questionnaire(response), own.values()
        )
        row = _facts(response, encounters, answers) | answers
        if row["status"] not in _FINISHED and mapping.date is not None:
            row[mapping.date] = ""
        cells.append(row)
    _check_questions(cells, responses, mapping)
    asked = zip(cells, responses, strict=True)
    check_ambiguous((Asked(row["questionnaire"], row, one.line) for row, one in asked), mapping)
    header = tuple(dict.fromkeys([*_KNOWN, *(name for row in cells for name in row)]))
    rows = [[row.get(name, "") for name in header] for row in cells]
    lines = [response.line for response in responses]
    check_texts([header, *rows], [1, *lines])
    return Table(
        header=header,
        rows=rows,
        lines=lines,
        known=_KNOWN,
        form_key=("questionnaire", "panel"),
        withdrawn=withdrawn_among(responses),
        resources=tuple(map(id_of, responses)),
        versions=tuple(map(version_of, responses)),
        may_be_absent=(ITEM, *SHORT_FORMS),
        missing_codes=ABSENT,
        labels=labels,
    )


def _check_responses(responses: Sequence[Resource]) -> None:
    """Refuse an export without a response, or with one whose answers stand where none are read."""
    if not responses:
        refuse(
            "NO_ROWS",
            "The export holds no QuestionnaireResponse.",
            "Export QuestionnaireResponse resources; check the filter and the dates of the export.",
            line=1,
        )
    for response in responses:
        if "group" in response.content:
            refuse(
                "WRONG_FORMAT",
                "This is a response of FHIR DSTU2, whose answers stand in groups of questions.",
                "Export as STU3, R4 or R5.",
                line=response.line,
            )


def _facts(
    response: Resource,
    encounters: Mapping[str, Resource],
    answers: Mapping[str, str],
) -> dict[str, str]:
    """Return what a response says beside its answers."""
    own = response.content
    visit = own.get("encounter") or own.get("context")
    pointed, visit_id = text_of(part(visit, "reference")), reference_of(visit)
    is_episode = "EpisodeOfCare/" in pointed
    encounter = encounters.get(pointed) or encounters.get(f"Encounter/{visit_id}")
    held = encounter.content if encounter and not is_episode else None
    return {
        "id": id_of(response),
        "status": text_of(own.get("status")),
        "questionnaire": _questionnaire(response),
        "panel": _panel(answers),
        "authored": _moment(own.get("authored")),
        "subject": reference_of(own.get("subject")),
        "author": reference_of(own.get("author")),
        "source": reference_of(own.get("source")),
        "encounter": "" if is_episode else visit_id,
        "encounter.participant": _participant(held),
        "encounter.start": _moment(
            part(held, "period", "start") or part(held, "actualPeriod", "start")
        ),
        "encounter.class": text_of(
            part(held, "class", "code") or part(held, "class", "coding", "code")
        ),
        "encounter.status": text_of(part(held, "status")),
        "encounter.episode": visit_id if is_episode else _episode(held),
    }


def _participant(encounter: Json) -> str:
    """Return the one person that an encounter was held by; of several, none."""
    people = [
        reference_of(one.get("individual") or one.get("actor"))
        for one in parts(encounter, "participant")
    ]
    return _only(people)


def _episode(encounter: Json) -> str:
    """Return the one episode of care that an encounter belongs to; of several, none."""
    return _only([reference_of(one) for one in parts(encounter, "episodeOfCare")])


def _only(texts: Sequence[str]) -> str:
    found = set(texts) - {""}
    return found.pop() if len(found) == 1 else ""


def _questionnaire(response: Resource) -> str:
    """Return the canonical URL without its version (R4), or the id referred to (STU3)."""
    named = response.content.get("questionnaire")
    return named.partition("|")[0] if isinstance(named, str) else reference_of(named)


def _panel(answers: Mapping[str, str]) -> str:
    known = {name.partition(".")[0] for name in answers if name in loinc.NAMES.values()}
    return " ".join(sorted(known))


def _moment(value: Json) -> str:
    return _FRACTION.sub(r"\1", value) if isinstance(value, str) else ""


def _by_reference(resources: Sequence[Resource], kind: str) -> dict[str, Resource]:
    """Return the resources of one kind under every way to refer to them."""
    found: dict[str, Resource] = {}
    for resource in resources:
        if resource.kind != kind:
            continue
        own = text_of(resource.content.get("id"))
        for name in filter(None, (f"{kind}/{own}" if own else "", resource.url)):
            if found.setdefault(name, resource).content != resource.content:
                refuse(
                    "WRONG_FORMAT",
                    f"Two versions of one {kind} are in the export.",
                    "Export the newest version of each resource only.",
                    line=resource.line,
                )
    return found


def _codes_by_link_id(resources: Sequence[Resource]) -> dict[str, dict[str, str]]:
    """Return questionnaire → linkId → LOINC code, of the questionnaires in the export."""
    found: dict[str, dict[str, str]] = {}
    for resource in resources:
        if resource.kind != "Questionnaire":
            continue
        codes = _codes_in(resource.content)
        for name in (resource.content.get("url"), resource.content.get("id")):
            if text_of(name):
                found[text_of(name)] = codes
    return found


def _contained_codes(response: Resource) -> dict[str, str]:
    """Return linkId → LOINC code, of the questionnaire that a response holds itself."""
    wanted = text_of(response.content.get("questionnaire")).removeprefix("#")
    for held in parts(response.content, "contained"):
        if held.get("resourceType") == "Questionnaire" and text_of(held.get("id")) == wanted:
            return _codes_in(held)
    return {}


def _codes_in(questionnaire: Json) -> dict[str, str]:
    codes: dict[str, str] = {}
    waiting = parts(questionnaire, "item")
    while waiting:
        item = waiting.pop()
        waiting += parts(item, "item")
        for coding in parts(item, "code"):
            if coding.get("system") == loinc.SYSTEM:
                codes[text_of(item.get("linkId"))] = text_of(coding.get("code"))
    return codes


def _declared_codes(mapping: ExportMapping) -> dict[str, Mapping[str, str] | None]:
    return {name: form.codes for form in mapping.forms for name in form.columns(MOST_ITEMS)}


def _check_questions(
    cells: Sequence[Mapping[str, str]], responses: Sequence[Resource], mapping: ExportMapping
) -> None:
    """Refuse answers to questions nobody has declared: one of them may be a renamed item."""
    unknown: dict[str, int] = {}
    for row, response in zip(cells, responses, strict=True):
        for name in row:
            if name not in (*_KNOWN, *unknown) and not is_declared(name, mapping):
                unknown[name] = response.line
    if unknown:
        raise ExportRefusedError(_unknown(name, line) for name, line in unknown.items())


def _unknown(name: str, line: int) -> Fault:
    if not name.startswith(ITEM):
        return short_form_fault(name, line)
    return Fault(
        "WRONG_FORMAT",
        "A question is answered that is neither mapped nor listed as ignored.",
        "Map its linkId, or list it or a pattern under `ignored` in this clinic's registry entry.",
        line=line,
        column=name,
    )
