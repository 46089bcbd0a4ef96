"""How one clinic's export is to be read: its columns, codes, encoding and dates, declared.

Nothing here is guessed from a file. What a mapping does not declare is not read, and a column
that is neither mapped nor listed as ignored is told to whoever reads the result.
"""

import codecs
import string
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

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
    """

    instrument: Name
    rater: Literal["patient", "therapist"]
    items: str | tuple[ColumnName, ...]
    codes: dict[str, str] | None = None
    where: dict[str, str] = Field(default_factory=dict)
    total: str | None = None

    @field_validator("items")
    @classmethod
    def _pattern_names_the_item(cls, items: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if isinstance(items, str):
            fields = [name for _, name, _, _ in string.Formatter().parse(items) if name is not None]
            if fields != ["item"]:
                raise ValueError("must be a list of columns, or one pattern that holds {item} once")
        return items

    @property
    def key(self) -> str:
        """Name of this form in canonical frames: ``wai-sr.patient``."""
        return f"{self.instrument}.{self.rater}"

    def columns(self, n_items: int) -> tuple[str, ...]:
        """Return the export's column of each item, in order, for ``n_items`` items."""
        if isinstance(self.items, str):
            return tuple(self.items.format(item=number) for number in range(1, n_items + 1))
        return self.items


class ExportMapping(_Declared):
    """One kind of file that a clinic sends each month.

    Attributes:
        id: Short name of this export within the clinic.
        path: Path below the clinic's source, with ``{month}`` where YYYY-MM stands; ``*`` matches
            within one name. Every file that matches belongs to that clinic-month.
        format: Native shape of the file. How each one names its columns stands at the top of its
            module in ``rapport/exports/formats``.
        encoding: Declared text encoding; never detected.
        delimiter: Field delimiter, one character.
        sheet: Name of the sheet with the responses, where a workbook has several.
        header_row: Row of the sheet, from 1, in which the header stands.
        decimal: Decimal mark of numbers.
        dates: Date formats in :func:`datetime.strptime` notation, tried in order; a time of day
            that they describe is read and dropped.
        missing_codes: Code → reason; applies to every mapped column.
        clinic: Column and the value in it by which a row shows that it belongs to this clinic.
        patient, therapist, session, date, episode: Columns of the keys. A column that is left out
            is not in this export.
        mode, attendance, ending: Coded columns about the session, where the export has them.
        record_rows: Column → value; rows with these values describe a patient, not a session.
        inherited: Keys (``therapist``, ``episode``) that other rows take over from the patient's
            record row.
        test_rows: Column → values; a row with one of these values is a declared test row.
        forms: The instruments in this export.
        ignored: Column names or shell patterns that are known and never read past landing:
            direct identifiers, free text, bookkeeping.
        required: Whether a month without this file is incomplete.
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
    mode: CodedColumn | None = None
    attendance: CodedColumn | None = None
    ending: CodedColumn | None = None
    record_rows: dict[str, str] = Field(default_factory=dict)
    inherited: tuple[Literal["therapist", "episode"], ...] = ()
    test_rows: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    forms: tuple[FormMapping, ...] = Field(min_length=1)
    ignored: tuple[str, ...] = ()
    required: bool = True

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
        return path

    @model_validator(mode="after")
    def _only_workbooks_have_sheets(self) -> Self:
        names_a_sheet = self.sheet is not None or self.header_row != 1
        if names_a_sheet and self.format not in _AS_WORKBOOKS:
            raise ValueError("sheet and header_row belong to exports that come as workbooks")
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
        keys = [form.key for form in self.forms]
        if len(keys) != len(set(keys)):
            raise ValueError("forms: an instrument and rater is mapped twice")
        return self

    def file_pattern(self, month: str) -> str:
        """Return the path pattern of one month's files."""
        return self.path.replace("{month}", month)
