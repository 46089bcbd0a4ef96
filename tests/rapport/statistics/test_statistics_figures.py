"""The figure catalogue: complete, unique, and with words for everything that is printed."""

import pytest

from rapport.statistics import FIGURES, Figure


def test_every_promised_figure_is_in_the_catalogue() -> None:
    promised = {
        *(
            f"alliance.{rater}.{scale}"
            for rater in ("patient", "therapist")
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
        *(
            f"outcome.{measure}.{moment}"
            for measure in ("phq-9", "gad-7", "swls", "flourishing", "who-5")
            for moment in ("pre", "post", "improvement")
        ),
    }
    assert set(FIGURES) == promised


@pytest.mark.parametrize("figure", FIGURES.values(), ids=lambda figure: figure.id)
def test_every_figure_says_what_it_is(figure: Figure) -> None:
    words = (figure.title, figure.unit, figure.definition, figure.method, figure.source)
    assert all(len(text) > 4 for text in words)
    assert figure.definition.endswith(".")
    assert set(figure.levels) == {"therapist", "clinic", "sector"}


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
