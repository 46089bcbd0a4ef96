"""Figures of the process: ruptures and repairs, stages, session modes, the real relationship."""

from collections.abc import Iterator
from dataclasses import replace

from rapport.statistics.figures.figure import (
    CLINIC_AND_SECTOR,
    CLUSTER_SOURCE,
    CLUSTERED_MEAN,
    WILSON,
    WILSON_SOURCE,
    WINDOW_ONLY,
    Figure,
    share_of,
)
from rapport.statistics.figures.treatment import FORM_NOUN, RATERS

RUPTURE_SDS = 2.0
"""Falls of this many standard deviations count as ruptures: the stricter published rule."""

REPAIR_WINDOW = 3
"""Rated sessions within which a repair is looked for."""

CHART_SDS = 2.0
"""Width of a patient's own control limit, in standard deviations."""

CHART_FEWEST = 6
"""Rated sessions that a patient needs for limits of their own."""

STAGES = {
    "first": "first contact",
    "agreeing": "agreeing goals and tasks",
    "working": "working",
    "ending": "ending",
}
"""Stage → its name in words, in the order of treatment."""

MODES = {
    "in_person": "in person",
    "video": "by video",
    "telephone": "by telephone",
    "text": "by text",
    "unstated": "whose mode is not stated",
}
"""Session mode → its name in words. What is not stated is a figure too: it is what remains when
the others are subtracted, and has to be large enough as well."""

RELATIONSHIP_FORMS = {"rri-c": "patient", "rri-c-sf": "patient", "rri-t": "therapist"}
"""Instrument of the real relationship → its rater."""

REPORTED = "psq-rupture"
"""Instrument in which patient and therapist report ruptures after the session."""

_RUPTURE_SOURCE = (
    "Criterion and control-chart families in Eubanks-Carter, Gorman & Muran (2012), Psychother "
    "Res 22:621-637; two standard deviations after Gumz et al. (2012), BMC Med Res Methodol "
    "12:10; the pooled standard deviation and the window of three sessions are Rapport's policy"
)
_STAGE_SOURCE = f"Bands are Rapport's policy, and may be set per clinic; {CLUSTER_SOURCE}"


def ruptures() -> Iterator[Figure]:
    """Yield falls of the patient's alliance score, and what became of them."""
    fall = (
        f"a fall of the patient's item mean of at least {RUPTURE_SDS:g} within-patient standard "
        "deviations (pooled over all clinics and twelve months) since the last rated session"
    )
    yield share_of(
        "rupture.criterion",
        "Sessions with a marked fall of the alliance",
        f"Sessions with {fall} ÷ sessions that have an earlier rated one in the same episode and "
        "twelve months. A score that falls is a reason to ask, not a diagnosis.",
        family="ruptures",
    )
    yield share_of(
        "rupture.chart",
        "Sessions below the patient’s own limit",
        f"Sessions whose item mean lies more than {CHART_SDS:g} standard deviations (mean moving "
        f"range ÷ 1.128) below the patient's own mean ÷ sessions of patients with {CHART_FEWEST} "
        "or more rated sessions in twelve months.",
        family="own_limits",
        levels=CLINIC_AND_SECTOR,
    )
    for state in ("repaired", "unrepaired", "open"):
        yield share_of(
            f"rupture.{state}",
            f"Marked falls: {state}",
            f"Marked falls that are repaired (within {REPAIR_WINDOW} rated sessions a score is "
            "back to within one standard deviation of the one before the fall), that are not, or "
            "that are still open (fewer sessions rated since) ÷ all marked falls.",
            family="repairs",
            levels=CLINIC_AND_SECTOR,
            entry="Repaired, not repaired, still open",
            noun=("fall", "falls"),
        )


def reported_ruptures() -> Iterator[Figure]:
    """Yield ruptures as patient and therapist report them after the session."""
    for rater in RATERS:
        yield share_of(
            f"reported.{rater}.rupture",
            f"Ruptures reported by {rater}s",
            f"Post-session forms of {rater}s that report a rupture ÷ all such forms.",
            family="reported",
            noun=FORM_NOUN,
        )
        for scale, words in (("intensity", "how strong"), ("resolution", "how far resolved")):
            yield _mean(
                f"reported.{rater}.{scale}",
                f"Reported ruptures, {rater}s: {words}",
                f"Mean of {scale}, from 1 to 5, over {rater} forms that report a rupture.",
                family="reported",
            )


def stages() -> Iterator[Figure]:
    """Yield both sides' alliance in each stage of treatment."""
    for rater in RATERS:
        for stage, words in STAGES.items():
            yield _mean(
                f"stage.{stage}.{rater}",
                f"{rater.capitalize()}-rated alliance: {words}",
                "Mean over forms of attended sessions in the stage. Stages are bands of attended "
                "sessions: by default first contact 1–2, agreeing goals and tasks 3–5, working "
                "from 6; the last two of an ended episode, but for those of first contact, are its "
                "ending; sessions after the end have no stage.",
                family="stages",
                entry="Alliance by stage",
                source=_STAGE_SOURCE,
                window_only=True,
            )


def endings_by_stage() -> Iterator[Figure]:
    """Yield the share of treatments that the patient broke off, by the stage they had reached."""
    for stage, words in STAGES.items():
        if stage == "ending":
            continue
        yield Figure(
            id=f"dropout.{stage}",
            title=f"Broken off in the stage: {words}",
            unit="proportion",
            definition="Episodes that ended in the period, by the patient dropping out, with "
            "their last attended session in the stage ÷ ended episodes that reached it.",
            entry="Broken off in a stage",
            method=WILSON,
            source=f"{_STAGE_SOURCE}; {WILSON_SOURCE}",
            kind="proportion",
            family="dropout",
            levels=CLINIC_AND_SECTOR,
            periods=WINDOW_ONLY,
            minimum=0.0,
            maximum=1.0,
            is_clustered=False,
        )


def modes() -> Iterator[Figure]:
    """Yield the patient's alliance, and falls of it, by session mode."""
    for mode, words in MODES.items():
        yield _mean(
            f"mode.{mode}.alliance",
            f"Patient-rated alliance: sessions {words}",
            "Mean over patient forms of sessions held so. Who meets how is chosen, by patient and "
            "therapist: a difference between modes is not an effect of the mode.",
            family="modes",
            entry="Alliance by session mode",
            window_only=True,
        )
        yield share_of(
            f"mode.{mode}.rupture",
            f"Marked falls: sessions {words}",
            "Sessions held so with a marked fall ÷ sessions held so with an earlier rated one.",
            family="modes",
            entry="Marked falls by session mode",
            levels=CLINIC_AND_SECTOR,
            periods=WINDOW_ONLY,
        )


def real_relationship() -> Iterator[Figure]:
    """Yield the real relationship, where a clinic measures it with a key of its own."""
    for instrument, rater in RELATIONSHIP_FORMS.items():
        yield _mean(
            f"real_relationship.{instrument}",
            f"Real relationship, {rater}-rated ({instrument.upper()})",
            "Mean over forms of the mean answer; higher is better. Scored only with a key that the "
            "clinic states itself, because none could be confirmed.",
            family="real_relationship",
            entry="Real relationship (RRI)",
        )


def _mean(
    id: str,
    title: str,
    definition: str,
    *,
    family: str,
    source: str = CLUSTER_SOURCE,
    window_only: bool = False,
    entry: str = "",
) -> Figure:
    """Return a mean over forms on a scale from 1 to 5."""
    figure = Figure(
        id=id,
        title=title,
        unit="item mean, 1–5",
        definition=definition,
        method=CLUSTERED_MEAN,
        source=source,
        kind="mean",
        family=family,
        minimum=1.0,
        maximum=5.0,
        noun=FORM_NOUN,
        entry=entry,
    )
    return replace(figure, levels=CLINIC_AND_SECTOR, periods=WINDOW_ONLY) if window_only else figure
