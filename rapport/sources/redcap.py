"""Records of a REDCap project, by its API: one POST, raw codes, CSV.

The token stands in the body of the request and nowhere else.

Source:
    REDCap's own API documentation, "Export Records" and "Error Codes & Messages".
"""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from rapport.clinics import ExportMapping
from rapport.clinics.places import RedcapPlace, RedcapRequest
from rapport.clinics.places.kinds import filled
from rapport.sources.asked import AskedSource
from rapport.sources.failing import access_refused, unfit
from rapport.sources.trying import Deadline
from rapport.sources.web import Reply, Request, exchange, is_markup, refuse_status

KINDS_OF_CSV = ("text/csv", "application/csv", "text/plain", "application/octet-stream")
"""Media types under which REDCap, by version and server, sends CSV."""

_DELIMITERS = {"\t": "tab"}
_BAD_REQUEST = 400
_ERROR_STARTS = (b'{"error"', b'{ "error"', b"ERROR:", b"error:")
_BROKEN_OFF = (b"<b>Fatal error</b>", b"Fatal error: ", b"Allowed memory size of ")
_TAIL = 4096


class RedcapSource(AskedSource[RedcapPlace]):
    """One clinic's REDCap project."""

    def _ask(
        self, export: ExportMapping, month: str, secrets: Mapping[str, str], deadline: Deadline
    ) -> bytes:
        wanted = _parameters(self.place.requests[export.id], export, month)
        request = Request(
            "POST",
            self.place.url,
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/csv"},
            urlencode([("token", secrets["token"]), *wanted]).encode(),
        )
        return _csv_of(exchange(request, self.place, deadline))


def _parameters(
    request: RedcapRequest, export: ExportMapping, month: str
) -> Iterator[tuple[str, str]]:
    """Yield the parameters of one export, without the token."""
    yield from (
        ("content", "record"),
        ("action", "export"),
        ("format", "csv"),
        ("type", "flat"),
        ("rawOrLabel", "raw"),
        ("rawOrLabelHeaders", "raw"),
        ("exportCheckboxLabel", "false"),
        ("exportSurveyFields", str(request.survey_fields).lower()),
        ("exportDataAccessGroups", str(request.data_access_groups).lower()),
        ("returnFormat", "json"),
        ("csvDelimiter", _DELIMITERS.get(export.delimiter, export.delimiter)),
    )
    for name in ("fields", "forms", "events"):
        for place, one in enumerate(getattr(request, name)):
            yield f"{name}[{place}]", one
    for name, template in (
        ("filterLogic", request.filter_logic),
        ("dateRangeBegin", request.changed_from),
        ("dateRangeEnd", request.changed_before),
    ):
        if template:
            yield name, filled(template, month)


def _csv_of(reply: Reply) -> bytes:
    """Return the CSV of a reply.

    Raises:
        SourceError: It is an error of REDCap, a page, empty, or broken off in the middle.
    """
    if reply.status == _BAD_REQUEST:
        raise unfit(
            "REDCap does not understand the request.",
            "Look at fields, forms, events, filter_logic and changed_from: names as in REDCap.",
        )
    refuse_status(reply)
    content = reply.content
    begin = content[:_TAIL].removeprefix(b"\xef\xbb\xbf").lstrip()
    if is_markup(content) and b"<error>" not in begin:
        raise access_refused(
            "A page came instead of records: a log-in, a proxy, or not the API.",
            "Look at url of this source; it ends in /api/.",
        )
    if is_markup(content) or begin.startswith(_ERROR_STARTS):
        raise unfit("REDCap answered with an error.", "Try the same request in its API Playground.")
    if reply.kind not in KINDS_OF_CSV:
        raise unfit("What came is not declared as CSV.", "Look at url of this source.")
    if not begin:
        raise unfit(
            "REDCap has no record for this month.",
            "Look at filter_logic and at the account's rights, if there should be some.",
        )
    if any(sign in content[-_TAIL:] for sign in _BROKEN_OFF):
        raise unfit("REDCap broke off in the middle.", "Ask for fewer fields, or tell its side.")
    return content
