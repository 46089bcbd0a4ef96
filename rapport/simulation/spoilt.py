"""An export on its way from flawless to sent: its cells, its marks, and which rows are free."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rapport.clinics import ExportMapping
from rapport.simulation.clinics import ClinicProfile
from rapport.simulation.forms import WAI_PATIENT, WAI_THERAPIST, Form
from rapport.simulation.writers.native import NativeFile


@dataclass(frozen=True, slots=True)
class Mark:
    """A defect on a row or a file, before lines are known.

    Attributes:
        kind: What was done.
        row: Data row, from 0; ``None`` if the defect is not one row.
        column: The spoilt column, if it is one.
        rule: Rule that must speak.
        outcome: What must follow.
        of: The file, where it is not the spoilt one itself.
        also: Further rules that cannot but speak with it.
    """

    kind: str
    row: int | None
    column: str | None
    rule: str | None
    outcome: str
    of: NativeFile | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spoilt:
    """A file on its way from flawless to sent.

    Attributes:
        file: The file as it stands.
        mapping: How it is to be read.
        clinic: Whose it is.
        rng: Source of the choice of rows.
        further: More files to send beside it.
        marks: The defects in it.
        taken: Patients whose rows are spoilt already.
        shared: Patient and session of every session that has several rows in the clinic-month.
    """

    file: NativeFile
    mapping: ExportMapping
    clinic: ClinicProfile
    rng: np.random.Generator
    further: tuple[NativeFile, ...] = ()
    marks: tuple[Mark, ...] = ()
    taken: frozenset[str] = frozenset()
    shared: frozenset[tuple[str, str]] = frozenset()

    def cell(self, row: int, column: str) -> str:
        """Return one cell."""
        return self.file.rows[row][self.file.position(column)]

    def with_cell(self, row: int, column: str, value: str) -> "Spoilt":
        """Return the same with one cell changed."""
        cells = list(self.file.rows[row])
        cells[self.file.position(column)] = value
        return self.with_row(row, cells)

    def with_row(self, row: int, cells: Sequence[str]) -> "Spoilt":
        """Return the same with one row changed, or added if ``row`` is one past the last."""
        rows = [*self.file.rows[:row], list(cells), *self.file.rows[row + 1 :]]
        return replace(self, file=self.file.with_rows(rows))

    def marked(self, *marks: Mark, patient: str | None = None) -> "Spoilt":
        """Return the same with marks added, and the patient's rows taken."""
        taken = self.taken | ({patient} if patient else set())
        return replace(self, marks=(*self.marks, *marks), taken=frozenset(taken))

    def chosen_row(self, filled: Sequence[str], *, alone: bool = False) -> int:
        """Return a row that has a plain answer in every one of the columns ``filled``.

        Args:
            filled: Columns of the export.
            alone: Whether it must be the only row of its session.
        """
        places = [self.file.position(column) for column in filled]
        patient = self.file.position(self.mapping.patient)
        missing = self.mapping.missing_codes
        fit = [
            row
            for row, cells in enumerate(self.file.rows)
            if cells[patient] not in self.taken
            and all(cells[place] and cells[place] not in missing for place in places)
            and not (alone and session_of(self.mapping, self.file, cells) in self.shared)
        ]
        return int(self.rng.choice(fit))

    def items(self, form: Form) -> tuple[str, ...]:
        """Return the columns of a form, none if it is not in this export."""
        found = [f for f in self.mapping.forms if f.key == form.key]
        return found[0].columns(form.n_items) if found else ()

    def main_form(self) -> Form:
        """Return the alliance form of this export: the one that most rows hold."""
        return WAI_PATIENT if self.items(WAI_PATIENT) else WAI_THERAPIST


def session_of(mapping: ExportMapping, file: NativeFile, cells: Sequence[str]) -> tuple[str, str]:
    """Return patient and number of the session that a row is about."""
    session = file.position(key_column(mapping.session))
    return cells[file.position(mapping.patient)], cells[session]


def key_column(column: str | None) -> str:
    """Return the name of a column that the defect needs.

    Raises:
        ValueError: The export has no such column: the defect is planned for the wrong export.
    """
    if column is None:
        raise ValueError("the defect needs a column that this export does not have")
    return column
