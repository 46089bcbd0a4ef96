"""What several kinds of source have in common: secrets, limits, addresses, words for the month."""

import re
from collections.abc import Mapping
from typing import Annotated, Generic, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rapport.months import Month

DEFAULT_SIZE_LIMIT = 512 * 1024 * 1024
"""Largest file that is taken unless a setting says otherwise, in bytes."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Hosts that are this very machine."""

_WORD = re.compile(r"\{[a-z_]*\}")
_MONTH_WORDS = ("{month}", "{month_start}", "{month_end}", "{next_month_start}")
_SECRET_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", re.ASCII)

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Names = tuple[Annotated[str, Field(min_length=1, max_length=200)], ...]


class Declared(BaseModel):
    """Immutable, and strict about unknown keys: a misspelt key is a fault, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Secret(Declared):
    """Where a secret is: in an environment variable, or in a file.

    The name of a variable must hold an underscore: that tells it from a token that somebody put
    here by mistake, and whose text must not be told back in a message.

    Attributes:
        env: Name of the environment variable, such as ``HILL_REDCAP_TOKEN``.
        file: Absolute path of a file that holds the secret and nothing else.
    """

    env: Annotated[str, Field(max_length=80)] | None = None
    file: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_no_secret(cls, given: object) -> object:
        if not isinstance(given, Mapping | Secret):
            raise ValueError("must say where the secret is: {env: NAME} or {file: /PATH}")  # noqa: TRY004 - pydantic tells it as a fault
        return given

    @model_validator(mode="after")
    def _names_one_place(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("must name one place: {env: NAME} or {file: /PATH}")
        if self.env is not None and not _SECRET_NAME.fullmatch(self.env):
            raise ValueError("env must be a name such as HILL_TOKEN, and never the secret itself")
        if self.file is not None and not self.file.startswith("/"):
            raise ValueError("file must be an absolute path")
        return self

    @property
    def place(self) -> str:
        """Where it is, in words that may be told."""
        return f"environment variable {self.env}" if self.env else f"file {self.file}"


class RemotePlace(Declared):
    """What every source behind a network has: time-outs, attempts and a limit.

    Attributes:
        connect_seconds: How long a connection may take to come about.
        read_seconds: How long the other side may be silent.
        whole_seconds: How long one listing or one file may take, with all attempts.
        attempts: How often a fault of the network is met with another try; one of access never is.
        wait_seconds: The wait before the second attempt; it doubles from one to the next, up to
            a minute.
        size_limit: Largest file that is taken, in bytes.
    """

    connect_seconds: Seconds = 10.0
    read_seconds: Seconds = 60.0
    whole_seconds: Seconds = 600.0
    attempts: int = Field(default=4, ge=1, le=10)
    wait_seconds: float = Field(default=1.0, ge=0, le=60)
    size_limit: int = Field(default=DEFAULT_SIZE_LIMIT, ge=1, le=4 * 1024**3)

    @property
    def secrets(self) -> dict[str, Secret]:
        """Key → where its secret is, for every secret that this source needs."""
        found = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: value for name, value in found if isinstance(value, Secret)}


class WebPlace(RemotePlace):
    """What is reached by HTTPS.

    Attributes:
        ca_file: Certificates (PEM) that are trusted instead of the machine's own.
        allow_plain_http_on_loopback: Whether an ``http://`` address of this very machine is
            taken; for tests, and for a tunnel that begins here.
    """

    ca_file: Annotated[str, Field(pattern="^/")] | None = None
    allow_plain_http_on_loopback: bool = False

    def require_address(self, key: str, url: str) -> None:
        """Refuse an address that is not HTTPS, or that holds a password.

        Raises:
            ValueError: With key and reason, and without the address.
        """
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or not (url.isascii() and url.isprintable()) or " " in url:
            raise ValueError(f"{key} must be an address such as https://host/path")
        if "@" in parts.netloc:
            raise ValueError(f"{key} must not hold a user or a password")
        is_allowed = self.allow_plain_http_on_loopback and host in LOOPBACK
        if parts.scheme != "https" and not (parts.scheme == "http" and is_allowed):
            raise ValueError(f"{key} must begin with https://")


Request = TypeVar("Request")


class AskedPlace(WebPlace, Generic[Request]):
    """What gives a file only when it is asked for one: there is nothing to be listed.

    Attributes:
        requests: Export id → what it asks for.
        while_running: Whether a month that has not ended yet is asked for as well.
    """

    while_running: bool = False
    requests: dict[str, Request] = Field(min_length=1)


def filled(template: str, month: str) -> str:
    """Return a template with the words for the month replaced.

    Args:
        template: Text with ``{month}`` (YYYY-MM), ``{month_start}``, ``{month_end}`` (first and
            last day, YYYY-MM-DD) or ``{next_month_start}``.
        month: The month, ``YYYY-MM``.
    """
    asked = Month.parse(month)
    days = (asked.first_day, asked.last_day, asked.plus(1).first_day)
    for word, text in zip(_MONTH_WORDS, (month, *map(str, days)), strict=True):
        template = template.replace(word, text)
    return template


def names_the_month(template: str) -> bool:
    """Whether a template holds a word for the month."""
    return any(word in template for word in _MONTH_WORDS)


def require_known_words(key: str, template: str) -> None:
    """Refuse a template that holds a word in braces that does not stand for the month.

    Raises:
        ValueError: With the key and the words that there are.
    """
    if set(_WORD.findall(template)) - set(_MONTH_WORDS):
        raise ValueError(f"{key} may hold only {', '.join(_MONTH_WORDS)} in braces")


def stays_below(folder: str) -> str:
    """Return the name of a folder below the inbox.

    Raises:
        ValueError: It leads out of the inbox.
    """
    if folder.startswith("/") or ".." in folder.split("/") or "\\" in folder:
        raise ValueError("must be a folder below the inbox")
    return folder
