"""Responses of a LimeSurvey survey, by RemoteControl 2: JSON-RPC with a session of its own.

The session is closed whatever happens. Its key, like the password, stands in bodies of requests
and nowhere else.

Source:
    LimeSurvey manual, "RemoteControl 2 API": get_session_key, export_responses,
    release_session_key.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from rapport.clinics import ExportMapping
from rapport.clinics.places import LimesurveyPlace
from rapport.sources.asked import AskedSource
from rapport.sources.failing import SourceError, access_refused, unfit
from rapport.sources.trying import Deadline
from rapport.sources.web import Request, exchange, is_markup, refuse_status

_LONGEST_STATUS = 200
_NO_DATA = "no data"
_ACCESS_WORDS = ("invalid user", "no permission", "session key", "login", "password", "locked")


class LimesurveySource(AskedSource[LimesurveyPlace]):
    """One clinic's account in LimeSurvey."""

    def _ask(
        self, export: ExportMapping, month: str, secrets: Mapping[str, str], deadline: Deadline
    ) -> bytes:
        asked = self.place.requests[export.id]
        with self._session(secrets, deadline) as key:
            answer = self._call(
                "export_responses",
                (
                    key, asked.survey, "csv", asked.language, asked.completion,
                    asked.heading, asked.answers, asked.from_response, asked.to_response,
                    list(asked.fields) or None,
                ),
                deadline,
            )  # fmt: skip
        return _decoded(answer)

    @contextmanager
    def _session(self, secrets: Mapping[str, str], deadline: Deadline) -> Iterator[str]:
        """Open a session and close it, also after a failure."""
        account = (secrets["user"], secrets["password"], self.place.plugin)
        key = self._call("get_session_key", account, deadline)
        if not isinstance(key, str) or not key:
            raise access_refused(
                "LimeSurvey opens no session.", "Look at user, password and plugin of this source."
            )
        try:
            yield key
        finally:
            with suppress(SourceError):  # the session ends by itself; the reply is in hand
                self._call("release_session_key", (key,), Deadline.after(self._patience))

    @property
    def _patience(self) -> float:
        """How long closing a session may take, in seconds."""
        return self.place.connect_seconds + self.place.read_seconds

    def _call(self, method: str, parameters: tuple[object, ...], deadline: Deadline) -> object:
        """Call a method and return its result.

        Raises:
            SourceError: The reply is no answer to this call, or an error.
        """
        body = json.dumps({"method": method, "params": parameters, "id": 1}).encode()
        request = Request("POST", self.place.url, {"Content-Type": "application/json"}, body)
        reply = exchange(request, self.place, deadline)
        refuse_status(reply)
        if is_markup(reply.content) or not reply.content.strip():
            raise access_refused(
                "A page, or nothing, came instead of an answer.",
                "Turn on JSON-RPC in LimeSurvey's global settings, and look at url.",
            )
        try:
            answer = json.loads(reply.content)
        except (ValueError, RecursionError):
            raise unfit(
                "What came is no answer of JSON-RPC.", "Look at url of this source."
            ) from None
        if not isinstance(answer, dict) or "result" not in answer:
            raise unfit("What came is no answer of JSON-RPC.", "Look at url of this source.")
        if answer.get("error") is not None:
            raise unfit(f"LimeSurvey failed in {method}.", "Ask who runs LimeSurvey for its log.")
        _refuse_status_words(answer["result"])
        return answer["result"]


def _refuse_status_words(result: object) -> None:
    """Refuse a result that is a status: LimeSurvey's way of telling an error.

    Raises:
        SourceError: With what the status means.
    """
    if not isinstance(result, dict):
        return
    status = str(result.get("status", ""))[:_LONGEST_STATUS].lower()
    if status.startswith(_NO_DATA):
        raise unfit("The survey has no responses yet.", "Nothing, if that is so; else its number.")
    if any(words in status for words in _ACCESS_WORDS):
        raise access_refused(
            "LimeSurvey refuses this account.",
            "Look at user, password and plugin, and at the account's right to export the survey.",
        )
    if "language" in status:
        raise unfit("The survey has no texts in this language.", "Look at language of the request.")
    raise unfit("LimeSurvey answered with an error.", "Look at the survey's number and options.")


def _decoded(answer: object) -> bytes:
    """Return the bytes of an export.

    Raises:
        SourceError: It is not in base64, empty, or a page.
    """
    if not isinstance(answer, str):
        raise unfit("What came is no export.", "Look at the request of this source.")
    try:
        content = base64.b64decode("".join(answer.split()), validate=True)
    except (binascii.Error, ValueError):
        raise unfit("What came is no export.", "Look at the request of this source.") from None
    if not content.strip():
        raise unfit("The survey has no responses yet.", "Nothing, if that is so; else its number.")
    return content
