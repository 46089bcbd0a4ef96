"""Estimates of two views held against each other: agreement, surface, real relationship."""

from collections.abc import Iterator

from rapport.statistics.figures.figure import CLINIC_AND_SECTOR, WINDOW_ONLY, Figure

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
            "than chance. Neither of the two is the truth.",
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
