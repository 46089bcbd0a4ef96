"""FHIR resources out of a Bundle, NDJSON, an array or a single response, with the place of each.

R5, R4 and STU3 are read alike; Bundles may hold Bundles. A Bundle that is one page of several, or
in which the server says that something went wrong, is refused: what is on the other pages would be
missing without a word.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
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
        ExportRefusedError: ``WRONG_FORMAT`` – no sound JSON, no resources, one page of several, or
            a message of the server that something is missing.
    """
    if text.lstrip().startswith("["):
        return _flat(_array(text))
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) > 1 and _is_whole(lines[0][1]):
        return _flat(_resource(parse_json(line, number), number) for number, line in lines)
    top = _resource(parse_json(text), 1)
    if top.kind == "Bundle":
        return _flat(_entries(top.content))
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


def _array(text: str) -> Iterator[Resource]:
    found = parse_json(text)
    for number, one in enumerate(found if isinstance(found, list) else [], 1):
        yield _resource(one, number)


def _flat(resources: Iterable[Resource]) -> list[Resource]:
    """Return the resources that are needed, out of Bundles inside each other, too."""
    found: list[Resource] = []
    for resource in resources:
        if resource.kind == "Bundle":
            found += _flat(_entries(resource.content, resource.line))
        elif resource.kind == "OperationOutcome":
            _check_outcome(resource.content, resource.line)
        elif resource.kind in _NEEDED:
            found.append(resource)
    return found


def _entries(bundle: dict[str, Json], line: int | None = None) -> Iterator[Resource]:
    """Yield what a Bundle holds; all of it stands on the line of the Bundle, if that has one."""
    entries = parts(bundle, "entry")
    _check_whole(bundle, entries)
    for number, entry in enumerate(entries, 1):
        _check_kept(entry, line or number)
        if text_of(part(entry, "response", "status")).startswith(("4", "5")):
            _refuse_failed(line or number)
        _check_outcome(part(entry, "response", "outcome"), line or number)
        if "resource" in entry:
            yield _resource(entry["resource"], line or number, text_of(entry.get("fullUrl")))


def _check_whole(bundle: dict[str, Json], entries: Sequence[dict[str, Json]]) -> None:
    """Refuse a page of a search: one that names another, or holds less than was found."""
    names = {text_of(link.get("relation")) for link in parts(bundle, "link")}
    modes = [text_of(part(entry, "search", "mode")) for entry in entries]
    n_found = sum(mode not in ("include", "outcome") for mode in modes)
    total = text_of(bundle.get("total"))
    is_search = bundle.get("type") == "searchset"
    is_short = is_search and total.isdecimal() and int(total) > n_found
    if names & {"next", "previous", "prev"} or is_short:
        _refuse(
            "This is one page of several of a search.",
            "Fetch all pages, and deliver them as one Bundle or as NDJSON.",
        )


def _check_kept(entry: dict[str, Json], line: int) -> None:
    """Refuse a history in which a response was deleted: its older versions stand there, too."""
    url = text_of(part(entry, "request", "url")) or text_of(entry.get("fullUrl"))
    if text_of(part(entry, "request", "method")) == "DELETE" and f"{RESPONSE}/" in url:
        _refuse_at(
            line,
            "A response was deleted, and what it was before may stand in this file as well.",
            "Export what is stored now (a search, or $export), not the history.",
        )


def _check_outcome(outcome: Json, line: int) -> None:
    """Refuse what a server sent with a message that some of it could not be had."""
    issues = parts(outcome, "issue")
    if any(text_of(issue.get("severity")) in ("error", "fatal") for issue in issues):
        _refuse_failed(line)


def _refuse_failed(line: int) -> NoReturn:
    _refuse_at(
        line,
        "The server says here that a part of the answer could not be given.",
        "Look at its message, mend the cause, and fetch the responses again.",
    )


def _resource(found: Json, line: int, url: str = "") -> Resource:
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        refuse("WRONG_FORMAT", "This is JSON, but no FHIR resource.", _MEANT, line=line)
    return Resource(text_of(found["resourceType"]), found, line, url)


def _refuse(message: str, remedy: str) -> NoReturn:
    refuse("WRONG_FORMAT", message, remedy)


def _refuse_at(line: int, message: str, remedy: str) -> NoReturn:
    refuse("WRONG_FORMAT", message, remedy, line=line)
