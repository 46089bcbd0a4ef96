"""How a table outside any clinic is to be read: ``--map FILE``, or an unmistakable header.

Without a mapping only unmistakable column names are taken for items (``item_names``); everything
else is refused, with what could be meant and how to say so.
"""

import codecs
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from rapport.clinics.strict_yaml import faults_of, parse_yaml
from rapport.errors import Fault, ScoringError, SettingsError
from rapport.instruments import Instrument
from rapport.scoring.item_names import recognised_columns

Name = Annotated[str, Field(min_length=1, max_length=256)]


def _as_text(value: object) -> object:
    """Return a number of the YAML file as it is written in cells; truth values are left alone."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


Text = Annotated[str, BeforeValidator(_as_text)]


class TableFormat(BaseModel):
    """How the bytes of a table become cells.

    Attributes:
        encoding: Declared text encoding; without it, that of the byte-order mark, or UTF-8.
        delimiter: Field delimiter, one character; without it, the only one that fits the header.
        decimal: Decimal mark of numbers; without it, the one that the numbers have.
        sheet: Name of the sheet, where a workbook has several.
        missing_codes: Cells that mean "not answered", besides the empty one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    decimal: Literal[".", ","] | None = None
    sheet: str | None = None
    missing_codes: tuple[Text, ...] = ()

    @field_validator("encoding")
    @classmethod
    def _encoding_exists(cls, encoding: str | None) -> str | None:
        if encoding is None:
            return None
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
    codes: Mapping[Text, Text] | None = None

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


def mapping_of(file: Path | None, **given: object) -> ItemMapping:
    """Return the mapping of a file, if there is one, with what was given beside it.

    Args:
        file: A YAML file; ``None`` for none.
        **given: Keys of the mapping that go before those of the file; ``None`` is not given, and
            missing codes are added to those of the file.

    Raises:
        SettingsError: The file cannot be read, or something breaks a rule; every fault at once.
    """
    declared = {} if file is None else load_mapping(file).model_dump(exclude_none=True)
    more = {name: value for name, value in given.items() if value is not None}
    codes = (*declared.get("missing_codes", ()), *_listed(more.pop("missing_codes", ())))
    return _validated({**declared, **more, "missing_codes": codes}, "options")


def _listed(codes: object) -> tuple[object, ...]:
    return tuple(codes) if isinstance(codes, list | tuple) else (codes,)


def _validated(declared: object, source: str) -> ItemMapping:
    try:
        return ItemMapping.model_validate(declared)
    except ValidationError as error:
        raise SettingsError(faults_of(error, Path(source))) from None


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
    return _validated(parse_yaml(content, Path(file.name)), file.name)


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
