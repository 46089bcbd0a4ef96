"""An attacker against disclosure control: a linear programme over everything that is published.

    python -m benchmarks.disclosure_attack [--clinics 2000] [--seed 0]

The attacker holds one clinic's report of one month. He knows the definitions, the arithmetic that
ties figures together, the rules of suppression and what the labels mean; he may even be one of
the therapists and know everything about herself. For each hidden figure he asks for the smallest
and the largest sum (and count of patients) that all of this allows. A figure is *pinned* if only
one value is left: for a proportion, one whole number; for a mean, a range of no width.

Not counted: a therapist's share where the clinic's own published share is "nobody" or "everybody".
That follows from a sentence about the whole clinic which is large enough to be said.
"""

import argparse
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import highspy
import numpy as np
import pandas as pd

from benchmarks.disclosure_worlds import MONTH, small_world
from rapport.disclosure import Profile, profile_of, publish
from rapport.months import trailing
from rapport.statistics import FIGURES, Aggregates, aggregate

Cell = tuple[str, str, str]
"""Therapist ("" for the clinic), period, figure."""

Variable = tuple[str, Cell]
"""What (``n`` observations, ``s`` sum, ``p`` patients) of which cell."""

CLINIC = ""
MONTHS = [str(month) for month in trailing(MONTH, 12)]
EPSILON = 1e-6
FREE = 1e6
HALF = 0.5

_SESSION = ("attendance.attended", "attendance.missed", "attendance.cancelled")
_COMPLETION = ("completion.patient", "completion.therapist", "completion.both")
_FINISHED = ("outcome.paired", "outcome.reliable_improvement", "outcome.reliable_deterioration")
_CASES = ("outcome.recovery", "outcome.reliable_recovery")


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


@dataclass(frozen=True)
class Pinned:
    """A hidden number that the attacker found."""

    clinic: str
    cell: Cell
    what: str
    low: float
    high: float


def attack(
    published: Aggregates,
    clinic: str,
    profile: Profile,
    insider: tuple[str, Aggregates] | None = None,
) -> tuple[int, list[Pinned]]:
    """Attack one clinic's report.

    Args:
        published: What :func:`rapport.disclosure.publish` gave, unrounded.
        clinic: The clinic.
        profile: Its profile, known to the attacker.
        insider: A therapist of the clinic and the unsuppressed figures, of which only her own are
            read; the targets are then the others' figures of too few patients.

    Returns:
        How many hidden numbers were attacked, and those that were pinned.

    Raises:
        RuntimeError: The published figures contradict each other.
    """
    shown = _readings(published, clinic)
    therapists = sorted({cell[0] for cell in shown} - {CLINIC})
    programme = Programme()
    for unit in (CLINIC, *therapists):
        for figure in FIGURES:
            for period in ("month", "trailing_12"):
                _tell(programme, (unit, period, figure), shown, profile)
    for figure in (name for name, one in FIGURES.items() if one.has_trend):
        for period in MONTHS:
            _tell(programme, (CLINIC, period, figure), shown, profile)
    if insider is not None:
        own = _readings(insider[1], clinic)
        for cell in (one for one in own if one[0] == insider[0]):
            _fix(programme, cell, own[cell])
    _windows(programme, (CLINIC, *therapists))
    _totals(programme, therapists)
    _arithmetic(programme, (CLINIC, *therapists))
    targets = [*_targets(shown, "" if insider is None else insider[0])]
    return len(targets), list(_search(programme, clinic, targets, profile))


def _targets(shown: dict[Cell, dict[str, object]], insider: str) -> Iterator[Variable]:
    """Name what is to be found: sums of hidden figures, and how many patients are "few".

    A colleague looks for other therapists' small numbers only; larger ones may be shown anyway.
    """
    for cell, row in shown.items():
        label = row["suppression"]
        others_small = label == "small_number" and cell[0] not in (insider, CLINIC)
        if not isinstance(label, str) or (insider and not others_small):
            continue
        if FIGURES[cell[2]].kind != "count" and not _follows_from_all(cell, shown):
            yield "s", cell
        if label == "small_number":
            yield "p", cell


def _readings(aggregates: Aggregates, clinic: str) -> dict[Cell, dict[str, object]]:
    rows: dict[Cell, dict[str, object]] = {}
    for table in (aggregates.clinics, aggregates.therapists):
        for row in table[table["clinic_id"] == clinic].to_dict("records"):  # type: ignore[assignment]
            rows[str(row.get("therapist_id", CLINIC)), row["period"], row["figure"]] = row
    return rows


def _tell(
    programme: Programme, cell: Cell, shown: dict[Cell, dict[str, object]], profile: Profile
) -> None:
    """Enter what a report says about one figure: a number, nothing, or that it is hidden."""
    row = shown.get(cell)
    if row is None:
        for what in ("n", "s", "p"):
            programme.fix(what, cell, 0.0)
    elif isinstance(row["suppression"], str):
        _enter_hidden(programme, cell, str(row["suppression"]), profile)
    else:
        _fix(programme, cell, row)


def _fix(programme: Programme, cell: Cell, row: dict[str, object]) -> None:
    n = float(row["n_observations"])  # type: ignore[arg-type]
    programme.fix("n", cell, n)
    programme.fix("p", cell, float(row["n_patients"]))  # type: ignore[arg-type]
    if FIGURES[cell[2]].kind != "count":
        programme.fix("s", cell, float(row["value"]) * n)  # type: ignore[arg-type]


def _enter_hidden(programme: Programme, cell: Cell, label: str, profile: Profile) -> None:
    """The label says whether a hidden figure has few patients, none included, or enough."""
    few = profile.minimum_patients - 1.0
    programme.variable("n", cell)
    programme.bounds[programme.variable("p", cell)] = (
        [0.0, few] if label == "small_number" else [float(profile.minimum_patients), FREE]
    )
    programme.variable("s", cell)


def _windows(programme: Programme, units: Iterable[str]) -> None:
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


def _totals(programme: Programme, therapists: list[str]) -> None:
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


def _arithmetic(programme: Programme, units: Iterable[str]) -> None:
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


_ENDS = {
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


def _follows_from_all(cell: Cell, shown: dict[Cell, dict[str, object]]) -> bool:
    """Whether a share that is published for a larger group settles this one for each part."""
    unit, period, figure = cell
    definition = FIGURES[figure]
    settled_by = [(figure, definition.minimum), (figure, definition.maximum)]
    for container in ((CLINIC, period), (CLINIC, "trailing_12"), (unit, "trailing_12")):
        for name, value in [*settled_by, *_ENDS.get(figure, [])]:
            row = shown.get((*container, name))
            if row is not None and row["value"] == value:
                return True
    return False


def _search(
    programme: Programme, clinic: str, targets: list[Variable], profile: Profile
) -> Iterator[Pinned]:
    """Ask for the ends of each target, unless other answers have shown two values already.

    Of a group that may turn out to have nobody in it, nothing is found; a count of patients is
    found only if it is below the profile's minimum.
    """
    solver = programme.solver()
    seen = _Seen(len(programme.bounds))
    for what, cell in targets:
        position = programme.variable(what, cell)
        is_whole = what == "p" or FIGURES[cell[2]].kind == "proportion"
        if seen.is_open(position, is_whole):
            continue
        for sense in _BOTH:
            seen.add(_solve(solver, position, sense))
        patients = programme.variable("p", cell)
        if seen.is_open(position, is_whole):
            continue
        seen.add(_solve(solver, patients, highspy.ObjSense.kMaximize))
        at_most = seen.high[patients]
        is_few = at_most < profile.minimum_patients - HALF
        if at_most > HALF and (what == "s" or is_few):
            yield Pinned(clinic, cell, what, float(seen.low[position]), float(seen.high[position]))


_BOTH = (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize)


class _Seen:
    """The smallest and largest value that any solution has given to each variable."""

    def __init__(self, size: int) -> None:
        self.low = np.full(size, np.inf)
        self.high = np.full(size, -np.inf)

    def add(self, solution: np.ndarray) -> None:
        self.low = np.minimum(self.low, solution)
        self.high = np.maximum(self.high, solution)

    def is_open(self, position: int, is_whole: bool) -> bool:
        low, high = self.low[position], self.high[position]
        if is_whole:
            return bool(np.floor(high + EPSILON) - np.ceil(low - EPSILON) >= 1)
        return bool(high - low >= EPSILON)


def _solve(solver: highspy.Highs, position: int, sense: highspy.ObjSense) -> np.ndarray:
    solver.changeColCost(position, 1.0)
    solver.changeObjectiveSense(sense)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"the published figures contradict: {solver.getModelStatus()}")
    solution = np.array(solver.getSolution().col_value)
    solver.changeColCost(position, 0.0)
    return solution


def campaign(*, seed: int, n_clinics: int, profile: str, with_colleagues: bool) -> pd.DataFrame:
    """Attack many clinics, from outside and from within; return one row an attack.

    Args:
        seed: Seed of the worlds.
        n_clinics: Clinics in one world.
        profile: Disclosure profile of all of them; rounding is left off, for the attacker's ease.
        with_colleagues: Whether a therapist of each clinic attacks as well.

    Returns:
        ``clinic``, ``by`` (``outsider`` or ``colleague``), ``attacked``, ``pinned``, ``cells``.
    """
    world = small_world(seed, n_clinics=n_clinics)
    computed = aggregate(**world, month=MONTH)
    names = list(world["clinics"]["clinic_id"])
    published = publish(
        computed, profiles_by_clinic=dict.fromkeys(names, profile), clinics=world["clinics"]
    )
    published = _unrounded(published, computed)
    rows = []
    for name in names:
        found = attack(published, name, profile_of(profile))
        rows.append((name, "outsider", *found))
        people = published.therapists.loc[published.therapists["clinic_id"] == name]
        for person in people["therapist_id"].unique()[: int(with_colleagues)]:
            found = attack(published, name, profile_of(profile), (person, computed))
            rows.append((name, "colleague", *found))
    table = pd.DataFrame(rows, columns=["clinic", "by", "attacked", "cells"])
    return table.assign(pinned=table["cells"].map(len))


def _unrounded(published: Aggregates, computed: Aggregates) -> Aggregates:
    """Give the attacker the exact numbers of everything that is shown."""
    exact = []
    for shown, known in (
        (published.therapists, computed.therapists),
        (published.clinics, computed.clinics),
    ):
        keys = [key for key in ("clinic_id", "therapist_id", "period", "figure") if key in shown]
        numbers = ["n_patients", "n_observations", "value"]
        merged = shown.drop(columns=numbers).merge(
            known[[*keys, *numbers]], on=keys, how="left", validate="one_to_one"
        )
        exact.append(merged)
    return Aggregates(exact[0], exact[1], published.sectors, published.groups)


def main() -> None:
    """Run a campaign and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clinics", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--profile", default="standard")
    given = parser.parse_args()
    started = time.perf_counter()
    table = campaign(
        seed=given.seed, n_clinics=given.clinics, profile=given.profile, with_colleagues=True
    )
    print(table.groupby("by")[["attacked", "pinned"]].sum().to_string())
    for by, cells in zip(table["by"], table["cells"], strict=True):
        for cell in cells[:3]:
            print(by, cell)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
