"""Several versions of one response in one file: which one counts, and which are withdrawn."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from rapport.exports.file_rules import refuse
from rapport.exports.resources import Resource, part, text_of

WITHDRAWN = "entered-in-error"
"""Status of a response that should never have been."""

_NEVER = datetime(1000, 1, 1, tzinfo=UTC)

Rank = tuple[datetime, int]


def id_of(response: Resource) -> str:
    """Return the id of a response, or its business identifier where it has none, or nothing."""
    own = text_of(response.content.get("id"))
    return own or text_of(part(response.content, "identifier", "value"))


def version_of(response: Resource) -> str:
    """Return a response's version as a text; of two versions, the newer has the greater text."""
    stored, number = _rank(response)
    return f"{stored:%Y-%m-%dT%H:%M:%S.%f}#{number:09d}"


def withdrawn_among(responses: Sequence[Resource]) -> frozenset[int]:
    """Return the places of responses that a newer version replaces, or that were withdrawn.

    Args:
        responses: All responses of one file.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT`` – two versions differ and neither says that it is the
            newer one.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, response in enumerate(responses):
        places[id_of(response) or f"\0{place}"].append(place)
    gone: set[int] = set()
    for versions in places.values():
        newest = _newest(versions, responses)
        is_withdrawn = responses[newest].content.get("status") == WITHDRAWN
        gone |= {
            place
            for place in versions
            if is_withdrawn or responses[place].content != responses[newest].content
        }
    return frozenset(gone)


def _newest(versions: Sequence[int], responses: Sequence[Resource]) -> int:
    ranks = {place: _rank(responses[place]) for place in versions}
    newest = max(versions, key=lambda place: ranks[place])
    for place in versions:
        is_tied = place != newest and ranks[place] == ranks[newest]
        if is_tied and responses[place].content != responses[newest].content:
            refuse(
                "WRONG_FORMAT",
                "Two versions of one response differ, and nothing says which one is newer.",
                "Export the newest version of each response only, or with meta.lastUpdated.",
                line=responses[place].line,
            )
    return newest


def _rank(response: Resource) -> Rank:
    """Return when a version was stored, and its number; what is missing counts as first."""
    version = text_of(part(response.content, "meta", "versionId"))
    is_numbered = version.isascii() and version.isdigit()
    number = int(version) if is_numbered and len(version) < 10 else 0  # noqa: PLR2004 - digits
    return (_stored(text_of(part(response.content, "meta", "lastUpdated"))), number)


def _stored(written: str) -> datetime:
    """Return a moment in UTC; one that is missing or in no calendar is before all others."""
    try:
        moment = datetime.fromisoformat(written)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return _NEVER
    return max(moment, _NEVER)
