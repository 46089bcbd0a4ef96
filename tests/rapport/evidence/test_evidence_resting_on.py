"""What a printed figure rests on: every figure of the catalogue leads to rows."""

import pytest

from rapport.evidence.resting_on import RestsOn, rests_on
from rapport.statistics.figures import CATALOGUE


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("alliance.patient.goal", RestsOn("forms", ("wai-sr",))),
        ("alliance.difference.total", RestsOn("forms", ("wai-sr", "wai-sr-t"))),
        ("stage.working.therapist", RestsOn("forms", ("wai-sr-t",))),
        ("rupture.repaired", RestsOn("forms", ("wai-sr",))),
        ("mode.video.rupture", RestsOn("forms", ("wai-sr",))),
        ("congruence.tracking", RestsOn("forms", ("wai-sr", "wai-sr-t"))),
        ("explained.within", RestsOn("forms", ("wai-sr", "wai-sr-t", "phq-9"))),
        ("reported.patient.rupture", RestsOn("forms", ("psq-rupture",))),
        ("real_relationship.rri-c-sf", RestsOn("forms", ("rri-c-sf",))),
        ("alpha.core-10.patient", RestsOn("forms", ("core-10",))),
        ("dropout.first", RestsOn("episodes")),
        ("sessions.attended_per_episode", RestsOn("episodes")),
        ("outcome.recovery", RestsOn("episodes", ("phq-9", "gad-7"))),
        ("outcome.who-5.post", RestsOn("episodes", ("who-5",))),
        ("adjusted.gad-7", RestsOn("episodes", ("gad-7",))),
        ("adjusted.difference", RestsOn("forms", ("wai-sr", "wai-sr-t"))),
        ("scatter.recovery", RestsOn("episodes", ("phq-9", "gad-7"))),
        ("comparison.swls", RestsOn("episodes", ("swls",))),
        ("patients.seen", RestsOn("sessions")),
        ("completion.both", RestsOn("sessions")),
    ],
)
def test_a_figure_rests_on_the_rows_of_its_instruments(figure: str, expected: RestsOn) -> None:
    assert rests_on(figure) == expected


def test_only_appointments_and_patients_rest_on_sessions_alone() -> None:
    alone = {name for name in CATALOGUE if rests_on(name).kind == "sessions"}
    assert {name.partition(".")[0] for name in alone} == {"completion", "attendance", "patients"}
