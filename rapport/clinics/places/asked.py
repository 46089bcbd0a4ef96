"""Sources that are asked for a month: REDCap, LimeSurvey, an HTTPS address."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rapport.clinics.places.kinds import (
    AskedPlace,
    Declared,
    Names,
    Secret,
    filled,
    names_the_month,
    require_known_words,
)

_ANY_MONTH = "2000-01"
"""Any month at all, to see what an address looks like with one in it."""


class RedcapRequest(Declared):
    """What one export asks of REDCap.

    Attributes:
        filter_logic: REDCap's own logic; rows for which it is false are left out by REDCap.
            ``{month_start}``, ``{month_end}``, ``{next_month_start}`` in it stand for days,
            ``{month}`` for YYYY-MM.
        changed_from, changed_before: Only records created or changed in this time; same words.
        fields, forms, events: Only these, by their unique names.
        survey_fields, data_access_groups: Whether REDCap's own columns about these are wanted.
    """

    filter_logic: str | None = None
    changed_from: str | None = None
    changed_before: str | None = None
    fields: Names = ()
    forms: Names = ()
    events: Names = ()
    survey_fields: bool = False
    data_access_groups: bool = False

    @model_validator(mode="after")
    def _words_are_known(self) -> Self:
        for key in ("filter_logic", "changed_from", "changed_before"):
            require_known_words(key, getattr(self, key) or "")
        return self

    @property
    def is_for_one_month(self) -> bool:
        """Whether the reply holds the month alone; a time of change says nothing about that."""
        return names_the_month(self.filter_logic or "")

    @property
    def is_whole(self) -> bool:
        """Whether the reply holds everything so far."""
        return not (self.filter_logic or self.changed_from or self.changed_before)


class RedcapPlace(AskedPlace[RedcapRequest]):
    """A REDCap project, by its API.

    Attributes:
        url: Address of the API; it ends in ``/api/``.
        token: Where the project's token is.
    """

    type: Literal["redcap"]
    url: str
    token: Secret

    @model_validator(mode="after")
    def _address_is_safe(self) -> Self:
        self.require_address("url", self.url)
        return self


class LimesurveyRequest(Declared):
    """What one export asks of LimeSurvey.

    LimeSurvey cannot choose by date: the reply holds every month, and the export is cumulative.

    Attributes:
        survey: Number of the survey.
        language: Language of the texts; the survey's own, if left out.
        completion: Which responses.
        heading: What stands in the header: ``code``, ``full`` or ``abbreviated``.
        answers: ``short`` for codes, ``long`` for texts.
        fields: Only these columns.
        from_response, to_response: First and last response, by number.
    """

    survey: int = Field(ge=1)
    language: Annotated[str, Field(pattern=r"^[a-zA-Z]{2,3}(-[A-Za-z-]+)?$")] | None = None
    completion: Literal["all", "complete", "incomplete"] = "all"
    heading: Literal["code", "full", "abbreviated"] = "code"
    answers: Literal["short", "long"] = "short"
    fields: Names = ()
    from_response: int | None = Field(default=None, ge=1)
    to_response: int | None = Field(default=None, ge=1)


class LimesurveyPlace(AskedPlace[LimesurveyRequest]):
    """A LimeSurvey installation, by RemoteControl 2.

    Attributes:
        url: Address of the interface; it ends in ``/admin/remotecontrol``.
        user, password: Where the account's secrets are.
        plugin: LimeSurvey's plugin that knows the account.
    """

    type: Literal["limesurvey"]
    url: str
    user: Secret
    password: Secret
    plugin: Annotated[str, Field(min_length=1, max_length=64)] = "Authdb"

    @model_validator(mode="after")
    def _address_is_safe(self) -> Self:
        self.require_address("url", self.url)
        return self


class HttpsPlace(AskedPlace[str]):
    """Files behind addresses that hold the month.

    Attributes:
        requests: Export id → address with ``{month}``, or another word for the month, in it.
        bearer: Where a bearer token is.
        user, password: Where the secrets of basic authentication are.
    """

    type: Literal["https"]
    bearer: Secret | None = None
    user: Secret | None = None
    password: Secret | None = None

    @model_validator(mode="after")
    def _addresses_are_safe_and_name_the_month(self) -> Self:
        for export_id, url in self.requests.items():
            key = f"requests.{export_id}"
            require_known_words(key, url)
            self.require_address(key, filled(url, _ANY_MONTH))
            if not names_the_month(url):
                raise ValueError(f"{key} must name the month, such as {{month}}")
        return self

    @model_validator(mode="after")
    def _has_one_way_in(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together")
        if self.bearer is not None and self.user is not None:
            raise ValueError("needs either bearer, or user and password")
        return self
