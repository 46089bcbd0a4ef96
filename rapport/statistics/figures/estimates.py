"""Estimates of models: adjusted outcomes, the dyad, what the alliance explains, consistency.

An estimate rests on many patients at once and is no sum over them; it is published over twelve
months (the consistency of forms: over the month), and only beside figures that are published
themselves.
"""

from collections.abc import Iterator

from rapport.statistics.figures.figure import MONTH_ONLY, Figure, estimate
from rapport.statistics.figures.process import MODES, REPAIR_WINDOW
from rapport.statistics.figures.treatment import MEASURE_RANGE, SESSION_NOUN

CONSISTENCY_FORMS = (
    "wai-sr.patient",
    "wai-sr-t.therapist",
    "srs.patient",
    *(f"{one}.patient" for one in MEASURE_RANGE),
)
"""Forms whose internal consistency is told."""

FUNNEL_SHARES = {
    "recovery": "Recovery",
    "reliable_improvement": "Reliable improvement",
    "reliable_recovery": "Reliable recovery",
    "reliable_deterioration": "Reliable deterioration",
}
"""Shares of finished episodes that are held against the limits of a funnel → their names."""

FEWEST_FORMS = 50
"""Complete forms that an estimate of consistency rests on at least."""

_SHRUNKEN = (
    "Patients within therapists (within clinics, for a clinic) of all clinics: random intercept, "
    "restricted maximum likelihood. The estimate is drawn towards the mean by as much as it is "
    "unreliable (empirical Bayes), and stands at the average case mix; the 95 % interval allows "
    "for mean and variances being estimated."
)
_SHRUNKEN_SOURCE = (
    "Robinson (1991), Stat Sci 6:15-32; Prasad & Rao (1990), JASA 85:163-171; Wampold & Brown "
    "(2005), J Consult Clin Psychol 73:914-923"
)
_BETWEEN = (
    "Share of the variance that is left after the case mix; random intercepts, restricted "
    "maximum likelihood, 95 % profile-likelihood interval."
)


def estimates() -> Iterator[Figure]:
    """Yield every estimate, in the order in which a report tells them."""
    yield from _adjusted()
    yield from _sector_wide()
    yield from _scatter()
    yield from _contrasts()
    yield from _consistency()


def _adjusted() -> Iterator[Figure]:
    """Yield each therapist's and clinic's improvement at the average case mix."""
    for measure, (name, _, low, high) in MEASURE_RANGE.items():
        yield estimate(
            f"adjusted.{measure}",
            f"{name}: improvement, adjusted",
            "Improvement (better positive) that a patient with the average first score, and the "
            "average of the covariates that are named beside the table, could expect, over "
            "finished episodes with both scores. What else differs between patients is not known "
            "here.",
            entry="Improvement, adjusted",
            unit="points",
            method=_SHRUNKEN,
            source=_SHRUNKEN_SOURCE,
            levels=("therapist", "clinic"),
            limits=(low - high, high - low),
        )
    yield estimate(
        "adjusted.difference",
        "Difference between the two sides, adjusted",
        "Mean over dyads of the patient's item mean minus the therapist's, drawn towards that of "
        "all therapists.",
        unit="item-mean points",
        method=_SHRUNKEN.replace("the average case mix", "nothing else held equal"),
        source=_SHRUNKEN_SOURCE,
        levels=("therapist",),
        limits=(-4.0, 4.0),
        noun=("dyad", "dyads"),
    )


def _sector_wide() -> Iterator[Figure]:
    """Yield what is said of all clinics together."""
    for measure, (name, _, low, high) in MEASURE_RANGE.items():
        for who in ("therapists", "clinics"):
            yield estimate(
                f"{who}.{measure}",
                f"{name}: variance between {who}",
                "Share of the variance of improvement that lies between clinics, or between the "
                "therapists of a clinic, after the first score and the covariates named beside the "
                "table.",
                entry="Variance between clinics, between therapists",
                unit="share of variance",
                method=_BETWEEN,
                source="Bates et al. (2015), J Stat Softw 67(1); published: 5 to 8 % (Wampold & "
                "Brown 2005; Schiefele et al. 2017)",
                levels=("sector",),
                limits=(0.0, 1.0),
            )
        yield estimate(
            f"needed.{measure}",
            f"{name}: patients needed to tell therapists apart",
            "Patients of one therapist with both scores from which the estimate has a reliability "
            "of 0.7.",
            entry="Patients needed to tell therapists apart",
            unit="patients",
            method="λ/(1 − λ) · (1 − ICC)/ICC with λ = 0.7; the interval from that of the ICC.",
            source="Spearman (1910) and Brown (1910), Br J Psychol 3:271-322",
            levels=("sector",),
            limits=(0.0, None),
        )
        yield estimate(
            f"comparison.{measure}",
            f"{name}: improvement, public minus private, standardised",
            "Difference that would remain if patients of both sectors began with the same first "
            "scores, and the same covariates where they are named beside the table. Sectors differ "
            "in much else, and who goes where is no accident: no effect of the sector.",
            entry="Public minus private, standardised",
            unit="points",
            method="Regression standardisation on the case mix over all patients; 95 % interval "
            "from the cluster-robust standard error by clinic.",
            source="Robins (1986), Math Model 7:1393-1512; Hernán & Robins (2020), Causal "
            "Inference: What If, chapter 13",
            levels=("sector",),
            limits=(low - high, high - low),
        )
    yield estimate(
        "rupture.drop",
        "What counts as a marked fall",
        "Two within-patient standard deviations of the patient's item mean, pooled over all "
        f"clinics; a fall is repaired within {REPAIR_WINDOW} rated sessions or not.",
        unit="item-mean points",
        method="Square root of the pooled within-patient variance, times two; no interval.",
        source="Gumz et al. (2012), BMC Med Res Methodol 12:10, for two standard deviations",
        levels=("sector",),
        limits=(0.0, None),
        noun=("form", "forms"),
    )


def _scatter() -> Iterator[Figure]:
    """Yield how much more the clinics of a sector scatter than chance alone would have it."""
    for share, name in FUNNEL_SHARES.items():
        yield estimate(
            f"scatter.{share}",
            f"{name}: scatter of clinics, as a multiple of chance",
            "Mean squared distance of the clinics of a sector from the sector's share, in units of "
            "what chance alone makes of clinics of their sizes. 1: chance alone; above 1, the "
            "limits of the funnel are widened by its square root.",
            entry="Scatter of clinics",
            unit="ratio",
            method="Over-dispersion φ of z-scores winsorised at a tenth of each end, over clinics "
            "with ten finished episodes or more; no interval.",
            source="Spiegelhalter (2005), Qual Saf Health Care 14:347-351",
            levels=("sector",),
            limits=(0.0, None),
        )


def _contrasts() -> Iterator[Figure]:
    for mode, words in MODES.items():
        if mode in ("in_person", "unstated"):
            continue
        yield estimate(
            f"contrast.{mode}",
            f"Alliance {words}, against in person",
            "Difference of the patient's item mean from sessions in person, of the same patients. "
            "Why a session was held so is not known: not an effect of the mode.",
            entry="Session modes against in person",
            unit="item-mean points",
            method="Within-patient contrast with session number held equal; 95 % interval from "
            "the cluster-robust standard error by patient.",
            source="Mundlak (1978), Econometrica 46:69-85; Liang & Zeger (1986)",
            limits=(-4.0, 4.0),
            noun=SESSION_NOUN,
        )


def _consistency() -> Iterator[Figure]:
    for form in CONSISTENCY_FORMS:
        instrument, rater = form.split(".")
        for coefficient, name, method in (
            (
                "alpha",
                "alpha",
                "Cronbach's alpha over complete forms of the month; Feldt's 95 % interval.",
            ),
            ("omega", "omega", "McDonald's omega of one factor over complete forms; no interval."),
        ):
            yield estimate(
                f"{coefficient}.{instrument}.{rater}",
                f"{instrument.upper()}, {rater}: {name}",
                "How consistently the items of the form were answered this month. Given from "
                f"{FEWEST_FORMS} complete forms.",
                entry="Alpha and omega",
                unit="0 to 1",
                method=method,
                source="Cronbach (1951), Psychometrika 16:297-334; Feldt (1965), Psychometrika "
                "30:357-370; McDonald (1999), Test Theory",
                limits=(None, 1.0),
                periods=MONTH_ONLY,
                noun=("form", "forms"),
            )
