"""FHIR resources out of a Bundle, NDJSON or a single response, with the place of each.

R4 and STU3 are read alike. A Bundle that is one page of several is refused: what is on the other
pages would be missing without a word.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from rapport.exports.file_rules import refuse
from rapport.exports.strict_json import Json, parse_json

RESPONSE = "QuestionnaireResponse"

_NEEDED = (RESPONSE, "Encounter", "Questionnaire")
_MEANT = "Export QuestionnaireResponse resources, as a Bundle or as NDJSON."


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of an export.

    Attributes:
        kind: Its ``resourceType``.
        content: The resource.
        line: Its line in NDJSON, from 1; in a Bundle, the number of its entry.
        url: Its full URL in the Bundle, or empty.
    """

    kind: str
    content: dict[str, Json]
    line: int
    url: str = ""


def resources_in(text: str) -> list[Resource]:
    """Return the resources of an export that are needed to read its responses, in order.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT`` – no sound JSON, no resources, or one page of several.
    """
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) > 1 and _is_whole(lines[0][1]):
        every = (_resource(parse_json(line, number), number) for number, line in lines)
        return [resource for resource in every if resource.kind in _NEEDED]
    top = _resource(parse_json(text), 1)
    if top.kind == "Bundle":
        return list(_entries(top.content))
    if top.kind != RESPONSE:
        what = {
            "Questionnaire": "a questionnaire, not the responses to it",
            "OperationOutcome": "a message of the server, most likely an error",
        }
        _refuse(f"This is {what.get(top.kind, 'another kind of resource')}.", _MEANT)
    return [top]


def text_of(value: Json) -> str:
    """Return a plain value as text; what is none is empty."""
    if isinstance(value, bool):
        return str(value).upper()
    return value if isinstance(value, str) else ""


def part(value: Json, *names: str) -> Json:
    """Return what stands under names within each other, or ``None``; of a list, its first."""
    for name in names:
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(name) if isinstance(value, dict) else None
    return value


def parts(value: Json, name: str) -> list[dict[str, Json]]:
    """Return the objects in the list that stands under a name; none if nothing stands there.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT`` – something else stands there; answers would be lost.
    """
    found = value.get(name) if isinstance(value, dict) else None
    if found is None:
        return []
    objects = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    if not isinstance(found, list) or len(objects) != len(found):
        _refuse("A resource does not have the shape that FHIR prescribes.", _MEANT)
    return objects


def reference_of(value: Json) -> str:
    """Return the id that a reference points to, without type, server or version."""
    pointed = text_of(part(value, "reference"))
    if not pointed:
        return text_of(part(value, "identifier", "value"))
    return pointed.partition("/_history/")[0].rpartition("/")[2]


def _is_whole(line: str) -> bool:
    """Whether a line is one JSON object by itself, as in NDJSON."""
    line = line.strip()
    if not (line.startswith("{") and line.endswith("}")):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _entries(bundle: dict[str, Json]) -> Iterator[Resource]:
    if any(text_of(link.get("relation")) == "next" for link in parts(bundle, "link")):
        _refuse(
            "This is one page of several of a search.",
            "Fetch all pages, and deliver them as one Bundle or as NDJSON.",
        )
    for number, entry in enumerate(parts(bundle, "entry"), 1):
        if "resource" in entry:
            yield _resource(entry["resource"], number, text_of(entry.get("fullUrl")))


def _resource(found: Json, line: int, url: str = "") -> Resource:
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        refuse("WRONG_FORMAT", "This is JSON, but no FHIR resource.", _MEANT, line=line)
    return Resource(text_of(found["resourceType"]), found, line, url)


def _refuse(message: str, remedy: str) -> NoReturn:
    refuse("WRONG_FORMAT", message, remedy)
