"""The clinic registry: ``clinics.yaml`` read whole, every fault told at once.

The registry is the one place that says which clinics there are. It holds no data of patients but
the pseudonyms of those who changed from one clinic to another;
therapists stand in it by their pseudonymous id, because an unknown therapist is a fault.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rapport.clinics.changes import ClinicId, MonthName, TakenOver, Term, Transfer, change_faults
from rapport.clinics.covariates import Signature, joint_signatures
from rapport.clinics.dictionaries import joint_hash, with_codebooks
from rapport.clinics.filled_in import check_filled_in
from rapport.clinics.mapping import ExportMapping
from rapport.clinics.places import FolderPlace, Place, SourceSetting, faults_with, identity
from rapport.clinics.places.kinds import stays_below
from rapport.clinics.strict_yaml import faults_of, parse_yaml
from rapport.errors import Fault, RapportError, SettingsError
from rapport.months import Month

TherapistId = Annotated[str, Field(min_length=1, max_length=64)]
Address = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$", max_length=254)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

Sector = Literal["public", "private"]


class StageBands(BaseModel):
    """Where the four stages of treatment lie, counted in attended sessions.

    Attributes:
        first: Last session of the first contact.
        agreeing: Last session of agreeing on goals and tasks; what follows is the working stage.
        ending: Sessions of an ended treatment, counted from its last, that are its ending.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: Annotated[int, Field(ge=1, le=50)] = 2
    agreeing: Annotated[int, Field(ge=2, le=100)] = 5
    ending: Annotated[int, Field(ge=1, le=20)] = 2

    @model_validator(mode="after")
    def _bands_are_in_order(self) -> Self:
        if self.agreeing <= self.first:
            raise ValueError("agreeing must be a later session than first")
        return self


class Clinic(BaseModel):
    """One clinic as the registry describes it.

    Attributes:
        id: Stable id, lower case with dashes; never reused.
        name: Name printed on the report.
        sector: ``public`` or ``private``.
        timezone: IANA zone whose calendar decides to which month a session belongs.
        locale: How dates and numbers are written in the report.
        source: Where the clinic's files arrive: the name of a folder below the home's inbox, or
            one of the kinds of :mod:`rapport.clinics.places`.
        first_month: First month (``YYYY-MM``) the clinic is expected to send.
        disclosure: Id of the disclosure profile.
        recipients: Who receives the report.
        therapists: Ids of the clinic's therapists; a row with another id is refused.
        exports: The kinds of file the clinic sends.
        thresholds: Rule id → threshold that replaces the rule's default for this clinic.
        stages: Where the stages of treatment begin and end.
        confirmed_deletions: Month → SHA-256 of files of which the clinic has confirmed that the
            rows they lack were deleted on purpose.
        patient_id_scheme: Name of the scheme of patient ids, where several clinics share one. A
            patient known in another clinic of the scheme is then refused here.
        transfers: Patients who came here from another clinic of the scheme.
        last_month: Last month (``YYYY-MM``) the clinic sends, where it merged, split or closed.
        takes_over: Clinics whose patients go on here, each from a month on.
        terms: Therapist → days between which he or she works here; all others always do.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: ClinicId
    name: Annotated[str, Field(min_length=1, max_length=120)]
    sector: Sector
    timezone: str
    locale: Annotated[str, Field(pattern=r"^[a-z]{2}(_[A-Z]{2})?$")] = "en_GB"
    source: SourceSetting
    first_month: str
    disclosure: str = "standard"
    recipients: tuple[Address, ...] = ()
    therapists: tuple[TherapistId, ...] = Field(min_length=1)
    exports: tuple[ExportMapping, ...] = Field(min_length=1)
    thresholds: dict[str, float] = Field(default_factory=dict)
    stages: StageBands = Field(default_factory=StageBands)
    confirmed_deletions: dict[MonthName, tuple[Sha256, ...]] = Field(default_factory=dict)
    patient_id_scheme: Annotated[str, Field(min_length=1, max_length=48)] | None = None
    transfers: tuple[Transfer, ...] = ()
    last_month: MonthName | None = None
    takes_over: tuple[TakenOver, ...] = ()
    terms: dict[TherapistId, Term] = Field(default_factory=dict)

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
    def _source_stays_in_the_inbox(cls, source: str | Place) -> str | Place:
        return stays_below(source) if isinstance(source, str) else source

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        if len(set(self.therapists)) != len(self.therapists):
            raise ValueError("therapists: an id stands twice")
        if len({export.id for export in self.exports}) != len(self.exports):
            raise ValueError("exports: an id stands twice")
        joint_signatures(export.covariates for export in self.exports)
        return self

    @model_validator(mode="after")
    def _transfers_have_a_scheme(self) -> Self:
        if self.transfers and self.patient_id_scheme is None:
            raise ValueError("transfers need patient_id_scheme, in which an id means one person")
        return self

    @model_validator(mode="after")
    def _changes_fit(self) -> Self:
        if self.last_month is not None and self.last_month < self.first_month:
            raise ValueError("last_month lies before first_month")
        if unknown := [one for one in self.terms if one not in self.therapists]:
            raise ValueError(f"terms: {len(unknown)} ids are not among the therapists")
        return self

    @model_validator(mode="after")
    def _source_and_exports_agree(self) -> Self:
        if faults := faults_with(self.place, self.exports):
            raise ValueError("; ".join(faults))
        return self

    @property
    def place(self) -> Place:
        """Where the clinic's files arrive; a name alone is a folder."""
        if isinstance(self.source, str):
            return FolderPlace(type="folder", path=self.source)
        return self.source

    @property
    def folder(self) -> str:
        """The clinic's folder below the inbox; empty where its files come from elsewhere."""
        return self.place.path if isinstance(self.place, FolderPlace) else ""

    @property
    def instruments(self) -> tuple[str, ...]:
        """Ids of the instruments in use, in the order in which the exports name them."""
        return tuple(dict.fromkeys(f.instrument for e in self.exports for f in e.forms))

    @property
    def covariates(self) -> dict[str, Signature]:
        """Name → kind and words of the covariates that the exports declare."""
        return joint_signatures(export.covariates for export in self.exports)

    def n_therapists(self, month: str) -> int:
        """Return how many of the therapists work here on some day of a month, ``YYYY-MM``."""
        days = Month.parse(month)
        absent = sum(not t.holds(days.first_day, days.last_day) for t in self.terms.values())
        return len(self.therapists) - absent

    def is_over(self, month: str) -> bool:
        """Whether a month, ``YYYY-MM``, lies behind the last one that the clinic sends."""
        return self.last_month is not None and month > self.last_month

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

    def successors(self, clinic_id: str) -> tuple[str, ...]:
        """Return the names of the clinics in which a clinic's patients go on."""
        return tuple(
            one.name
            for one in self.clinics.values()
            if clinic_id in [other.clinic for other in one.takes_over]
        )


class _File(BaseModel):
    """The top level of ``clinics.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clinics: tuple[Clinic, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        twice = [name for name, n in Counter(c.id for c in self.clinics).items() if n > 1]
        if twice:
            raise ValueError(f"clinics: {', '.join(twice)} stands twice")
        sources: dict[tuple[object, ...], str] = {}
        for clinic in self.clinics:
            other = sources.setdefault(identity(clinic.place), clinic.id)
            if other != clinic.id:
                raise ValueError(f"clinics: {other} and {clinic.id} have the same source folder")
        if faults := list(change_faults(self.clinics)):
            raise ValueError("; ".join(faults))
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
    check_filled_in(content, given, file)
    try:
        parsed = _File.model_validate(given)
    except ValidationError as error:
        raise SettingsError(faults_of(error, file)) from None
    clinics, hashes = _with_dictionaries(parsed.clinics, file.parent)
    return Registry(
        clinics={clinic.id: clinic for clinic in clinics}, sha256=joint_hash(content, hashes)
    )


def _with_dictionaries(
    clinics: Sequence[Clinic], folder: Path
) -> tuple[Sequence[Clinic], Sequence[str]]:
    """Read the data dictionaries that mappings name; return clinics that hold them, and hashes."""
    every = [export for clinic in clinics for export in clinic.exports]
    if all(export.dictionary is None for export in every):
        return clinics, ()
    read, hashes = with_codebooks(every, folder)
    exports = iter(read)
    held = [
        clinic.model_copy(update={"exports": tuple(islice(exports, len(clinic.exports)))})
        for clinic in clinics
    ]
    return held, hashes
