"""Which anxiety measure NHS Talking Therapies looks at for which problem, and its thresholds.

The thresholds belong to that programme's outcome definitions and may differ from what the same
questionnaire's publications call a case or reliable (PCL-5: 10 points here, 15-18 elsewhere).
Where the specific measure of a treatment is not paired, the GAD-7 is looked at instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rapport.instruments import Status
from rapport.scoring.talking_therapies import MeasurePairs, Scores

_MANUAL = "NHS Talking Therapies manual, appendix of outcome measures"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnxietyMeasure:
    """One measure of the programme.

    Attributes:
        id: Short name.
        name: Name in print.
        problems: Problem descriptors (ICD-10) to which it belongs, with what is below them.
        caseness: A score so high or higher is a case.
        is_above: Whether a case lies above ``caseness`` instead (a mean, as of the MI).
        reliable_change: A change of so many points or more is reliable.
        caseness_status: How sure the cut-off is.
        change_status: How sure the reliable change is.
        source: Where both come from.
    """

    id: str
    name: str
    problems: tuple[str, ...]
    caseness: float
    is_above: bool = False
    reliable_change: float
    caseness_status: Status = "cited"
    change_status: Status = "cited"
    source: str = _MANUAL

    def pairs(self, first: Scores, last: Scores) -> MeasurePairs:
        """Return first and last scores, shape (n,) each, with this measure's thresholds."""
        return MeasurePairs(first, last, self.caseness, self.reliable_change, self.is_above)


GAD_7 = AnxietyMeasure(
    id="gad-7",
    name="Generalised Anxiety Disorder scale",
    problems=(),
    caseness=8,
    reliable_change=4,
    caseness_status="checked",
    change_status="checked",
)
"""The measure of every other problem, and what is looked at where a specific one is not paired."""

_SPECIFIC = (
    AnxietyMeasure(
        id="spin",
        name="Social Phobia Inventory",
        problems=("F40.1",),
        caseness=19,
        reliable_change=10,
        caseness_status="checked",
    ),
    AnxietyMeasure(
        id="pdss",
        name="Panic Disorder Severity Scale",
        problems=("F41.0",),
        caseness=8,
        reliable_change=5,
    ),
    AnxietyMeasure(
        id="oci",
        name="Obsessive-Compulsive Inventory (not its revised form)",
        problems=("F42",),
        caseness=40,
        reliable_change=32,
    ),
    AnxietyMeasure(
        id="pcl-5",
        name="PTSD Checklist for DSM-5",
        problems=("F43.1",),
        caseness=32,
        reliable_change=10,
    ),
    AnxietyMeasure(
        id="ies-r",
        name="Impact of Event Scale – Revised (before the PCL-5)",
        problems=(),
        caseness=33,
        reliable_change=9,
    ),
    AnxietyMeasure(
        id="hai",
        name="Health Anxiety Inventory",
        problems=("F45.2",),
        caseness=18,
        reliable_change=4,
        caseness_status="checked",
    ),
    AnxietyMeasure(
        id="mi",
        name="Mobility Inventory, alone",
        problems=("F40.0",),
        caseness=2.3,
        is_above=True,
        reliable_change=0.73,
    ),
)

ANXIETY_MEASURES: Mapping[str, AnxietyMeasure] = MappingProxyType(
    {measure.id: measure for measure in (GAD_7, *_SPECIFIC)}
)
"""Id → measure."""

_BY_PROBLEM = MappingProxyType(
    {problem: measure for measure in _SPECIFIC for problem in measure.problems}
)

_CATEGORY = 3
"""Characters of an ICD-10 category, such as ``F40``."""

_NOT_BELOW = frozenset({"F45.22"})
"""Problems that stand below one with a measure and do not share it: body dysmorphic disorder."""


def anxiety_measure_for(problem: str | None) -> AnxietyMeasure:
    """Return the measure that belongs to a problem descriptor.

    Args:
        problem: An ICD-10 code such as ``F40.1``, or finer (``F40.10``); ``None`` where none is
            recorded.

    Returns:
        The specific measure; the GAD-7 for generalised anxiety, depression, mixed and any other
        problem, and where there is no descriptor.

    Source:
        Clark (2018), Annual Review of Clinical Psychology 14, table 2 (PMC5942544); NHS Digital.
    """
    code = (problem or "").strip().upper()
    if code in _NOT_BELOW:
        return GAD_7
    wider = (code[:length].rstrip(".") for length in range(len(code), _CATEGORY - 1, -1))
    return next((_BY_PROBLEM[one] for one in wider if one in _BY_PROBLEM), GAD_7)
