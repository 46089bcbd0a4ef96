"""Figures of alliance, sessions and outcomes: sums over forms, sessions and episodes."""

from collections.abc import Iterator

from rapport.statistics.figures.figure import (
    CLUSTER_SOURCE,
    CLUSTERED_MEAN,
    COUNT,
    WILSON,
    WILSON_SOURCE,
    Figure,
    share_of,
)

RATERS = ("patient", "therapist")
SCALES = ("total", "goal", "task", "bond")
ALLIANCE_FORMS = {"patient": "wai-sr", "therapist": "wai-sr-t"}
"""Rater → instrument of the alliance figures: two forms with the same 1–5 answers."""

MEASURE_RANGE = {
    "phq-9": ("PHQ-9", "depression, 0–27, lower is better", 0.0, 27.0),
    "gad-7": ("GAD-7", "anxiety, 0–21, lower is better", 0.0, 21.0),
    "phq-4": ("PHQ-4", "depression and anxiety, 0–12, lower is better", 0.0, 12.0),
    "core-10": ("CORE-10", "distress, 0–40, lower is better", 0.0, 40.0),
    "core-om": ("CORE-OM", "distress, 0–40, lower is better", 0.0, 40.0),
    "oq-45": ("OQ-45.2", "distress, 0–180, lower is better", 0.0, 180.0),
    "k10": ("K10", "distress, 10–50, lower is better", 10.0, 50.0),
    "pcl-5": ("PCL-5", "post-traumatic stress, 0–80, lower is better", 0.0, 80.0),
    "wsas": ("WSAS", "work and social adjustment, 0–40, lower is better", 0.0, 40.0),
    "ors": ("ORS", "how life goes, 0–40, higher is better", 0.0, 40.0),
    "reqol-10": ("ReQoL-10", "quality of life, 0–40, higher is better", 0.0, 40.0),
    "swls": ("SWLS", "satisfaction with life, 5–35, higher is better", 5.0, 35.0),
    "flourishing": ("Flourishing Scale", "flourishing, 8–56, higher is better", 8.0, 56.0),
    "who-5": ("WHO-5", "wellbeing, 0–100, higher is better", 0.0, 100.0),
    "wemwbs": ("WEMWBS", "mental wellbeing, 14–70, higher is better", 14.0, 70.0),
    "swemwbs": ("SWEMWBS", "mental wellbeing, 7–35, higher is better", 7.0, 35.0),
    "pwbs-18": ("PWBS-18", "psychological wellbeing, 18–126, higher is better", 18.0, 126.0),
    "pwbs-42": ("PWBS-42", "psychological wellbeing, 42–252, higher is better", 42.0, 252.0),
}
"""Measure → its name, what it measures in words, smallest and largest score."""

MEASURES = tuple(MEASURE_RANGE)
"""Instruments whose scores before and after treatment are figures."""

FORM_NOUN = ("form", "forms")
SESSION_NOUN = ("session", "sessions")

_NHS_SOURCE = "NHS Talking Therapies metadata, NHS England"
_ANXIETY = (
    "The anxiety measure is the GAD-7, or, where the clinic states the patient's problem and that "
    "problem has a measure of its own with two complete scores, that one."
)


def alliance() -> Iterator[Figure]:
    """Yield both sides' alliance by scale, and the difference between them."""
    for rater in RATERS:
        for scale in SCALES:
            name = "working alliance" if scale == "total" else f"alliance: {scale}"
            yield Figure(
                id=f"alliance.{rater}.{scale}",
                title=f"{rater.capitalize()}-rated {name}",
                unit="item mean, 1–5",
                definition=f"Mean over {rater} forms of the mean of the answered items "
                f"({'of all twelve' if scale == 'total' else scale}), where the form's rule for "
                "missing answers gives a score; higher is better.",
                method=CLUSTERED_MEAN,
                source=CLUSTER_SOURCE,
                kind="mean",
                family="alliance",
                minimum=1.0,
                maximum=5.0,
                has_trend=scale == "total",
                noun=FORM_NOUN,
            )
    yield Figure(
        id="alliance.difference.total",
        title="Difference between the two sides, patient − therapist",
        unit="item-mean points",
        definition="Mean over sessions rated by both of the patient's item mean minus the "
        "therapist's; positive: the patient rates higher.",
        method=CLUSTERED_MEAN.replace("forms", "sessions"),
        source=CLUSTER_SOURCE,
        kind="difference",
        family="alliance",
        minimum=-4.0,
        maximum=4.0,
        has_trend=True,
        noun=SESSION_NOUN,
    )


def sessions() -> Iterator[Figure]:
    """Yield appointments, forms filled in, and patients seen."""
    for who, form in (
        ("patient", "the patient's alliance form"),
        ("therapist", "the therapist's alliance form"),
        ("both", "both alliance forms"),
    ):
        yield share_of(
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
        yield share_of(
            f"attendance.{what}",
            f"Appointments {words}",
            f"Appointments {words} ÷ all appointments whose attendance is stated.",
            family="sessions",
            noun=("appointment", "appointments"),
        )
    yield Figure(
        id="patients.seen",
        title="Patients seen",
        unit="patients",
        definition="Distinct patients with at least one session that is not stated to have been "
        "missed or cancelled.",
        method=COUNT,
        source="Own definition",
        kind="count",
        family="sessions",
        minimum=0.0,
        noun=("", ""),
    )


def outcomes() -> Iterator[Figure]:
    """Yield what became of finished episodes."""
    finished = "finished episodes (two or more attended sessions) that ended in the period"
    cases = f"{finished}, less those known not to be cases at the start"
    for name, title, numerator, denominator in (
        (
            "paired",
            "Scores before and after",
            "Those with first and last score on PHQ-9 and anxiety measure, complete forms only",
            finished,
        ),
        (
            "recovery",
            "Recovery",
            "Cases at the start on PHQ-9 or anxiety measure, below both cut-offs at the end",
            cases,
        ),
        (
            "reliable_improvement",
            "Reliable improvement",
            "Reliably better on PHQ-9 or anxiety measure and reliably worse on neither",
            finished,
        ),
        ("reliable_recovery", "Reliable recovery", "Recovered and reliably improved", cases),
        (
            "reliable_deterioration",
            "Reliable deterioration",
            "Reliably worse on PHQ-9 or anxiety measure and reliably better on neither",
            finished,
        ),
    ):
        yield Figure(
            id=f"outcome.{name}",
            title=title,
            unit="proportion",
            definition=f"{numerator} ÷ {denominator}. {_ANXIETY}",
            method=WILSON,
            source=f"{_NHS_SOURCE}; {WILSON_SOURCE}",
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
        method=CLUSTERED_MEAN.replace("forms", "episodes"),
        source=f"{_NHS_SOURCE} (M089); {CLUSTER_SOURCE}",
        kind="mean",
        family="outcome",
        minimum=2.0,
    )


def measures() -> Iterator[Figure]:
    """Yield scores before and after treatment, and improvement."""
    for measure in MEASURES:
        short, _, low, high = MEASURE_RANGE[measure]
        for moment, title in (
            ("pre", "first score"),
            ("post", "last score"),
            ("improvement", "improvement"),
        ):
            change = moment == "improvement"
            yield Figure(
                id=f"outcome.{measure}.{moment}",
                title=f"{short}: {title}",
                unit="points",
                definition="Mean of the first score, of the last score, and of the change from "
                "first to last (better positive), over finished episodes with both scores, some of "
                "them prorated.",
                entry="Scores before and after treatment, and improvement",
                method=CLUSTERED_MEAN.replace("forms", "episodes"),
                source=CLUSTER_SOURCE,
                kind="difference" if change else "mean",
                family=f"outcome.{measure}",
                minimum=low - high if change else low,
                maximum=high - low if change else high,
            )
