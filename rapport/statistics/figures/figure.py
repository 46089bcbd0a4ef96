"""What a figure is: one number that a report may print, with its definition and source."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["mean", "proportion", "difference", "count", "estimate"]
Level = Literal["therapist", "clinic", "sector"]
Period = Literal["month", "trailing_12"]

EVERY_LEVEL: tuple[Level, ...] = ("therapist", "clinic", "sector")
CLINIC_AND_SECTOR: tuple[Level, ...] = ("clinic", "sector")
BOTH_PERIODS: tuple[Period, ...] = ("month", "trailing_12")
WINDOW_ONLY: tuple[Period, ...] = ("trailing_12",)
MONTH_ONLY: tuple[Period, ...] = ("month",)

NOTE = " Note: "
"""Stands in a figure's method before what is said of that one figure alone."""

CLUSTERED_MEAN = (
    "Mean over forms; 95 % interval from the bias-reduced cluster-robust error by patient, "
    "t with Satterthwaite's degrees of freedom, cut at the ends of the scale. "
    "No interval for one patient or where nothing varies."
)
CLUSTERED_SHARE = (
    "Share; 95 % Wilson interval on the effective number of sessions (sessions ÷ design effect "
    "of the patients, at least 1; where all sessions agree, the number of patients), "
    "t with Satterthwaite's degrees of freedom. No interval for one patient."
)
WILSON = "Share; 95 % Wilson score interval."
COUNT = "Count; no interval."

CLUSTER_SOURCE = "Bell & McCaffrey (2002), Survey Methodology 28:169-181, intercept only (CR2)"
SHARE_SOURCE = (
    "Wilson (1927), JASA 22:209-212, with the effective sample size of "
    "Korn & Graubard (1998), Survey Methodology 24:193-201"
)
WILSON_SOURCE = "Wilson (1927), JASA 22:209-212; Newcombe (1998), Stat Med 17:857-872"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a report may print.

    Attributes:
        id: Name in the ``figure`` column.
        title: What a reader sees above it.
        unit: Unit of ``value``, ``low`` and ``high``. A ``proportion`` is a fraction in [0, 1].
        definition: What is counted or averaged, over what.
        method: How value and interval are computed; the ``method`` column.
        source: Where definition and method come from.
        kind: Mean, proportion, difference (a mean of differences), count of patients, or an
            estimate of a model.
        family: Figures that can be computed from one another, or nearly; hidden together.
        levels: Whom it is computed for.
        periods: Over which periods.
        minimum: Smallest possible value, if there is one.
        maximum: Largest possible value, if there is one.
        has_trend: Whether the clinic's last twelve months are given one by one.
        is_clustered: Whether several observations of a patient are expected, so that the
            interval has to allow for their likeness.
        noun: What ``n_observations`` counts, one and many; empty for a count of patients.
        entry: Title of the definition that it shares, word for word, with other figures; empty
            if it has one of its own.
    """

    id: str
    title: str
    unit: str
    definition: str
    method: str
    source: str
    kind: Kind
    family: str
    levels: tuple[Level, ...] = EVERY_LEVEL
    periods: tuple[Period, ...] = BOTH_PERIODS
    minimum: float | None = None
    maximum: float | None = None
    has_trend: bool = False
    is_clustered: bool = True
    noun: tuple[str, str] = ("episode", "episodes")
    entry: str = ""


def share_of(
    id: str,
    title: str,
    definition: str,
    *,
    family: str,
    noun: tuple[str, str] = ("session", "sessions"),
    levels: tuple[Level, ...] = EVERY_LEVEL,
    periods: tuple[Period, ...] = BOTH_PERIODS,
    has_trend: bool = False,
    entry: str = "",
) -> Figure:
    """Return a share of which a patient may give several observations."""
    return Figure(
        id=id,
        title=title,
        unit="proportion",
        definition=definition,
        method=CLUSTERED_SHARE,
        source=SHARE_SOURCE,
        kind="proportion",
        family=family,
        levels=levels,
        periods=periods,
        minimum=0.0,
        maximum=1.0,
        has_trend=has_trend,
        noun=noun,
        entry=entry,
    )


def estimate(
    id: str,
    title: str,
    definition: str,
    *,
    unit: str,
    method: str,
    source: str,
    levels: tuple[Level, ...] = CLINIC_AND_SECTOR,
    limits: tuple[float | None, float | None] = (None, None),
    periods: tuple[Period, ...] = WINDOW_ONLY,
    noun: tuple[str, str] = ("episode", "episodes"),
    entry: str = "",
) -> Figure:
    """Return an estimate of a model, over the window unless said otherwise; over one period."""
    return Figure(
        id=id,
        title=title,
        unit=unit,
        definition=definition,
        method=method,
        source=source,
        kind="estimate",
        family=id.partition(".")[0],
        levels=levels,
        periods=periods,
        minimum=limits[0],
        maximum=limits[1],
        noun=noun,
        entry=entry,
    )
