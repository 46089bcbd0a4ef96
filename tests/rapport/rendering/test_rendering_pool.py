"""Many reports: in order, the same bytes as one by one, and one fault stops nobody else."""

import pytest

from rapport.errors import RenderingError
from rapport.rendering.pdf import render_notice
from rapport.rendering.pool import render_each, render_many
from tests.rapport.rendering.sample_facts import clinic, notice_facts

GOOD = [notice_facts("error", clinic=clinic(name=f"Clinic {number}")) for number in range(3)]
BAD = notice_facts("error", clinic=clinic(name="ศูนย์"))


def test_two_processes_give_what_one_gives_in_the_order_of_the_jobs() -> None:
    alone = [render_notice(facts) for facts in GOOD]
    assert list(render_many(GOOD, processes=1)) == alone
    assert list(render_many(GOOD, processes=2)) == alone


def test_no_jobs_give_nothing() -> None:
    assert list(render_many([], processes=4)) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_one_document_at_fault_does_not_stop_the_others(processes: int) -> None:
    outcomes = list(render_each([GOOD[0], BAD, GOOD[1]], processes=processes))
    assert [isinstance(outcome, RenderingError) for outcome in outcomes] == [False, True, False]


def test_a_document_at_fault_is_raised_when_its_turn_comes() -> None:
    results = render_many([GOOD[0], BAD], processes=1)
    assert next(results).pages == 1
    with pytest.raises(RenderingError, match="MISSING_GLYPH"):
        next(results)
