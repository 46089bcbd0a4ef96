"""The figure catalogue: every number that a report may print, with its definition and source.

A figure is printed only if it stands here. Its id is the ``figure`` column of the tables of
figures; its title, unit, definition and method are what the report and the glossary say.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["mean", "proportion", "difference", "count"]
Level = Literal["therapist", "clinic", "sector"]

EVERY_LEVEL: tuple[Level, ...] = ("therapist", "clinic", "sector")

RATERS = ("patient", "therapist")
SCALES = ("total", "goal", "task", "bond")
ALLIANCE_FORMS = {"patient": "wai-sr", "therapist": "wai-sr-t"}
"""Rater → instrument of the alliance figures: two forms with the same 1–5 answers."""

MEASURES = ("phq-9", "gad-7", "swls", "flourishing", "who-5")
"""Instruments whose scores before and after treatment are figures."""

_MEASURE_RANGE = {
    "phq-9": ("PHQ-9", "depression, 0–27, lower is better", 0.0, 27.0),
    "gad-7": ("GAD-7", "anxiety, 0–21, lower is better", 0.0, 21.0),
    "swls": ("SWLS", "satisfaction with life, 5–35, higher is better", 5.0, 35.0),
    "flourishing": ("Flourishing Scale", "flourishing, 8–56, higher is better", 8.0, 56.0),
    "who-5": ("WHO-5", "wellbeing, 0–100, higher is better", 0.0, 100.0),
}

_CLUSTERED_MEAN = (
    "Mean over forms; 95 % interval from the cluster-robust standard error by patient, "
    "t with (patients − 1) degrees of freedom, cut at the ends of the scale. "
    "No interval for one patient or where nothing varies."
)
_CLUSTERED_SHARE = (
    "Share; 95 % Wilson interval on the effective number of sessions (sessions ÷ design effect "
    "of the patients, at least 1; where all sessions agree, the number of patients), "
    "t with (patients − 1) degrees of freedom. No interval for one patient."
)
_WILSON = "Share; 95 % Wilson score interval."
_COUNT = "Count; no interval."

_CLUSTER_SOURCE = "Liang & Zeger (1986), Biometrika 73:13-22, intercept only, factor G/(G − 1)"
_SHARE_SOURCE = (
    "Wilson (1927), JASA 22:209-212, with the effective sample size of "
    "Korn & Graubard (1998), Survey Methodology 24:193-201"
)
_NHS_SOURCE = "NHS Talking Therapies metadata, NHS England"
_WILSON_SOURCE = "Wilson (1927), JASA 22:209-212; Newcombe (1998), Stat Med 17:857-872"


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
        kind: Mean, proportion, difference (a mean of differences) or count of patients.
        levels: Whom it is computed for.
        minimum: Smallest possible value, if there is one.
        maximum: Largest possible value, if there is one.
        family: Figures that can be computed from one another, or nearly; hidden together.
        has_trend: Whether the clinic's last twelve months are given one by one.
        is_clustered: Whether several observations of a patient are expected, so that the
            interval has to allow for their likeness.
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
    minimum: float | None = None
    maximum: float | None = None
    has_trend: bool = False
    is_clustered: bool = True


def _alliance() -> Iterator[Figure]:
    for rater in RATERS:
        for scale in SCALES:
            name = "working alliance" if scale == "total" else f"alliance: {scale}"
            yield Figure(
                id=f"alliance.{rater}.{scale}",
                title=f"{rater.capitalize()}-rated {name}",
                unit="item mean, 1–5",
                definition=f"Mean over {rater} forms of the mean answer of the form's items "
                f"({'all twelve' if scale == 'total' else scale}); higher is better.",
                method=_CLUSTERED_MEAN,
                source=_CLUSTER_SOURCE,
                kind="mean",
                family="alliance",
                minimum=1.0,
                maximum=5.0,
                has_trend=scale == "total",
            )
    yield Figure(
        id="alliance.difference.total",
        title="Difference between the two sides, patient − therapist",
        unit="item-mean points",
        definition="Mean over sessions rated by both of the patient's item mean minus the "
        "therapist's; positive: the patient rates higher.",
        method=_CLUSTERED_MEAN.replace("forms", "sessions"),
        source=_CLUSTER_SOURCE,
        kind="difference",
        family="alliance",
        minimum=-4.0,
        maximum=4.0,
        has_trend=True,
    )


def _session_share(
    figure: str, title: str, definition: str, *, family: str, has_trend: bool
) -> Figure:
    return Figure(
        id=figure,
        title=title,
        unit="proportion",
        definition=definition,
        method=_CLUSTERED_SHARE,
        source=_SHARE_SOURCE,
        kind="proportion",
        family=family,
        minimum=0.0,
        maximum=1.0,
        has_trend=has_trend,
    )


def _sessions() -> Iterator[Figure]:
    for who, form in (
        ("patient", "the patient's alliance form"),
        ("therapist", "the therapist's alliance form"),
        ("both", "both alliance forms"),
    ):
        yield _session_share(
            f"completion.{who}",
            f"Sessions with {form}",
            f"Attended sessions with {form} filled in well enough to be scored ÷ attended "
            "sessions. Sessions whose attendance the export does not state are left out.",
            family="sessions",
            has_trend=True,
        )
    for what, words in (
        ("attended", "attended"),
        ("missed", "missed without notice"),
        ("cancelled", "cancelled, by patient or clinic"),
    ):
        yield _session_share(
            f"attendance.{what}",
            f"Appointments {words}",
            f"Appointments {words} ÷ all appointments whose attendance is stated.",
            family="sessions",
            has_trend=False,
        )
    yield Figure(
        id="patients.seen",
        title="Patients seen",
        unit="patients",
        definition="Distinct patients with at least one session that is not stated to have been "
        "missed or cancelled.",
        method=_COUNT,
        source="Own definition",
        kind="count",
        family="sessions",
        minimum=0.0,
    )


def _outcomes() -> Iterator[Figure]:
    finished = "finished episodes (two or more attended sessions) that ended in the period"
    cases = f"{finished}, less those known not to be cases at the start"
    for name, title, numerator, denominator in (
        ("paired", "Scores before and after", "those with first and last score", finished),
        ("recovery", "Recovery", "cases at the start, below both cut-offs at the end", cases),
        (
            "reliable_improvement",
            "Reliable improvement",
            "reliably better on one measure and reliably worse on none",
            finished,
        ),
        ("reliable_recovery", "Reliable recovery", "recovered and reliably improved", cases),
        (
            "reliable_deterioration",
            "Reliable deterioration",
            "reliably worse on one measure and reliably better on none",
            finished,
        ),
    ):
        yield Figure(
            id=f"outcome.{name}",
            title=title,
            unit="proportion",
            definition=f"{numerator.capitalize()} ÷ {denominator}.",
            method=_WILSON,
            source=f"{_NHS_SOURCE}; {_WILSON_SOURCE}",
            kind="proportion",
            family="outcome",
            minimum=0.0,
            maximum=1.0,
            is_clustered=False,
        )
    yield Figure(
        id="sessions.attended_per_episode",
        title="Sessions in a finished episode",
        unit="sessions",
        definition=f"Attended sessions ÷ {finished}.",
        method=_CLUSTERED_MEAN.replace("forms", "episodes"),
        source=f"{_NHS_SOURCE} (M089); {_CLUSTER_SOURCE}",
        kind="mean",
        family="outcome",
        minimum=2.0,
    )


def _measures() -> Iterator[Figure]:
    for measure in MEASURES:
        short, words, low, high = _MEASURE_RANGE[measure]
        for moment, title, definition in (
            ("pre", "first score", "Mean of the first score"),
            ("post", "last score", "Mean of the last score"),
            ("improvement", "improvement", "Mean change from first to last score, better positive"),
        ):
            change = moment == "improvement"
            yield Figure(
                id=f"outcome.{measure}.{moment}",
                title=f"{short}: {title}",
                unit="points",
                definition=f"{definition} ({words}) over finished episodes with both scores.",
                method=_CLUSTERED_MEAN.replace("forms", "episodes"),
                source=_CLUSTER_SOURCE,
                kind="difference" if change else "mean",
                family=f"outcome.{measure}",
                minimum=low - high if change else low,
                maximum=high - low if change else high,
            )


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        figure.id: figure
        for figures in (_alliance(), _sessions(), _outcomes(), _measures())
        for figure in figures
    }
)
"""Id → figure, in the order in which a report tells them."""
