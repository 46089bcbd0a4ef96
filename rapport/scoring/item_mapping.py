"""How a table outside any clinic is to be read: ``--map FILE``, or an unmistakable header.

Without a mapping only exact and unmistakable column names are taken for items; everything else is
refused, with what was looked for. Nothing is guessed from the cells.
"""

import codecs
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rapport.clinics.registry import faults_of, parse_yaml
from rapport.errors import Fault, ScoringError, SettingsError
from rapport.instruments import Instrument

Name = Annotated[str, Field(min_length=1, max_length=256)]


class TableFormat(BaseModel):
    """How the bytes of a table become cells.

    Attributes:
        encoding: Declared text encoding; never detected.
        delimiter: Field delimiter, one character.
        decimal: Decimal mark of numbers.
        sheet: Name of the sheet, where a workbook has several.
        missing_codes: Cells that mean "not answered", besides the empty one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."
    sheet: str | None = None
    missing_codes: tuple[str, ...] = ()

    @field_validator("encoding")
    @classmethod
    def _encoding_exists(cls, encoding: str) -> str:
        try:
            return codecs.lookup(encoding).name
        except LookupError:
            raise ValueError("is not an encoding that Python knows") from None


class ItemMapping(TableFormat):
    """A mapping of one table onto one instrument.

    Attributes:
        items: The column of each item in the instrument's order, or one pattern in which
            ``{item}`` stands for the item number, such as ``phq{item}`` or ``wai_{item:02d}``;
            ``None`` where the header speaks for itself.
        codes: Answer as written → answer on the instrument's scale. Without it, answers are
            taken as they are; with it, no other answer is known.
    """

    items: str | tuple[Name, ...] | None = None
    codes: Mapping[str, str] | None = None

    @field_validator("items")
    @classmethod
    def _pattern_names_the_item(
        cls, items: str | tuple[str, ...] | None
    ) -> str | tuple[str, ...] | None:
        if isinstance(items, str):
            fields = [name for _, name, _, _ in string.Formatter().parse(items) if name is not None]
            if fields != ["item"]:
                raise ValueError("must be a list of columns, or one pattern that holds {item} once")
        return items

    def columns(self, header: Sequence[str], instrument: Instrument) -> tuple[str, ...]:
        """Return the column of each item, all of them present once in ``header``.

        Raises:
            ScoringError: Columns are missing, stand twice, or cannot be told.
        """
        if self.items is None:
            return recognised_columns(header, instrument)
        if isinstance(self.items, str):
            named = _filled(self.items, instrument.n_items)
        else:
            named = self.items
        if len(named) != instrument.n_items:
            raise ScoringError(
                Fault(
                    "ITEM_COUNT",
                    f"The map names {len(named)} item columns; {instrument.id} has "
                    f"{instrument.n_items} items.",
                    "Name one column for each item, in the instrument's order.",
                    column="items",
                )
            )
        _require_once(named, header)
        return named


def require_clear_codes(mapping: ItemMapping, instrument: Instrument) -> None:
    """Hold a mapping's codes against the answers that the instrument allows.

    Raises:
        SettingsError: A code stands for no allowed answer, or a missing code could be mistaken
            for an answer; all of them at once.
    """
    allowed = frozenset(
        answer
        for item in range(1, instrument.n_items + 1)
        for answer in instrument.allowed_answers(item)
    )
    codes = mapping.codes or {}
    written = frozenset(codes) if mapping.codes is not None else allowed
    faults = [
        Fault(
            "CODES",
            f"A code stands for no answer that {instrument.id} allows.",
            f"Map it to one of {', '.join(sorted(allowed)[:12])}.",
            column=f"codes.{code}",
        )
        for code, answer in codes.items()
        if answer not in allowed
    ]
    faults += [
        Fault(
            "CODES",
            f"This missing code is also an answer of {instrument.id}.",
            "Take it out of missing_codes, or declare codes that tell the two apart.",
            column=f"missing_codes.{code}",
        )
        for code in mapping.missing_codes
        if code in written
    ]
    if faults:
        raise SettingsError(faults)


def load_mapping(file: Path) -> ItemMapping:
    """Read a mapping file (YAML).

    Raises:
        SettingsError: It cannot be read or breaks a rule; every fault at once.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            Fault(
                "MAP_FILE",
                f"The map cannot be read ({error.strerror}).",
                "Give the path of a YAML file after --map.",
                file=file.name,
            )
        ) from None
    try:
        return ItemMapping.model_validate(parse_yaml(content, Path(file.name)))
    except ValidationError as error:
        raise SettingsError(faults_of(error, Path(file.name))) from None


def recognised_columns(header: Sequence[str], instrument: Instrument) -> tuple[str, ...]:
    """Return the item columns of a header that names them in one known way and no other.

    Known ways are ``q1``, ``item_1``, ``phq-9_1``, ``phq_9_1``, ``phq9_1`` for item 1, each also
    with a leading zero. A further item (``q10`` for nine) means another form, and is refused.

    Raises:
        ScoringError: No way fits, several do, or there are more items than the instrument has.
    """
    ways = _ways(instrument)
    fitting = [way for way in ways if set(_filled(way, instrument.n_items)) <= set(header)]
    if len(fitting) != 1:
        what = "No" if not fitting else "More than one"
        raise ScoringError(
            Fault(
                "ITEM_COLUMNS",
                f"{what} set of item columns was found for {instrument.id} "
                f"({instrument.n_items} items).",
                "Name them in a file given by --map (items: a list, or a pattern such as "
                f"q{{item}}). Looked for, exactly: {_shown(ways, instrument)}.",
            )
        )
    (way,) = fitting
    further = way.format(item=instrument.n_items + 1)
    if further in header:
        raise ScoringError(
            Fault(
                "ITEM_COLUMNS",
                f"The table has more numbered columns than {instrument.id} has items "
                f"({instrument.n_items}).",
                "Check that it is this instrument; if so, name its columns in a file given by "
                "--map.",
                column=further,
            )
        )
    columns = _filled(way, instrument.n_items)
    _require_once(columns, header)
    return columns


def _ways(instrument: Instrument) -> tuple[str, ...]:
    stems = ("q", "item_", *(f"{s}_" for s in _spellings(instrument.id)))
    return tuple(f"{stem}{slot}" for stem in stems for slot in ("{item}", "{item:02d}"))


def _spellings(instrument_id: str) -> tuple[str, ...]:
    spellings = (instrument_id, instrument_id.replace("-", "_"), instrument_id.replace("-", ""))
    return tuple(dict.fromkeys(spellings))


def _shown(ways: Sequence[str], instrument: Instrument) -> str:
    last = instrument.n_items
    return ", ".join(f"{way.format(item=1)} … {way.format(item=last)}" for way in ways)


def _filled(pattern: str, n_items: int) -> tuple[str, ...]:
    return tuple(pattern.format(item=number) for number in range(1, n_items + 1))


def _require_once(columns: Sequence[str], header: Sequence[str]) -> None:
    faults = [
        Fault(
            "MISSING_COLUMN" if name not in header else "DUPLICATE_COLUMN",
            "This item column is not in the table."
            if name not in header
            else "This column stands more than once, in the table or in the map.",
            "Compare the map with the table's first row, letter by letter.",
            column=name,
        )
        for name in dict.fromkeys(columns)
        if list(header).count(name) != 1 or list(columns).count(name) != 1
    ]
    if faults:
        raise ScoringError(faults)
