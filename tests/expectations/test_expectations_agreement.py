"""Great Expectations and the quarantine agree, row for row, on whatever comes in."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.comparing import broken_by
from expectations.demands import AtLeast, AtMost
from expectations.engine import Detail, Finding, ask
from expectations.judging import Judgement, judge
from expectations.quarantine import refused_rows
from expectations.rule import Rule, Severity
from expectations.rules.rows import ROW_RULES, answer_rules
from expectations.rules.slices import SLICE_RULES
from rapport.clinics import FormMapping
from rapport.exports.key_facts import CLEAN_KEYS
from rapport.instruments import Instrument
from tests.expectations.small_clinic import clinic_named

FORM = FormMapping(instrument="phq-9", rater="patient", items="phq{item}")
DIRTY = st.sampled_from(
    [None, "", "0", "3", "4", "-1", "2.5", "1e309", "NaN", "４", " 1", "1\n", "yes", "no", "YES",
     "video", "attended", "session", "record", "broken", "x" * 65, "\x00", "\u202e1", "ongoing"]
)  # fmt: skip


def rules_of(catalogue: Mapping[str, Instrument]) -> list[Rule]:
    return [*ROW_RULES, *answer_rules([FORM], catalogue)]


@st.composite
def frames(draw: st.DrawFn, columns: tuple[str, ...]) -> pd.DataFrame:
    """Text frames with anything in every cell that a rule asks about."""
    n_rows = draw(st.integers(1, 12))
    cells = {
        name: pd.Series(draw(st.lists(DIRTY, min_size=n_rows, max_size=n_rows)), dtype=object)
        for name in columns
    }
    return pd.DataFrame(cells).assign(
        clinic_id="alpha",
        month="2025-02",
        content_sha256="c",
        export_id="sessions",
        line=range(2, n_rows + 2),
    )


def completed(frame: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """The frame as the expectation sees it: a missing answer that is owed is written out."""
    if not rule.needs_answer:
        return frame
    filled = frame[rule.column].where(frame[rule.column].notna(), rule.demand.unanswered)
    return frame.assign(**{rule.column: filled})


def as_great_expectations_has_it(frame: pd.DataFrame, rules: list[Rule]) -> dict[str, Finding]:
    """Ask all rules of all rows in the plain way, with nothing made distinct or put together."""
    for rule in rules:
        frame = completed(frame, rule)
    return ask(frame, rules, Detail.ROWS)


def quarantined(
    frame: pd.DataFrame, judgement: Judgement, catalogue: Mapping[str, Instrument]
) -> pd.DataFrame:
    return refused_rows(frame, judgement, clinics={"alpha": clinic_named()}, catalogue=catalogue)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_refused_is_what_great_expectations_counts_and_names(
    catalogue: Mapping[str, Instrument], data: st.DataObject
) -> None:
    rules = rules_of(catalogue)
    columns = tuple(dict.fromkeys([*CLEAN_KEYS, *(rule.column for rule in rules)]))
    frame = data.draw(frames(columns))
    plain, judgement = as_great_expectations_has_it(frame, rules), judge(frame, rules)
    refused = quarantined(frame, judgement, catalogue)
    for rule in rules:
        mask = judgement[rule.key].broken
        assert plain[rule.key].broken == int(mask.sum()), rule.key
        assert sorted(plain[rule.key].rows) == np.flatnonzero(mask).tolist(), rule.key
    for kind in {rule.id for rule in rules if rule.severity is Severity.CRITICAL}:
        masks = [judgement[rule.key].broken for rule in rules if rule.id == kind]
        lines = frame.line[np.logical_or.reduce(masks)]
        assert set(refused.line[refused.rule == kind]) == set(lines), kind


NUMBERS = st.one_of(st.none(), st.floats(-2, 2), st.sampled_from([0.0, 1.0, 0.1, np.inf]))


@pytest.mark.parametrize("demand", [AtLeast(), AtMost()], ids=["at least", "at most"])
@pytest.mark.parametrize("needs_answer", [False, True])
@settings(max_examples=15, deadline=None)
@given(cells=st.lists(st.tuples(NUMBERS, st.floats(-1, 1)), min_size=1, max_size=10))
def test_the_mask_of_a_rule_with_a_limit_is_great_expectations_answer(
    demand: AtLeast | AtMost, needs_answer: bool, cells: list[tuple[float | None, float]]
) -> None:
    rule = SLICE_RULES[0].at("", "measure", demand)
    rule = type(rule)(**{name: getattr(rule, name) for name in rule.__dataclass_fields__}
                      | {"needs_answer": needs_answer})  # fmt: skip
    frame = pd.DataFrame(cells, columns=["measure", rule.limit_column], dtype=float)
    found = judge(frame, [rule])[rule.key]
    assert broken_by(rule, frame).tolist() == found.broken.tolist()
    assert ask(completed(frame, rule), [rule], Detail.COUNTS)[rule.key].broken == sum(found.broken)
