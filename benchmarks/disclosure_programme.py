"""What ties published figures together, as a linear programme: definitions and arithmetic.

Used by :mod:`benchmarks.disclosure_attack`; knows nothing of how figures are suppressed.
"""

from collections.abc import Iterable, Mapping
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
EPSILON = 1e-6


def periods_of(figure: str) -> tuple[str, ...]:
    """Return the periods of which something is known of a figure: all three, or the window."""
    given = FIGURES[figure].periods
    return (*given, "earlier") if "month" in given else given


def is_given(unit: str, figure: str) -> bool:
    """Say whether a figure is computed for a unit: the clinic, or a therapist."""
    return ("clinic" if unit == CLINIC else "therapist") in FIGURES[figure].levels


@dataclass
class Programme:
    """Variables with bounds, and linear rows; solved for the range of any one variable.

    Attributes:
        figures: Figures that the clinic has at all; others are nothing everywhere, and left out.
    """

    figures: frozenset[str] = frozenset(FIGURES)
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
        """Set a variable to what is published; what is nothing everywhere is left out."""
        if cell[2] not in self.figures:
            return
        self.bounds[self.variable(what, cell)] = [value, value]

    def require(
        self, terms: Iterable[tuple[float, str, Cell]], low: float = 0.0, high: float = 0.0
    ) -> None:
        """Add ``low <= sum of terms <= high``; an equation with zero unless said otherwise."""
        row: dict[int, float] = {}
        for factor, what, cell in terms:
            if cell[2] not in self.figures:
                continue
            position = self.variable(what, cell)
            row[position] = row.get(position, 0.0) + factor
        if row:
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
        solver = highspy.Highs()  # type: ignore[no-untyped-call]  # HiGHS has no types
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
            if not is_given(unit, figure) or "month" not in definition.periods:
                continue
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
    for figure in (one for one in FIGURES if is_given(therapists[0], one)):
        for period in periods_of(figure):
            cells = [(one, period, figure) for one in therapists]
            for what in ("n", "s"):
                programme.require(
                    [*((1.0, what, cell) for cell in cells), (-1.0, what, (CLINIC, period, figure))]
                )
            whole = (1.0, "p", (CLINIC, period, figure))
            programme.require([whole, *((-1.0, "p", cell) for cell in cells)], -FREE, 0.0)
            for cell in cells:
                programme.require([whole, (-1.0, "p", cell)], 0.0, FREE)


BOTH = (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize)


class Seen:
    """The smallest and largest value that any solution has given to each variable."""

    def __init__(self, size: int) -> None:
        self.low = np.full(size, np.inf)
        self.high = np.full(size, -np.inf)

    def add(self, solution: np.ndarray) -> None:
        """Take note of a solution."""
        self.low = np.minimum(self.low, solution)
        self.high = np.maximum(self.high, solution)

    def is_open(self, position: int, is_whole: bool) -> bool:
        """Say whether two different values of a variable have been seen."""
        low, high = self.low[position], self.high[position]
        if is_whole:
            return bool(np.floor(high + EPSILON) - np.ceil(low - EPSILON) >= 1)
        return bool(high - low >= EPSILON)


def solve(solver: highspy.Highs, position: int, sense: highspy.ObjSense) -> np.ndarray:
    """Return a solution at one end of a variable; raise if there is none."""
    return solve_sum(solver, {position: 1.0}, sense)


def solve_sum(
    solver: highspy.Highs, terms: Mapping[int, float], sense: highspy.ObjSense
) -> np.ndarray:
    """Return a solution at one end of a sum of variables (position → factor).

    Raises:
        RuntimeError: There is no solution: the published figures contradict each other.
    """
    for position, factor in terms.items():
        solver.changeColCost(position, factor)
    solver.changeObjectiveSense(sense)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        solver.clearSolver()  # numerical trouble on a warm start: once more from the beginning
        solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"the published figures contradict: {solver.getModelStatus()}")
    solution = np.array(solver.getSolution().col_value)
    for position in terms:
        solver.changeColCost(position, 0.0)
    return solution
