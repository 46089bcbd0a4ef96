"""Long files: one row an item, put together to one row a form.

Rows that agree in everything but item and answer are one form. An item that stands there twice
begins a second row with the same key: if both say the same throughout, the second is a repetition;
if not, the rule on unique keys refuses both. A form stands on its first line, and each of its items
remembers its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rapport.clinics.mapping import ExportMapping
from rapport.errors import ExportRefusedError, Fault
from rapport.exports.columns import is_declared, missing_names, row_columns
from rapport.exports.layouts.ends import broken_places
from rapport.exports.table import Table
from rapport.instruments import Instrument

MOST_TOLD = 20
"""Undeclared item codes that are told at once."""


@dataclass(slots=True)
class _Form:
    """One form while its items are being found.

    Attributes:
        row: The row on which it begins.
        line: The line of that row.
        answers: Item code → answer.
        lines: Item code → line, of items on other lines.
    """

    row: list[str]
    line: int
    answers: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def widened(table: Table, mapping: ExportMapping, catalogue: Mapping[str, Instrument]) -> Table:
    """Put the rows of each form together.

    Args:
        table: The long file.
        mapping: Names the columns of item and answer; its forms name item codes.
        catalogue: Instruments by id: how many items each form has.

    Returns:
        One row a form; rows with a wrong number of fields stay alone and empty. Columns are those
        of the file without item and answer, then every declared item code.

    Raises:
        ExportRefusedError: ``MISSING_COLUMN``, ``DUPLICATE_COLUMN``, ``FIELD_COUNT``, or
            ``WRONG_FORMAT`` – an item code is neither mapped nor ignored.
    """
    item, answer = mapping.item or "", mapping.answer or ""
    wanted = (*row_columns(mapping), *mapping.unread_rows, item, answer)
    missing_names(table, tuple(dict.fromkeys(wanted)), mapping)
    broken = broken_places(table, mapping, catalogue, read=wanted, answered=(answer,))
    codes = _codes(mapping, catalogue)
    forms = _Forms(table, mapping, codes)
    for place, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        if place in broken:
            forms.add_broken(line)
        else:
            forms.add(row, line)
    return forms.table()


def _codes(mapping: ExportMapping, catalogue: Mapping[str, Instrument]) -> tuple[str, ...]:
    names: list[str] = []
    for form in mapping.forms:
        names += form.columns(catalogue[form.instrument].n_items)
        names += [form.total] if form.total is not None else []
    return tuple(dict.fromkeys(names))


class _Forms:
    """The forms of one file, in the order of their first lines."""

    def __init__(self, table: Table, mapping: ExportMapping, codes: tuple[str, ...]) -> None:
        self._table, self._mapping, self._codes = table, mapping, codes
        self._known = frozenset(codes)
        places = {name: place for place, name in enumerate(table.header)}
        self._item, self._answer = places[mapping.item or ""], places[mapping.answer or ""]
        self._key = [places[name] for name in row_columns(mapping)]
        self._unread = [(places[name], values) for name, values in mapping.unread_rows.items()]
        self._of_key: dict[tuple[str, ...], list[_Form]] = {}
        self._all: list[_Form] = []
        self._strange: dict[str, int] = {}

    def add_broken(self, line: int) -> None:
        """Keep the place of a row that cannot be read."""
        self._all.append(_Form([], line))

    def add(self, row: list[str], line: int) -> None:
        """Put one item where it belongs."""
        if any(row[place] in values for place, values in self._unread):
            return
        code = row[self._item]
        if code and code not in self._known:
            if not is_declared(code, self._mapping):
                self._strange.setdefault(code, line)
            return
        form = self._form(row, line, code)
        if code:
            form.answers[code] = row[self._answer]
            if line != form.line:
                form.lines[code] = line

    def _form(self, row: list[str], line: int, code: str) -> _Form:
        """Return the form of a row's key that has no such item yet."""
        own = self._of_key.setdefault(tuple(row[place] for place in self._key), [])
        for form in own:
            if code not in form.answers:
                return form
        form = _Form(row, line)
        own.append(form)
        self._all.append(form)
        return form

    def table(self) -> Table:
        """Return the forms as a table."""
        self._check_codes()
        kept = [n for n in range(len(self._table.header)) if n not in (self._item, self._answer)]
        header = (*(self._table.header[place] for place in kept), *self._codes)
        return replace(
            self._table,
            header=header,
            rows=[self._cells(form, kept) for form in self._all],
            lines=[form.line for form in self._all],
            is_ended=True,
            codings={},
            cell_lines=tuple(form.lines for form in self._all),
        )

    def _cells(self, form: _Form, kept: list[int]) -> list[str]:
        if not form.row:
            return []
        own = [form.row[place] for place in kept]
        return own + [form.answers.get(code, "") for code in self._codes]

    def _check_codes(self) -> None:
        """Refuse items that nobody has declared: one of them may be a renamed one."""
        lines = sorted(self._strange.values())[:MOST_TOLD]
        if lines:
            raise ExportRefusedError(
                Fault(
                    "WRONG_FORMAT",
                    "A code in the column of items is neither mapped nor listed as ignored.",
                    "Map it, or list it or a pattern under `ignored`; if its whole questionnaire "
                    "is not read, list that under `unread_rows`.",
                    line=line,
                    column=self._mapping.item,
                )
                for line in lines
            )
