"""Judging: the same answer as the plain way, and nothing passes that was not asked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import engine, judging
from expectations.demands import Among, AtLeast, AtMost, Written
from expectations.engine import Detail, Finding, ask
from expectations.judging import Outcome, State, judge, refuses
from expectations.rule import Demand, Rule, Severity, Suite

ANSWERS = Among(("0", "1", "2", "3"))


def rule(
    name: str,
    column: str,
    demand: Demand = ANSWERS,
    *,
    part: str = "",
    needs_answer: bool = False,
    severity: Severity = Severity.CRITICAL,
) -> Rule:
    return Rule(
        id=name,
        suite=Suite.EXPORT_ROWS,
        severity=severity,
        asks="Does it hold?",
        rationale="It matters.",
        remedy="Mend it.",
        column=column,
        demand=demand,
        needs_answer=needs_answer,
        threshold=1.0,
        part=part,
    )


def frame(**columns: Sequence[Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series(list(cells), dtype=object) for name, cells in columns.items()}
    )


def broken_rows(outcome: Outcome) -> list[int]:
    return np.flatnonzero(outcome.broken).tolist()


def test_the_rows_that_break_a_rule_are_named() -> None:
    found = judge(frame(a=["0", "7", None, "3", "7"]), [rule("R", "a")])
    assert broken_rows(found["R"]) == [1, 4]
    assert found["R"].state is State.BROKEN
    assert found["R"].asked.tolist() == [True, True, False, True, True]


@pytest.mark.parametrize(
    "text",
    ["-1", "4", "99", "1e309", "NaN", "inf", "-0", "４", "1_0", "0x1", "TRUE", "2.5", "1.0", " 1",
     "1 ", "1\n", "", "?1", "1,0"],
)  # fmt: skip
def test_only_the_allowed_answers_letter_for_letter_are_answers(text: str) -> None:
    assert broken_rows(judge(frame(a=["1", text]), [rule("R", "a")])["R"]) == [1]


def test_two_and_a_half_is_no_whole_number_on_typed_answers() -> None:
    whole = Among((0.0, 1.0, 2.0, 3.0))
    found = judge(frame(a=[0.0, 2.5, 3.0, np.nan]), [rule("R", "a", whole)])
    assert broken_rows(found["R"]) == [1]


def test_an_empty_frame_has_not_held() -> None:
    found = judge(frame(a=[]), [rule("R", "a"), rule("S", "a", needs_answer=True)])
    assert [one.state for one in found.values()] == [State.NOT_APPLICABLE, State.NOT_APPLICABLE]


def test_a_column_without_a_value_has_not_held() -> None:
    assert judge(frame(a=[None, None]), [rule("R", "a")])["R"].state is State.NOT_APPLICABLE


def test_a_column_without_a_value_breaks_a_rule_that_needs_answers() -> None:
    found = judge(frame(a=[None, "yes"]), [rule("R", "a", Among(("yes",)), needs_answer=True)])
    assert broken_rows(found["R"]) == [0]


def test_the_stand_in_for_a_missing_answer_breaks_every_demand() -> None:
    for demand in (Among(("yes",)), Written("(?s:.)*", "anything")):
        found = judge(frame(a=[None]), [rule("R", "a", demand, needs_answer=True)])
        assert broken_rows(found["R"]) == [0]
    for demand in (AtLeast(), AtMost()):
        limited = frame(a=[np.nan]).assign(**{"limit.R": [0.0]})
        assert broken_rows(judge(limited, [rule("R", "a", demand, needs_answer=True)])["R"]) == [0]


def test_a_missing_column_is_an_error_and_not_a_failure() -> None:
    found = judge(frame(a=["0"]), [rule("R", "nowhere"), rule("S", "a")])
    assert found["R"].state is State.ERROR
    assert not found["R"].broken.any()
    assert found["S"].state is State.HOLDS


def test_a_missing_limit_is_an_error() -> None:
    limited = frame(a=[1.0, 2.0]).assign(**{"limit.R": [1.0, np.nan]})
    assert judge(limited, [rule("R", "a", AtLeast())])["R"].state is State.ERROR
    assert judge(frame(a=[1.0]), [rule("R", "a", AtLeast())])["R"].state is State.ERROR


def test_an_exception_inside_the_engine_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> dict[str, Finding]:
        return {"R": Finding("R", raised=True)}

    monkeypatch.setattr(judging, "ask", failing)
    found = judge(frame(a=["9"]), [rule("R", "a")])
    assert found["R"].state is State.ERROR


@pytest.mark.parametrize(
    "finding",
    [Finding("R", asked=1, broken=0), Finding("R", asked=2, broken=1),
     Finding("R", asked=2, broken=1, rows=(0, 1))],
    ids=["a value was not asked", "a row is not named", "another number of rows is named"],
)  # fmt: skip
def test_an_answer_that_does_not_add_up_is_an_error(
    monkeypatch: pytest.MonkeyPatch, finding: Finding
) -> None:
    monkeypatch.setattr(judging, "ask", lambda *_: {"R": finding})
    assert judge(frame(a=["0", "9"]), [rule("R", "a")])["R"].state is State.ERROR


def test_the_engine_itself_reports_a_missing_column_as_raised() -> None:
    found = ask(frame(a=["0"]), [rule("R", "nowhere"), rule("S", "a")], Detail.ROWS)
    assert found["R"].raised
    assert not found["S"].raised


def test_a_rule_without_a_result_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_results", lambda *_: iter(()))
    assert ask(frame(a=["0"]), [rule("R", "a")], Detail.ROWS)["R"].raised


def test_how_much_is_told_is_never_a_free_text() -> None:
    with pytest.raises(ValueError, match="COMPLET"):
        ask(frame(a=["9"]), [rule("R", "a")], "COMPLET")  # type: ignore[arg-type]


def test_counts_alone_name_no_row() -> None:
    found = ask(frame(a=["9", "0"]), [rule("R", "a")], Detail.COUNTS)["R"]
    assert (found.asked, found.broken, found.rows) == (2, 1, ())


def test_two_rules_about_one_column_are_both_answered() -> None:
    rules = [rule("R", "a"), rule("S", "a"), rule("T", "a", Written("[0-9]", "a digit"))]
    found = judge(frame(a=["7"]), rules)
    assert [found[name].state for name in "RST"] == [State.BROKEN, State.BROKEN, State.HOLDS]


def test_two_rules_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        judge(frame(a=["0"]), [rule("R", "a"), rule("R", "a")])


def test_parts_of_one_kind_are_answered_apart() -> None:
    rules = [rule("R", name, part=name) for name in "abc"]
    found = judge(frame(a=["0", "9"], b=["9", "0"], c=["1", "2"]), rules)
    assert [broken_rows(found[f"R[{name}]"]) for name in "abc"] == [[1], [0], []]


def test_parts_of_one_kind_keep_their_own_demands() -> None:
    narrow, wide = Among(("0", "1")), Among(("0", "1", "2"))
    rules = [rule("R", "a", narrow, part="a"), rule("R", "b", wide, part="b")]
    found = judge(frame(a=["2"], b=["2"]), rules)
    assert [found["R[a]"].state, found["R[b]"].state] == [State.BROKEN, State.HOLDS]


def test_a_column_of_very_many_values_is_judged_like_the_others() -> None:
    many = [f"P{number}" for number in range(judging.FEW_VALUES + 5)] + ["P 1"]
    answers = ["0"] * (len(many) - 1) + ["8"]
    rules = [rule("R", "a"), rule("S", "b", Written("P[0-9]+", "a P and digits"))]
    found = judge(frame(a=answers, b=many), rules)
    assert broken_rows(found["R"]) == broken_rows(found["S"]) == [len(many) - 1]


def test_a_pattern_is_held_to_the_very_end_of_the_text() -> None:
    found = judge(
        frame(a=["12", "12\n", "1٢", "x12"]), [rule("R", "a", Written("[0-9]+", "digits"))]
    )
    assert broken_rows(found["R"]) == [1, 2, 3]


def test_limits_are_taken_row_by_row_and_include_themselves() -> None:
    limited = frame(a=[1.0, 1.0, np.nan, 0.5]).assign(
        **{"limit.L": [1.0, 2.0, 1.0, 0.0], "limit.M": [1.0, 0.5, 1.0, 0.4]}
    )
    found = judge(limited, [rule("L", "a", AtLeast()), rule("M", "a", AtMost())])
    assert broken_rows(found["L"]) == [1]
    assert broken_rows(found["M"]) == [1, 3]
    assert found["L"].asked.tolist() == [True, True, False, True]


def test_warnings_refuse_no_row() -> None:
    rules = [rule("R", "a"), rule("W", "b", severity=Severity.WARNING)]
    found = judge(frame(a=["9", "0"], b=["9", "9"]), rules)
    assert refuses(found, 2).tolist() == [True, False]


CELLS = st.one_of(st.none(), st.sampled_from(["0", "1", "3", "4", "2.5", " 1", "yes", ""]))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=30))
def test_distinct_values_give_the_same_rows_as_great_expectations_on_the_whole_frame(
    cells: list[tuple[str | None, ...]],
) -> None:
    rows = frame(a=[c[0] for c in cells], b=[c[1] for c in cells], c=[c[2] for c in cells])
    digits = Written("[0-9]+", "digits")
    rules = [rule("R", "a", part="a"), rule("R", "b", part="b"), rule("S", "c", digits)]
    plain = ask(rows, rules, Detail.ROWS)
    for key, outcome in judge(rows, rules).items():
        assert broken_rows(outcome) == sorted(plain[key].rows)
        assert int(outcome.broken.sum()) == plain[key].broken
        assert int(outcome.asked.sum()) == plain[key].asked
