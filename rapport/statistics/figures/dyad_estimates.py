"""Estimates of the dyad: congruence, what the alliance explains, two views side by side."""

from collections.abc import Iterator

from rapport.statistics.figures.figure import CLINIC_AND_SECTOR, WINDOW_ONLY, Figure, estimate
from rapport.statistics.figures.treatment import SESSION_NOUN

PUBLISHED_R = 0.278
"""Correlation of alliance and outcome: Flückiger et al. (2018), Psychotherapy 55:316-340."""

EXPLAINED_MEASURE = "phq-9"
"""The outcome that the alliance is held against."""

_DYADS = "Random intercept for each dyad, restricted maximum likelihood; 95 % normal interval."

_DYAD_SOURCE = (
    "West & Kenny (2011), Psychol Rev 118:357-378; Atzil-Slonim et al. (2015), J Couns Psychol "
    "62:629-641"
)

_LAGGED = (
    "Score of the next session on the patient's own mean of the alliance and the deviation from "
    "it, with the session number; random intercept for each patient, restricted maximum "
    "likelihood; 95 % normal interval."
)

_LAGGED_SOURCE = (
    "Curran & Bauer (2011), Annu Rev Psychol 62:583-619; Falkenström et al. (2013), J Consult "
    "Clin Psychol 81:317-328"
)

_CORRELATION = "Pearson's r over finished episodes; 95 % interval by Fisher's z."

_FISHER = "Fisher (1921), Metron 1:3-32"

SURFACE = {
    "a1": "along agreement, slope",
    "a2": "along agreement, curvature",
    "a3": "along difference, slope",
    "a4": "along difference, curvature",
}
"""Sum of coefficients → what it says."""

_SURFACE_SOURCE = (
    "Edwards & Parry (1993), Acad Manage J 36:1577-1613; Shanock et al. (2010), J Bus Psychol "
    "25:543-554"
)


def congruence() -> Iterator[Figure]:
    """Yield how far the two sides rate alike over sessions."""
    for name, title, definition, limits in (
        (
            "bias",
            "How far therapists rate from their patients",
            "Therapist's item mean minus the patient's, at the patient's own mean; negative: "
            "therapists rate lower.",
            (-4.0, 4.0),
        ),
        (
            "tracking",
            "How far therapists follow their patients",
            "Points by which the therapist's rating moves with one point of the same patient's "
            "over sessions; 1: moves along, 0: does not follow.",
            (None, None),
        ),
    ):
        yield estimate(
            f"congruence.{name}",
            title,
            f"{definition} Truth-and-bias model over sessions rated by both.",
            unit="item-mean points",
            method=_DYADS,
            source=_DYAD_SOURCE,
            limits=limits,
            noun=SESSION_NOUN,
        )
    yield estimate(
        "congruence.correlation",
        "Correlation of the two sides over sessions",
        "Correlation of both ratings within a dyad over its sessions, pooled over dyads with more "
        "than three sessions rated by both.",
        unit="correlation",
        method="Fisher's z, weighted by sessions − 3; 95 % normal interval.",
        source=_FISHER,
        limits=(-1.0, 1.0),
        noun=SESSION_NOUN,
    )


def explained() -> Iterator[Figure]:
    """Yield what goes with the alliance: improvement, and the next session's symptoms."""
    yield estimate(
        "explained.r",
        "Alliance and improvement: correlation",
        "Correlation over finished episodes of the mean alliance as the patient rated it with "
        "improvement on the PHQ-9, both held against the first score (partial correlation). "
        f"Published over 295 studies: {PUBLISHED_R:g}.",
        unit="correlation",
        method=_CORRELATION.replace("Pearson's r", "Partial correlation"),
        source=f"{_FISHER}; Flückiger et al. (2018), Psychotherapy 55:316-340",
        limits=(-1.0, 1.0),
    )
    yield estimate(
        "explained.share",
        "Share of improvement that goes with the alliance",
        "Square of that correlation. Published: .278² = 7.7 %. It is no proof that the alliance "
        "causes improvement.",
        unit="share of variance",
        method="Square of the partial correlation; interval from its ends, from 0 where they "
        "enclose 0.",
        source=f"{_FISHER}; Flückiger et al. (2018), Psychotherapy 55:316-340",
        limits=(0.0, 1.0),
    )
    for part in ("within", "between"):
        yield estimate(
            f"explained.{part}",
            f"Next PHQ-9 after a higher alliance, {part} patients",
            "Points of the next session's PHQ-9 (lower is better) per point of alliance above the "
            "patient's own mean (within), or of that mean (between).",
            entry="Next PHQ-9 after a higher alliance",
            unit="points per point",
            method=_LAGGED,
            source=_LAGGED_SOURCE,
            noun=("pair of sessions", "pairs of sessions"),
        )
    for rater in ("patient", "therapist"):
        yield estimate(
            f"explained.by_{rater}",
            f"Next PHQ-9 and the alliance as the {rater} rates it",
            "Points of the next session's PHQ-9 per point of one side's rating above its own mean, "
            "with the other side's rating held equal.",
            entry="Next PHQ-9, by each side's view",
            unit="points per point",
            method=_LAGGED.replace("the alliance and", "both sides' alliance and"),
            source="Cook & Kenny (2005), Int J Behav Dev 29:101-109, for actor and partner effects",
            levels=("sector",),
            noun=("pair of sessions", "pairs of sessions"),
        )


def surface() -> Iterator[Figure]:
    """Yield the four sums of a response surface: improvement by both sides' alliance."""
    for name, words in SURFACE.items():
        yield Figure(
            id=f"surface.{name}",
            title=f"Improvement by both sides’ alliance: {words}",
            unit="points per point",
            definition="Improvement on the PHQ-9 over finished episodes by the patient's and the "
            "therapist's mean alliance, their squares and product, around the middle of the "
            "scale. a1, a2: slope and curvature where both agree; a3, a4: where they differ; a "
            "negative a4: any difference goes with less.",
            method="Polynomial regression; errors cluster-robust by dyad, 95 % t interval.",
            source=_SURFACE_SOURCE,
            kind="estimate",
            family="surface",
            levels=("sector",),
            periods=WINDOW_ONLY,
            entry="Both sides as a surface",
        )


def agreement() -> Iterator[Figure]:
    """Yield how far marked falls and reported ruptures are the same sessions."""
    for rater in ("patient", "therapist"):
        yield Figure(
            id=f"agreement.{rater}",
            title=f"Marked falls and ruptures that {rater}s report",
            unit="kappa",
            definition="Agreement beyond chance, over sessions with both, of a marked fall of the "
            "score with a rupture reported after the session. 1: the same sessions; 0: no more "
            "than chance. Neither of the two is the truth. Given from forty patients.",
            method="Cohen's kappa; 95 % t interval, standard error robust by patient.",
            source="Cohen (1960), Educ Psychol Meas 20:37-46; items: Muran et al. (2009), "
            "Psychotherapy 46:233-248",
            kind="estimate",
            family="agreement",
            levels=CLINIC_AND_SECTOR,
            periods=WINDOW_ONLY,
            minimum=-1.0,
            maximum=1.0,
            noun=("session", "sessions"),
            entry="Marked falls beside reported ruptures",
        )


def beside() -> Iterator[Figure]:
    """Yield how far the real relationship and the alliance go together."""
    for part in ("within", "between"):
        yield Figure(
            id=f"beside.{part}",
            title=f"Real relationship and alliance, {part} patients",
            unit="correlation",
            definition="Correlation of the patient's real relationship and working alliance, over "
            "sessions of the same patient (within) and over patients' means (between).",
            method="Repeated-measures correlation within, Pearson's r between; Fisher's interval.",
            source="Bakdash & Marusich (2017), Front Psychol 8:456; Fisher (1921), Metron 1:3-32",
            kind="estimate",
            family="beside",
            levels=CLINIC_AND_SECTOR,
            periods=WINDOW_ONLY,
            minimum=-1.0,
            maximum=1.0,
            noun=("session", "sessions"),
            entry="Real relationship beside the alliance",
        )
