"""Files behind HTTPS addresses that hold the month.

Whatever comes back with status 200 is kept as it came, also a log-in page: landing does not judge,
and the reader of the export's format refuses what is no export and says so.
"""

import base64
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from rapport.clinics import ExportMapping
from rapport.clinics.places import HttpsPlace
from rapport.clinics.places.kinds import filled
from rapport.sources.asked import AskedSource
from rapport.sources.failing import access_refused, unfit
from rapport.sources.trying import Deadline
from rapport.sources.web import Reply, Request, exchange, refuse_status

MOST_REDIRECTS = 5
"""Most redirects that are followed, all of them on the same host."""


class HttpsSource(AskedSource[HttpsPlace]):
    """One clinic's addresses."""

    def _ask(
        self, export: ExportMapping, month: str, secrets: Mapping[str, str], deadline: Deadline
    ) -> bytes:
        headers = _authorization(secrets)
        url = filled(self.place.requests[export.id], month)
        for _ in range(MOST_REDIRECTS + 1):
            reply = exchange(Request("GET", url, headers), self.place, deadline)
            next_url = _next(url, reply)
            if next_url is None:
                refuse_status(reply)
                return reply.content
            url = next_url
        raise unfit("The server sends the request round in circles.", "Look at the address.")


def _authorization(secrets: Mapping[str, str]) -> dict[str, str]:
    if "bearer" in secrets:
        if not secrets["bearer"].isascii():
            raise access_refused("The bearer token is none.", "Look at bearer of this source.")
        return {"Authorization": f"Bearer {secrets['bearer']}"}
    if "user" in secrets:
        both = f"{secrets['user']}:{secrets['password']}".encode()
        return {"Authorization": f"Basic {base64.b64encode(both).decode()}"}
    return {}


def _next(url: str, reply: Reply) -> str | None:
    """Return where a redirect leads, if it stays on the same scheme, host and port."""
    if not 300 <= reply.status < 400 or not reply.location:  # noqa: PLR2004 - the redirects
        return None
    try:
        target = urljoin(url, reply.location)
        here, there = urlsplit(url), urlsplit(target)
        is_same = (here.scheme, here.netloc.lower()) == (there.scheme, there.netloc.lower())
    except ValueError:
        return None
    is_clean = target.isascii() and target.isprintable() and " " not in target
    return target.partition("#")[0] if is_same and is_clean else None
