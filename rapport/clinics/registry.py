"""The clinic registry: ``clinics.yaml`` read whole, every fault told at once.

The registry is the one place that says which clinics there are. It holds no data of patients;
therapists stand in it by their pseudonymous id, because an unknown therapist is a fault.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rapport.clinics.mapping import ExportMapping
from rapport.errors import Fault, RapportError, SettingsError
from rapport.months import Month

ClinicId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=48)]
TherapistId = Annotated[str, Field(min_length=1, max_length=64)]
Address = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$", max_length=254)]

Sector = Literal["public", "private"]


class Clinic(BaseModel):
    """One clinic as the registry describes it.

    Attributes:
        id: Stable id, lower case with dashes; never reused.
        name: Name printed on the report.
        sector: ``public`` or ``private``.
        timezone: IANA zone whose calendar decides to which month a session belongs.
        locale: How dates and numbers are written in the report.
        source: Folder below the home's inbox in which the clinic's files arrive.
        first_month: First month (``YYYY-MM``) the clinic is expected to send.
        disclosure: Id of the disclosure profile.
        recipients: Who receives the report.
        therapists: Ids of the clinic's therapists; a row with another id is refused.
        exports: The kinds of file the clinic sends.
        thresholds: Rule id → threshold that replaces the rule's default for this clinic.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: ClinicId
    name: Annotated[str, Field(min_length=1, max_length=120)]
    sector: Sector
    timezone: str
    locale: Annotated[str, Field(pattern=r"^[a-z]{2}(_[A-Z]{2})?$")] = "en_GB"
    source: Annotated[str, Field(min_length=1)]
    first_month: str
    disclosure: str = "standard"
    recipients: tuple[Address, ...] = ()
    therapists: tuple[TherapistId, ...] = Field(min_length=1)
    exports: tuple[ExportMapping, ...] = Field(min_length=1)
    thresholds: dict[str, float] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("is not an IANA time zone, such as Europe/Warsaw")
        return zone

    @field_validator("first_month")
    @classmethod
    def _is_a_month(cls, month: str) -> str:
        try:
            Month.parse(month)
        except RapportError:
            raise ValueError("must be a month written YYYY-MM") from None
        return month

    @field_validator("source")
    @classmethod
    def _source_stays_in_the_inbox(cls, source: str) -> str:
        if source.startswith("/") or ".." in source.split("/") or "\\" in source:
            raise ValueError("must be a folder below the inbox")
        return source

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        if len(set(self.therapists)) != len(self.therapists):
            raise ValueError("therapists: an id stands twice")
        if len({export.id for export in self.exports}) != len(self.exports):
            raise ValueError("exports: an id stands twice")
        return self

    @property
    def instruments(self) -> tuple[str, ...]:
        """Ids of the instruments in use, in the order in which the exports name them."""
        return tuple(dict.fromkeys(f.instrument for e in self.exports for f in e.forms))

    @property
    def forms(self) -> tuple[str, ...]:
        """Keys (``wai-sr.patient``) of the forms in use."""
        return tuple(dict.fromkeys(form.key for e in self.exports for form in e.forms))


@dataclass(frozen=True)
class Registry:
    """All clinics, in the order of the file, and the hash of what was read.

    Attributes:
        clinics: Id → clinic.
        sha256: Hash of the registry file's bytes: part of every figure's provenance.
    """

    clinics: dict[str, Clinic]
    sha256: str

    def clinic(self, clinic_id: str) -> Clinic:
        """Return one clinic.

        Raises:
            SettingsError: There is no clinic with this id.
        """
        found = self.clinics.get(clinic_id)
        if found is None:
            raise SettingsError(
                Fault(
                    "UNKNOWN_CLINIC",
                    f"There is no clinic {clinic_id!r} in the registry.",
                    f"Use one of: {', '.join(self.clinics) or 'none is registered'}.",
                )
            )
        return found


class _File(BaseModel):
    """The top level of ``clinics.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clinics: tuple[Clinic, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        twice = [name for name, n in Counter(c.id for c in self.clinics).items() if n > 1]
        if twice:
            raise ValueError(f"clinics: {', '.join(twice)} stands twice")
        sources: dict[str, str] = {}
        for clinic in self.clinics:
            other = sources.setdefault(clinic.source, clinic.id)
            if other != clinic.id:
                raise ValueError(f"clinics: {other} and {clinic.id} have the same source folder")
        return self


def load_registry(file: Path) -> Registry:
    """Read and validate ``clinics.yaml`` whole.

    Raises:
        SettingsError: The file is missing, is not YAML, or breaks a rule; every fault at once,
            by key, with a remedy.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            Fault(
                "REGISTRY_FILE",
                f"The clinic registry cannot be read ({error.strerror}).",
                "Run `rapport init DIR`, or set RAPPORT_HOME to an existing home.",
                file=str(file),
            )
        ) from None
    given = parse_yaml(content, file)
    try:
        parsed = _File.model_validate(given)
    except ValidationError as error:
        raise SettingsError(faults_of(error, file)) from None
    return Registry(
        clinics={clinic.id: clinic for clinic in parsed.clinics},
        sha256=hashlib.sha256(content).hexdigest(),
    )


_SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C where PyYAML has it: a registry of 500 clinics reads five times faster."""


class _UniqueKeys(_SafeLoader):  # type: ignore[misc, valid-type] # chosen when the module loads
    """YAML that refuses a key written twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        """Build a mapping after checking that its keys differ."""
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, "a key stands twice", key_node.start_mark
                )
            seen.add(key)
        built: dict[object, object] = super().construct_mapping(node, deep)
        return built


def parse_yaml(content: bytes, file: Path) -> object:
    """Read YAML strictly.

    Raises:
        SettingsError: The bytes are not YAML, or a key stands twice; with the line.
    """
    try:
        return yaml.load(content, Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader, made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SettingsError(
            Fault(
                "YAML",
                f"This is not valid YAML: {getattr(error, 'problem', None) or 'unreadable bytes'}.",
                "Mend the file at this line; indentation and colons are the usual causes.",
                file=str(file),
                line=mark.line + 1 if mark else None,
            )
        ) from None


def faults_of(error: ValidationError, file: Path) -> list[Fault]:
    """Turn a pydantic error into faults that name file and key and never a value."""
    faults = []
    for found in error.errors(include_url=False, include_input=False, include_context=False):
        key = ".".join(str(part) for part in found["loc"]) or "(top level)"
        message = found["msg"].removeprefix("Value error, ")
        faults.append(
            Fault(
                "SETTING",
                f"{key}: {message}.",
                "Correct this key; docs/settings.md lists every key with an example.",
                file=str(file),
                column=key,
            )
        )
    return faults
