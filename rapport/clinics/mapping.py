"""How one clinic's export is to be read: its columns, codes, encoding and dates, declared.

Nothing here is guessed from a file. What a mapping does not declare is not read, and a column
that is neither mapped nor listed as ignored is told to whoever reads the result.
"""

import codecs
import re
import string
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from rapport.clinics.codebook import Codebook
from rapport.clinics.covariates import Covariate, CovariateName, faults_in
from rapport.clinics.layouts import Kept, Layout

MissingReason = Literal["not_asked", "skipped", "refused", "technical"]
"""Why an answer is missing, when the clinic's own code says so."""

ExportFormat = Literal[
    "redcap", "qualtrics", "limesurvey", "surveymonkey", "google_forms", "microsoft_forms",
    "workbook", "spss", "fhir", "delimited",
]  # fmt: skip

_AS_WORKBOOKS = ("workbook", "microsoft_forms", "google_forms", "surveymonkey")

SESSION_MODES = ("in_person", "video", "telephone", "text")
ATTENDANCES = ("attended", "cancelled_by_patient", "cancelled_by_clinic", "missed")
ENDINGS = ("ongoing", "planned", "dropped_out", "referred_on", "other")

EXPORTED = re.compile(r"\{exported:([^{}]+)\}")
"""In a path: the time at which a file was made, in :func:`datetime.strptime` notation."""

SessionNumber = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,3})$")]
Name = Annotated[str, Field(min_length=1, max_length=128)]
ColumnName = Annotated[str, Field(min_length=1, max_length=16384)]
"""Name of a column; in some formats that is the whole text of a question."""


class _Declared(BaseModel):
    """Immutable, and strict about unknown keys: a misspelt key is a fault, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CodedColumn(_Declared):
    """A column whose codes stand for words of Rapport's vocabulary.

    Attributes:
        column: Name of the column in the export.
        codes: The clinic's code → Rapport's word. A code that is not listed breaks a row rule.
    """

    column: ColumnName
    codes: dict[str, str] = Field(min_length=1)


class FormMapping(_Declared):
    """Where one instrument's items stand in an export.

    Attributes:
        instrument: Id in the instrument catalogue, such as ``phq-9``.
        rater: Who filled it in.
        items: The column of each item in the instrument's order, or one pattern in which
            ``{item}`` stands for the item number, such as ``phq{item}`` or ``wai_{item:02d}``.
        codes: Answer as exported → answer on the instrument's scale, where the export holds words
            or another coding. Without it, answers are taken as they are.
        where: Column → value; the form is looked for on rows that have all of these values.
        total: Column with a total computed by the clinic, to be held against the items.
        missing_codes: Code → reason; further missing codes of this form's columns alone, where a
            code is an answer elsewhere in the file (99 may be an age).
    """

    instrument: Name
    rater: Literal["patient", "therapist"]
    items: str | tuple[ColumnName, ...]
    codes: dict[str, str] | None = None
    where: dict[str, str] = Field(default_factory=dict)
    total: str | None = None
    missing_codes: dict[str, MissingReason] = Field(default_factory=dict)

    @field_validator("items")
    @classmethod
    def _pattern_names_the_item(cls, items: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if isinstance(items, str):
            fields = [name for _, name, _, _ in string.Formatter().parse(items) if name is not None]
            if [name for name in fields if name != "block"] != ["item"]:
                raise ValueError("must be a list of columns, or one pattern that holds {item} once")
        return items

    @property
    def key(self) -> str:
        """Name of this form in canonical frames: ``wai-sr.patient``."""
        return f"{self.instrument}.{self.rater}"

    def columns(self, n_items: int) -> tuple[str, ...]:
        """Return the export's column of each item, in order, for ``n_items`` items."""
        if isinstance(self.items, str):
            numbers = range(1, n_items + 1)
            return tuple(self.items.format(item=number, block=Kept()) for number in numbers)
        return self.items


class ExportMapping(Layout):
    """One kind of file that a clinic sends each month.

    Attributes:
        id: Short name of this export within the clinic.
        path: Path below the clinic's source, with ``{month}`` where YYYY-MM stands; ``*`` matches
            within one name. Every file that matches belongs to that clinic-month. Where the name
            says when the file was made, ``{exported:%Y%m%d}`` stands for that time.
        format: Native shape of the file. How each one names its columns stands at the top of its
            module in ``rapport/exports/formats``.
        encoding: Declared text encoding; never detected.
        delimiter: Field delimiter, one character.
        sheet: Name of the sheet with the responses, where a workbook has several.
        header_row: Row of the sheet, or line of a ``delimited`` file, in which the header stands,
            from 1.
        decimal: Decimal mark of numbers.
        dates: Date formats in :func:`datetime.strptime` notation, tried in order; a time of day
            that they describe is read and dropped. ``excel`` and ``excel1904`` stand for the day
            numbers of a spreadsheet in its two calendars.
        missing_codes: Code → reason; applies to every mapped column.
        clinic: Column and the value in it by which a row shows that it belongs to this clinic.
        patient, therapist, session, date, episode: Columns of the keys. A column that is left out
            is not in this export.
        session_codes: Text in the session's column → number of the session, where the export names
            sessions (``therapy_3_arm_1``) instead of counting them.
        session_by_date: Where no column tells sessions apart: the day is the session, numbered
            ``20260203``. One session a patient, episode and day.
        mode, attendance, ending: Coded columns about the session, where the export has them.
        covariates: Name → what is known of the patient at the start, for the case mix; on rows of
            sessions, or on the patient's record. See :mod:`rapport.clinics.covariates`.
        record_rows: Column → value, or values; rows with one of them in each column describe a
            patient, not a session.
        inherited: Keys (``therapist``, ``episode``) that other rows take over from the patient's
            record row.
        test_rows: Column → values; a row with one of these values is a declared test row.
        forms: The instruments in this export.
        ignored: Column names or shell patterns that are known and never read past landing:
            direct identifiers, free text, bookkeeping.
        required: Whether a month without this file is incomplete.
        cumulative: Whether each file holds everything so far. Rows of other months are then
            counted in their own month, and a later file also corrects the months before it.
        complete: Whether each file holds the whole month, so that a row it lacks has been deleted;
            ``false`` if files hold parts of a month. Left out, a file that repeats more than half
            of what was known before counts as whole.
        exported: Column of times; the latest one in a file says when it was made.
        dictionary: REDCap's data dictionary of the project, relative to the folder of the registry.
            With it, codings are checked, identifiers refused, and labels read.
    """

    id: Name
    path: Name
    format: ExportFormat
    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    sheet: Name | None = None
    header_row: int = Field(default=1, ge=1, le=100)
    decimal: Literal[".", ","] = "."
    dates: tuple[Name, ...] = ("%Y-%m-%d",)
    missing_codes: dict[str, MissingReason] = Field(default_factory=dict)
    clinic: dict[str, str] = Field(default_factory=dict)
    patient: ColumnName
    therapist: str | None = None
    session: str | None = None
    date: str | None = None
    episode: str | None = None
    session_codes: dict[str, SessionNumber] = Field(default_factory=dict)
    session_by_date: bool = False
    mode: CodedColumn | None = None
    attendance: CodedColumn | None = None
    ending: CodedColumn | None = None
    covariates: dict[CovariateName, Covariate] = Field(default_factory=dict)
    record_rows: dict[str, str | Annotated[tuple[str, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    inherited: tuple[Literal["therapist", "episode"], ...] = ()
    test_rows: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    forms: tuple[FormMapping, ...] = Field(min_length=1)
    ignored: tuple[str, ...] = ()
    required: bool = True
    cumulative: bool = False
    complete: bool | None = None
    exported: ColumnName | None = None
    dictionary: Name | None = None
    _codebook: Codebook | None = PrivateAttr(default=None)

    @field_validator("encoding")
    @classmethod
    def _encoding_exists(cls, encoding: str) -> str:
        try:
            codecs.lookup(encoding)
            b" ".decode(encoding, "replace")
        except LookupError:
            raise ValueError("is not a text encoding that Python knows") from None
        return codecs.lookup(encoding).name

    @field_validator("path")
    @classmethod
    def _path_stays_below_the_source(cls, path: str) -> str:
        if "{month}" not in path:
            raise ValueError("must hold {month}, the place of YYYY-MM")
        if path.startswith("/") or ".." in path.split("/") or "\\" in path:
            raise ValueError("must stay below the clinic's source")
        if len(EXPORTED.findall(path)) > 1:
            raise ValueError("must hold {exported:...} once at most")
        return path

    @field_validator("dates")
    @classmethod
    def _zones_are_offsets(cls, dates: tuple[str, ...]) -> tuple[str, ...]:
        if any("%Z" in written for written in dates):
            raise ValueError("%Z reads names of zones, which are ambiguous; use %z, an offset")
        return dates

    @model_validator(mode="after")
    def _what_is_cumulative_has_dates(self) -> Self:
        if self.cumulative and self.date is None:
            raise ValueError("cumulative needs date: only it tells months apart")
        if self.cumulative and self.complete is False:
            raise ValueError("complete: a cumulative export holds everything so far")
        if self.exported is not None and EXPORTED.search(self.path):
            raise ValueError("exported: the file's name says it already")
        return self

    @model_validator(mode="after")
    def _a_day_is_a_session_where_nothing_else_says(self) -> Self:
        if self.session_by_date and (self.session is not None or self.date is None):
            raise ValueError("session_by_date needs date, and no column for session")
        return self

    @model_validator(mode="after")
    def _only_redcap_has_a_dictionary(self) -> Self:
        if self.dictionary is not None and self.format != "redcap":
            raise ValueError("dictionary belongs to exports of format redcap")
        return self

    @model_validator(mode="after")
    def _only_workbooks_have_sheets(self) -> Self:
        if self.sheet is not None and self.format not in _AS_WORKBOOKS:
            raise ValueError("sheet belongs to exports that come as workbooks")
        if self.header_row != 1 and self.format not in (*_AS_WORKBOOKS, "delimited"):
            raise ValueError("header_row belongs to workbooks and to delimited files")
        return self

    @model_validator(mode="after")
    def _words_are_known(self) -> Self:
        for field, known in (
            ("mode", SESSION_MODES),
            ("attendance", ATTENDANCES),
            ("ending", ENDINGS),
        ):
            coded: CodedColumn | None = getattr(self, field)
            strange = set(coded.codes.values()) - set(known) if coded else set()
            if strange:
                raise ValueError(f"{field}: codes must stand for one of {', '.join(known)}")
        if self.inherited and not self.record_rows:
            raise ValueError("inherited needs record_rows, the rows to inherit from")
        if fault := faults_in(self.covariates):
            raise ValueError(fault)
        keys = [form.key for form in self.forms]
        if len(keys) != len(set(keys)):
            raise ValueError("forms: an instrument and rater is mapped twice")
        return self

    @property
    def codebook(self) -> Codebook | None:
        """The data dictionary, where the mapping names one and it has been read."""
        return self._codebook

    def with_codebook(self, codebook: Codebook) -> Self:
        """Return this mapping with its data dictionary."""
        held = self.model_copy()
        held._codebook = codebook
        return held

    def file_pattern(self, month: str) -> str:
        """Return the path pattern of one month's files."""
        return self.pattern.replace("{month}", month)

    @property
    def pattern(self) -> str:
        """The path with ``*`` in the place of the time at which a file was made."""
        return EXPORTED.sub("*", self.path)

    @property
    def exported_format(self) -> str | None:
        """How the time stands in a file's name, or ``None`` where no name tells it."""
        found = EXPORTED.search(self.path)
        return found[1] if found else None
