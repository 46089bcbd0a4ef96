"""The figure catalogue: complete, unique, and with words for everything that is printed."""

import pytest

from rapport.instruments import load_catalogue
from rapport.statistics.figures import CATALOGUE, ESTIMATES, FIGURES, Figure
from rapport.statistics.figures.treatment import MEASURE_RANGE

MEASURES = (
    "phq-9", "gad-7", "phq-4", "core-10", "core-om", "oq-45", "k10", "pcl-5", "wsas", "ors",
    "reqol-10", "swls", "flourishing", "who-5", "wemwbs", "swemwbs", "pwbs-18", "pwbs-42",
)  # fmt: skip
RATERS = ("patient", "therapist")
MODES = ("in_person", "video", "telephone", "text", "unstated")


def test_every_promised_figure_is_in_the_catalogue() -> None:
    promised = {
        *(
            f"alliance.{one}.{scale}"
            for one in RATERS
            for scale in ("total", "goal", "task", "bond")
        ),
        "alliance.difference.total",
        *(f"completion.{who}" for who in ("patient", "therapist", "both")),
        *(f"attendance.{what}" for what in ("attended", "missed", "cancelled")),
        "patients.seen",
        *(
            f"outcome.{name}"
            for name in (
                "paired",
                "recovery",
                "reliable_improvement",
                "reliable_recovery",
                "reliable_deterioration",
            )
        ),
        "sessions.attended_per_episode",
        *(f"outcome.{one}.{when}" for one in MEASURES for when in ("pre", "post", "improvement")),
        *(f"rupture.{one}" for one in ("criterion", "chart", "repaired", "unrepaired", "open")),
        *(
            f"reported.{one}.{what}"
            for one in RATERS
            for what in ("rupture", "intensity", "resolution")
        ),
        *(
            f"stage.{stage}.{one}"
            for stage in ("first", "agreeing", "working", "ending")
            for one in RATERS
        ),
        *(f"dropout.{stage}" for stage in ("first", "agreeing", "working")),
        *(f"mode.{mode}.{what}" for mode in MODES for what in ("alliance", "rupture")),
        *(f"real_relationship.{one}" for one in ("rri-c", "rri-c-sf", "rri-t")),
    }
    assert set(FIGURES) == promised


def test_every_promised_estimate_is_in_the_catalogue() -> None:
    promised = {
        *(
            f"{what}.{one}"
            for what in ("adjusted", "therapists", "clinics", "needed", "comparison")
            for one in MEASURES
        ),
        "adjusted.difference",
        "rupture.drop",
        *(
            f"scatter.{one}"
            for one in (
                "recovery", "reliable_improvement", "reliable_recovery", "reliable_deterioration",
            )
        ),
        *(f"surface.{one}" for one in ("a1", "a2", "a3", "a4")),
        *(f"agreement.{one}" for one in RATERS),
        *(f"beside.{one}" for one in ("within", "between")),
        *(f"congruence.{one}" for one in ("bias", "tracking", "correlation")),
        *(f"explained.{one}" for one in ("r", "share", "within", "between")),
        *(f"explained.by_{one}" for one in RATERS),
        *(f"contrast.{mode}" for mode in MODES[1:4]),
        *(
            f"{what}.{form}"
            for what in ("alpha", "omega")
            for form in (
                "wai-sr.patient", "wai-sr-t.therapist", "srs.patient",
                *(f"{one}.patient" for one in MEASURES),
            )
        ),
    }  # fmt: skip
    assert set(ESTIMATES) == promised


@pytest.mark.parametrize("figure", CATALOGUE.values(), ids=lambda figure: figure.id)
def test_every_figure_says_what_it_is(figure: Figure) -> None:
    words = (figure.title, figure.unit, figure.definition, figure.method, figure.source)
    assert all(len(text) > 4 for text in words)
    assert figure.definition.endswith(".")
    assert figure.levels
    assert set(figure.levels) <= {"therapist", "clinic", "sector"}


def test_figures_that_share_an_entry_share_their_definition() -> None:
    shared = {(figure.entry, figure.definition) for figure in CATALOGUE.values() if figure.entry}
    assert len(shared) == len({entry for entry, _ in shared})


def test_a_figure_has_one_name_whichever_way_it_is_computed() -> None:
    assert not set(FIGURES) & set(ESTIMATES)


def test_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        FIGURES["new"] = FIGURES["patients.seen"]  # type: ignore[index]


def test_trends_are_given_for_alliance_totals_and_completion_only() -> None:
    assert {name for name, figure in FIGURES.items() if figure.has_trend} == {
        "alliance.patient.total",
        "alliance.therapist.total",
        "alliance.difference.total",
        "completion.patient",
        "completion.therapist",
        "completion.both",
    }


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_has_the_range_and_the_direction_of_its_instrument(measure: str) -> None:
    instrument = load_catalogue()[measure]
    _, words, low, high = MEASURE_RANGE[measure]
    assert (low, high) == instrument.total_range
    better = "lower" if instrument.direction == "lower_is_better" else "higher"
    assert words.endswith(f"{low:g}–{high:g}, {better} is better")


def test_the_consistency_of_forms_is_of_the_month_and_every_other_estimate_of_the_window() -> None:
    of_month = [one.id for one in ESTIMATES.values() if one.periods == ("month",)]
    assert {one.partition(".")[0] for one in of_month} == {"alpha", "omega"}
    assert all(len(one.periods) == 1 for one in ESTIMATES.values())
