"""What ties figures of one unit and period together: scales, sums, means, nestings.

Used by :mod:`benchmarks.disclosure_attack`; knows nothing of how figures are suppressed.
"""

from collections.abc import Iterable

from benchmarks.disclosure_programme import (
    CLINIC,
    FREE,
    MONTHS,
    Cell,
    Programme,
    is_given,
    periods_of,
)
from benchmarks.disclosure_worlds import DIRECTION
from rapport.statistics import FIGURES
from rapport.statistics.figures import MEASURES, RATERS
from rapport.statistics.figures.process import MODES, STAGES

WINDOW = "trailing_12"

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


def tie_figures(programme: Programme, units: Iterable[str]) -> None:
    """Enter scales, and the sums, means and nestings of figures within a unit and period."""
    for unit in units:
        for figure in (one for one in FIGURES if is_given(unit, one)):
            for period in periods_of(figure):
                _scale(programme, (unit, period, figure))
        for period in ("month", "trailing_12", "earlier"):
            _sessions(programme, unit, period)
            _outcomes(programme, unit, period)
            _falls(programme, unit, period)
    for period in MONTHS:
        for figure in (name for name, one in FIGURES.items() if one.has_trend):
            _scale(programme, (CLINIC, period, figure))
        _forms(programme, CLINIC, period, ("total",))
    _stages(programme)
    _modes(programme)
    _dropout(programme)


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
    for measure in MEASURES:
        pre, post, gain = (
            (unit, period, f"outcome.{measure}.{moment}")
            for moment in ("pre", "post", "improvement")
        )
        for what in ("n", "p"):
            _same(programme, what, [pre, post, gain])
        programme.require([(1.0, "n", paired), (-1.0, "n", pre)], 0.0, FREE)
        sign = DIRECTION[measure]
        programme.require([(sign, "s", post), (-sign, "s", pre), (-1.0, "s", gain)])


def _falls(programme: Programme, unit: str, period: str) -> None:
    """Falls are judged of forms; what became of them splits them; a chart needs six forms."""
    forms, falls = (unit, period, "alliance.patient.total"), (unit, period, "rupture.criterion")
    programme.require([(1.0, "n", forms), (-1.0, "n", falls)], 0.0, FREE)
    reported = [(unit, period, f"reported.{one}.{{}}") for one in RATERS]
    for _, _, name in reported:
        told = (unit, period, name.format("rupture"))
        for scale in ("intensity", "resolution"):
            degree = (unit, period, name.format(scale))
            programme.require([(1.0, "s", told), (-1.0, "n", degree)], 0.0, FREE)
    if unit != CLINIC:
        return
    became = [(unit, period, f"rupture.{state}") for state in ("repaired", "unrepaired", "open")]
    for what in ("n", "p"):
        _same(programme, what, became)
    programme.require([(1.0, "s", falls), (-1.0, "n", became[0])])
    programme.require([*((1.0, "s", cell) for cell in became), (-1.0, "n", became[0])])
    chart = (unit, period, "rupture.chart")
    programme.require([(1.0, "n", forms), (-1.0, "n", chart)], 0.0, FREE)


def _stages(programme: Programme) -> None:
    """Each form belongs to one stage."""
    for rater in RATERS:
        stages = [(CLINIC, WINDOW, f"stage.{stage}.{rater}") for stage in STAGES]
        _split(programme, (CLINIC, WINDOW, f"alliance.{rater}.total"), stages)


def _modes(programme: Programme) -> None:
    """Each form, and each fall, belongs to one mode, once modes are stated at all."""
    for whole, part in (("alliance.patient.total", "alliance"), ("rupture.criterion", "rupture")):
        modes = [(CLINIC, WINDOW, f"mode.{mode}.{part}") for mode in MODES]
        _split(programme, (CLINIC, WINDOW, whole), modes)
    for mode in MODES:
        forms, falls = ((CLINIC, WINDOW, f"mode.{mode}.{one}") for one in ("alliance", "rupture"))
        programme.require([(1.0, "n", forms), (-1.0, "n", falls)], 0.0, FREE)


def _split(programme: Programme, whole: Cell, parts: list[Cell]) -> None:
    for what in ("n", "s"):
        programme.require([*((1.0, what, part) for part in parts), (-1.0, what, whole)])
    programme.require([*((1.0, "p", part) for part in parts), (-1.0, "p", whole)], 0.0, FREE)
    for part in parts:
        programme.require([(1.0, "p", whole), (-1.0, "p", part)], 0.0, FREE)


def _dropout(programme: Programme) -> None:
    """Who reached a stage was not broken off before; two sessions make a finished episode."""
    first, agreeing, working = (
        (CLINIC, WINDOW, f"dropout.{stage}") for stage in ("first", "agreeing", "working")
    )
    finished = (CLINIC, WINDOW, "outcome.paired")
    for before, after in ((first, agreeing), (agreeing, working)):
        programme.require([(1.0, "n", before), (-1.0, "s", before), (-1.0, "n", after)], 0.0, FREE)
    programme.require([(1.0, "n", first), (-1.0, "n", finished)], 0.0, FREE)
    programme.require([(1.0, "n", finished), (-1.0, "n", agreeing)], 0.0, FREE)
