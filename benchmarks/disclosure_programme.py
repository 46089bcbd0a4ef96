"""What ties published figures together, as a linear programme: definitions and arithmetic.

Used by :mod:`benchmarks.disclosure_attack`; knows nothing of how figures are suppressed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import highspy
import numpy as np

from benchmarks.disclosure_worlds import MONTH
from rapport.months import trailing
from rapport.statistics import FIGURES

Cell = tuple[str, str, str]
"""Therapist ("" for the clinic), period, figure."""

Variable = tuple[str, Cell]
"""What (``n`` observations, ``s`` sum, ``p`` patients) of which cell."""

CLINIC = ""
MONTHS = [str(month) for month in trailing(MONTH, 12)]
FREE = 1e6

_SESSION = ("attendance.attended", "attendance.missed", "attendance.cancelled")
_COMPLETION = ("completion.patient", "completion.therapist", "completion.both")
_FINISHED = ("outcome.paired", "outcome.reliable_improvement", "outcome.reliable_deterioration")
_CASES = ("outcome.recovery", "outcome.reliable_recovery")


ENDS = {
    "attendance.attended": [("attendance.missed", 1.0), ("attendance.cancelled", 1.0)],
    "attendance.missed": [("attendance.attended", 1.0), ("attendance.cancelled", 1.0)],
    "attendance.cancelled": [("attendance.attended", 1.0), ("attendance.missed", 1.0)],
    "completion.patient": [("completion.both", 1.0)],
    "completion.therapist": [("completion.both", 1.0)],
    "completion.both": [("completion.patient", 0.0), ("completion.therapist", 0.0)],
    "outcome.paired": [("outcome.reliable_improvement", 1.0)],
    "outcome.recovery": [("outcome.reliable_recovery", 1.0), ("outcome.paired", 0.0)],
    "outcome.reliable_improvement": [
        ("outcome.reliable_deterioration", 1.0),
        ("outcome.paired", 0.0),
    ],
    "outcome.reliable_recovery": [
        ("outcome.recovery", 0.0),
        ("outcome.reliable_improvement", 0.0),
        ("outcome.paired", 0.0),
    ],
    "outcome.reliable_deterioration": [
        ("outcome.reliable_improvement", 1.0),
        ("outcome.paired", 0.0),
    ],
}
"""Share → other shares that, at this value, settle it for everybody."""


@dataclass
class Programme:
    """Variables with bounds, and linear rows; solved for the range of any one variable."""

    index: dict[Variable, int] = field(default_factory=dict)
    bounds: list[list[float]] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def variable(self, what: str, cell: Cell) -> int:
        """Return the position of a variable, made with bounds 0 … many when first asked for."""
        key = (what, cell)
        if key not in self.index:
            self.index[key] = len(self.bounds)
            self.bounds.append([-FREE if what == "s" else 0.0, FREE])
        return self.index[key]

    def fix(self, what: str, cell: Cell, value: float) -> None:
        """Set a variable to what is published."""
        self.bounds[self.variable(what, cell)] = [value, value]

    def require(
        self, terms: Iterable[tuple[float, str, Cell]], low: float = 0.0, high: float = 0.0
    ) -> None:
        """Add ``low <= sum of terms <= high``; an equation with zero unless said otherwise."""
        row: dict[int, float] = {}
        for factor, what, cell in terms:
            position = self.variable(what, cell)
            row[position] = row.get(position, 0.0) + factor
        self.rows.append((row, low, high))

    def solver(self) -> highspy.Highs:
        """Return the programme as a HiGHS model without an objective."""
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = len(self.bounds), len(self.rows)
        programme.col_cost_ = np.zeros(len(self.bounds))
        programme.col_lower_, programme.col_upper_ = map(np.array, zip(*self.bounds, strict=True))
        programme.row_lower_ = np.array([low for _, low, _ in self.rows])
        programme.row_upper_ = np.array([high for _, _, high in self.rows])
        programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        programme.a_matrix_.start_ = np.cumsum([0] + [len(row) for row, _, _ in self.rows])
        programme.a_matrix_.index_ = np.array([key for row, _, _ in self.rows for key in row])
        programme.a_matrix_.value_ = np.array(
            [factor for row, _, _ in self.rows for factor in row.values()]
        )
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("parallel", "off")
        solver.setOptionValue("solver", "simplex")
        solver.setOptionValue("simplex_strategy", 4)
        solver.passModel(programme)
        return solver


def tie_windows(programme: Programme, units: Iterable[str]) -> None:
    """The trailing window is the month and what was before; for trends, its twelve months."""
    for unit in units:
        for figure, definition in FIGURES.items():
            for what in ("n", "s"):
                programme.require(
                    [
                        (1.0, what, (unit, "month", figure)),
                        (1.0, what, (unit, "earlier", figure)),
                        (-1.0, what, (unit, "trailing_12", figure)),
                    ]
                )
                if unit == CLINIC and definition.has_trend:
                    months = [(1.0, what, (CLINIC, month, figure)) for month in MONTHS]
                    programme.require([*months, (-1.0, what, (CLINIC, "trailing_12", figure))])
                    programme.require([months[-1], (-1.0, what, (CLINIC, "month", figure))])
            _patients(programme, unit, figure)


def _patients(programme: Programme, unit: str, figure: str) -> None:
    """Patients of a window are at least those of each part, at most their sum."""
    whole = (1.0, "p", (unit, "trailing_12", figure))
    parts = [(unit, "month", figure), (unit, "earlier", figure)]
    programme.require([whole, *((-1.0, "p", part) for part in parts)], -FREE, 0.0)
    for part in parts:
        programme.require([whole, (-1.0, "p", part)], 0.0, FREE)


def tie_totals(programme: Programme, therapists: list[str]) -> None:
    """Observations of a clinic are those of its therapists; patients may be shared."""
    if not therapists:
        return
    for figure in FIGURES:
        for period in ("month", "trailing_12", "earlier"):
            cells = [(one, period, figure) for one in therapists]
            for what in ("n", "s"):
                programme.require(
                    [*((1.0, what, cell) for cell in cells), (-1.0, what, (CLINIC, period, figure))]
                )
            whole = (1.0, "p", (CLINIC, period, figure))
            programme.require([whole, *((-1.0, "p", cell) for cell in cells)], -FREE, 0.0)
            for cell in cells:
                programme.require([whole, (-1.0, "p", cell)], 0.0, FREE)


def tie_figures(programme: Programme, units: Iterable[str]) -> None:
    """Enter scales, and the sums, means and nestings of figures within a unit and period."""
    for unit in units:
        periods = ["month", "trailing_12", "earlier"]
        for period in periods:
            for figure in FIGURES:
                _scale(programme, (unit, period, figure))
            _sessions(programme, unit, period)
            _outcomes(programme, unit, period)
    for period in MONTHS:
        for figure in (name for name, one in FIGURES.items() if one.has_trend):
            _scale(programme, (CLINIC, period, figure))
        _forms(programme, CLINIC, period, ("total",))


def _scale(programme: Programme, cell: Cell) -> None:
    """Each observation lies on its scale; each patient has at least one."""
    figure = FIGURES[cell[2]]
    if figure.kind != "count":
        if figure.minimum is not None:
            programme.require([(1.0, "s", cell), (-figure.minimum, "n", cell)], 0.0, FREE)
        if figure.maximum is not None:
            programme.require([(1.0, "s", cell), (-figure.maximum, "n", cell)], -FREE, 0.0)
    programme.require([(1.0, "n", cell), (-1.0, "p", cell)], 0.0, FREE)


def _same(programme: Programme, what: str, cells: list[Cell]) -> None:
    for other in cells[1:]:
        programme.require([(1.0, what, cells[0]), (-1.0, what, other)])


def _sessions(programme: Programme, unit: str, period: str) -> None:
    """Kinds of attendance sum to all; forms belong to attended sessions."""
    kinds = [(unit, period, figure) for figure in _SESSION]
    forms = [(unit, period, figure) for figure in _COMPLETION]
    seen = (unit, period, "patients.seen")
    for what in ("n", "p"):
        _same(programme, what, kinds)
        _same(programme, what, [*forms, seen])
    programme.require([*((1.0, "s", cell) for cell in kinds), (-1.0, "n", kinds[0])])
    programme.require([(1.0, "s", kinds[0]), (-1.0, "n", forms[0])])
    _forms(programme, unit, period, ("total", "goal", "task", "bond"))


def _forms(programme: Programme, unit: str, period: str, scales: tuple[str, ...]) -> None:
    """As many scores as forms; the total is the mean of the parts; both are in each side."""
    patient, therapist, both = ((unit, period, figure) for figure in _COMPLETION)
    difference = (unit, period, "alliance.difference.total")
    for rater, completion in (("patient", patient), ("therapist", therapist)):
        cells = [(unit, period, f"alliance.{rater}.{scale}") for scale in scales]
        _same(programme, "n", cells)
        _same(programme, "p", cells)
        programme.require([(1.0, "s", completion), (-1.0, "n", cells[0])])
        programme.require([(1.0, "s", completion), (-1.0, "s", both)], 0.0, FREE)
        if len(cells) > 1:
            programme.require([(3.0, "s", cells[0]), *((-1.0, "s", part) for part in cells[1:])])
    programme.require([(1.0, "s", both), (-1.0, "n", difference)])
    programme.require(
        [(1.0, "s", patient), (1.0, "s", therapist), (-1.0, "s", both), (-1.0, "n", both)],
        -FREE,
        0.0,
    )
    _paired_difference(programme, unit, period)


def _paired_difference(programme: Programme, unit: str, period: str) -> None:
    """Difference of sums, up to four points for each form that has no counterpart (1 to 5)."""
    patient, therapist, both = ((unit, period, figure) for figure in _COMPLETION)
    terms = [
        (1.0, "s", (unit, period, "alliance.patient.total")),
        (-1.0, "s", (unit, period, "alliance.therapist.total")),
        (-1.0, "s", (unit, period, "alliance.difference.total")),
    ]
    lone = [(1.0, patient, therapist), (-1.0, therapist, patient)]
    for sign, side, other in lone:
        programme.require(
            [
                *((sign * factor, what, cell) for factor, what, cell in terms),
                (-5.0, "s", side),
                (5.0, "s", both),
                (1.0, "s", other),
                (-1.0, "s", both),
            ],
            -FREE,
            0.0,
        )


def _outcomes(programme: Programme, unit: str, period: str) -> None:
    """Shares of finished episodes have one denominator; classes are nested or exclusive."""
    paired, improved, worse = ((unit, period, figure) for figure in _FINISHED)
    recovered, reliably = ((unit, period, figure) for figure in _CASES)
    length = (unit, period, "sessions.attended_per_episode")
    for what in ("n", "p"):
        _same(programme, what, [paired, improved, worse, length])
        _same(programme, what, [recovered, reliably])
        programme.require([(1.0, what, paired), (-1.0, what, recovered)], 0.0, FREE)
    for small, large in (
        (reliably, recovered),
        (reliably, improved),
        (recovered, paired),
    ):
        programme.require([(1.0, "s", large), (-1.0, "s", small)], 0.0, FREE)
    programme.require([(1.0, "s", paired), (-1.0, "s", improved), (-1.0, "s", worse)], 0.0, FREE)
    for measure, direction in (
        ("phq-9", -1.0),
        ("gad-7", -1.0),
        ("swls", 1.0),
        ("flourishing", 1.0),
        ("who-5", 1.0),
    ):
        pre, post, gain = (
            (unit, period, f"outcome.{measure}.{moment}")
            for moment in ("pre", "post", "improvement")
        )
        for what in ("n", "p"):
            _same(programme, what, [pre, post, gain])
        programme.require([(1.0, "n", paired), (-1.0, "n", pre)], 0.0, FREE)
        programme.require([(direction, "s", post), (-direction, "s", pre), (-1.0, "s", gain)])
