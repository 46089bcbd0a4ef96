"""Judging a frame: every rule asked, every row that breaks it named, nothing passed unasked.

Three things keep this quick for a month of 500 clinics, and none changes an answer, because a map
expectation looks at one value at a time (a test compares with the plain way):

- Great Expectations is given each *distinct* value of a column once, and its answer is carried back
  to all rows that hold the value;
- parts of one kind of rule that demand the same thing (the nine items of a PHQ-9) are put below
  each other in one column, and asked as one expectation;
- what was answered about a value is kept for the next part of the same run (:class:`Answers`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.answers import Answers
from expectations.engine import Detail, Finding, ask
from expectations.rule import Demand, Rule, Severity
from rapport.exports.grouping import Cells, cells_of

FEW_VALUES = 2_000
"""Columns with more distinct values than this are judged apart, to keep the common frame short."""

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]
Values = npt.NDArray[np.object_]


class State(StrEnum):
    """What became of a rule.

    ``holds`` – asked, and nothing breaks it. ``broken`` – something does. ``not_applicable`` – the
    question did not arise, which is no pass. ``error`` – it could not be asked: nothing is known.
    """

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """One rule's outcome over a frame.

    Attributes:
        rule: The rule.
        asked: Which rows were asked, shape (n,).
        broken: Which of them break it, shape (n,).
        is_error: Whether the rule could not be asked: a column is not there, or the engine
            failed. Then nothing is known, and no row is marked.
    """

    rule: Rule
    asked: Mask
    broken: Mask
    is_error: bool = False

    @property
    def state(self) -> State:
        """What became of the rule over all rows."""
        return state_of(self, int(self.asked.sum()), int(self.broken.sum()))


def state_of(outcome: Outcome, asked: int, broken: int) -> State:
    """Return what became of a rule over some rows, of which so many were asked and broke it."""
    if outcome.is_error:
        return State.ERROR
    if broken:
        return State.BROKEN
    return State.HOLDS if asked else State.NOT_APPLICABLE


Judgement = Mapping[str, Outcome]
"""Rule key → outcome, in the order of the rules."""


@dataclass(frozen=True, eq=False, slots=True)
class _Question:
    """What one rule asks of a frame.

    Attributes:
        rule: The rule.
        values: The distinct values to judge; for a rule with a limit, one entry a row.
        limits: The limit of each of them; empty for a rule without one.
        codes: For each row of the frame, the place of its value; -1 where nothing is asked.
    """

    rule: Rule
    values: Values
    limits: Values
    codes: Codes


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """A frame and what is to be asked of it.

    Attributes:
        frame: Rows to judge. For rules with a limit, the limit's column too.
        rules: The rules.
        among: Which rows are to be judged, shape (n,); all of them if it is not given.
    """

    frame: pd.DataFrame
    rules: Sequence[Rule]
    among: Mask | None = None


def judge(
    frame: pd.DataFrame,
    rules: Sequence[Rule],
    *,
    among: Mask | None = None,
    answers: Answers | None = None,
) -> dict[str, Outcome]:
    """Ask each rule about its column in every row.

    Args:
        frame: Rows to judge. For rules with a limit, the limit's column too.
        rules: Rules of one suite, keys unique.
        among: Which rows are to be judged, shape (n,); all of them if it is not given.
        answers: What was answered before; what is asked now is added to it.

    Returns:
        Key → outcome with masks of shape (n,), in the order of the rules. A rule of which no row
        was asked is ``not_applicable``, also on a frame without rows: it has not held.

    Raises:
        ValueError: Two rules have the same key; one of them would be lost.
    """
    (found,) = judge_together([Part(frame, rules, among)], answers)
    return found


def judge_together(
    parts: Sequence[Part], answers: Answers | None = None
) -> list[dict[str, Outcome]]:
    """Judge several frames in one validation; keys are unique over all of them.

    Returns:
        As :func:`judge`, for each part.

    Raises:
        ValueError: Two rules have the same key.
    """
    keys = [rule.key for part in parts for rule in part.rules]
    if len(set(keys)) != len(keys):
        raise ValueError("two rules of one suite have the same key")
    asked = [_questions(part) for part in parts]
    questions = [one for found in asked for one in found.values() if one]
    broken = _broken_values(questions, answers or Answers())
    return [
        {
            rule.key: _outcome(rule, found[rule.key], broken.get(rule.key), len(part.frame))
            for rule in part.rules
        }
        for part, found in zip(parts, asked, strict=True)
    ]


def refuses(judgement: Judgement, n_rows: int) -> Mask:
    """Return which rows break at least one critical rule, shape (n,)."""
    masks = [one.broken for one in judgement.values() if one.rule.severity is Severity.CRITICAL]
    refused: Mask = np.logical_or.reduce([np.zeros(n_rows, dtype=bool), *masks])
    return refused


def _questions(part: Part) -> dict[str, _Question | None]:
    rows = None if part.among is None or part.among.all() else np.flatnonzero(part.among)
    here = frozenset(part.frame.columns)
    return {rule.key: _question(part, rule, rows, here) for rule in part.rules}


def _question(part: Part, rule: Rule, rows: Codes | None, here: frozenset[str]) -> _Question | None:
    """Return what the rule asks of these rows; ``None`` if it cannot be asked."""
    names = [rule.column, rule.limit_column] if rule.demand.has_limit else [rule.column]
    if not here.issuperset(names):
        return None
    columns = [cells_of(part.frame[name]) for name in names]
    if rows is not None:
        columns = [column[rows] for column in columns]
    question = (
        _about_measures(rule, *columns) if len(columns) > 1 else _about_values(rule, *columns)
    )
    return question if question is None or rows is None else _spread(question, rows, part.frame)


def _spread(question: _Question, rows: Codes, frame: pd.DataFrame) -> _Question:
    codes = np.full(len(frame), -1, dtype=np.intp)
    codes[rows] = question.codes
    return replace(question, codes=codes)


def _about_values(rule: Rule, cells: Cells) -> _Question:
    codes, uniques = pd.factorize(cells)
    values = np.asarray(uniques, dtype=object)
    if rule.needs_answer and (codes < 0).any():
        codes = np.where(codes < 0, len(values), codes)
        values = np.append(values, np.array([rule.demand.unanswered], dtype=object))
    return _Question(rule, values, values[:0], codes.astype(np.intp, copy=False))


def _about_measures(rule: Rule, cells: Cells, beside: Cells) -> _Question | None:
    measures, limits = np.asarray(cells, dtype=float), np.asarray(beside, dtype=float)
    if np.isnan(limits).any():
        return None
    if rule.needs_answer:
        measures = np.where(np.isnan(measures), rule.demand.unanswered, measures)
    given = ~np.isnan(measures)
    codes = np.where(given, np.cumsum(given) - 1, -1).astype(np.intp)
    return _Question(rule, measures[given].astype(object), limits[given].astype(object), codes)


def _broken_values(questions: Sequence[_Question], answers: Answers) -> dict[str, Mask]:
    """Ask everything; return for each rule which of its values break it, if there is an answer."""
    groups: dict[tuple[str, Demand], list[_Question]] = {}
    for one in questions:
        if not len(one.values):
            continue
        groups.setdefault((one.rule.id, one.rule.demand), []).append(one)
    few = [group for group in groups.values() if _length(group) <= FEW_VALUES]
    many = [group for group in groups.values() if _length(group) > FEW_VALUES]
    limited = [group for group in few if group[0].rule.demand.has_limit]
    plain = [group for group in few if not group[0].rule.demand.has_limit]
    return _ask_groups(limited) | _ask_groups(many) | _ask_once(plain, answers)


def _ask_once(groups: Sequence[Sequence[_Question]], answers: Answers) -> dict[str, Mask]:
    """Ask about the values that were not asked about before; answer the others from memory."""
    new = []
    for group in groups:
        known = answers.about(group[0].rule)
        values = dict.fromkeys(v for one in group for v in one.values.tolist() if v not in known)
        if values:
            new.append(replace(group[0], values=np.array([*values, None], dtype=object)[:-1]))
    said = _ask_groups([[one] for one in new])
    for one in new:
        if one.rule.key in said:
            broken = said[one.rule.key].tolist()
            answers.about(one.rule).update(zip(one.values.tolist(), broken, strict=True))
    return {
        one.rule.key: np.array([known[value] for value in one.values.tolist()], dtype=bool)
        for group in groups
        if (known := answers.about(group[0].rule)) is not None
        for one in group
        if all(value in known for value in one.values.tolist())
    }


def _length(group: Sequence[_Question]) -> int:
    return sum(len(one.values) for one in group)


def _ask_groups(groups: Sequence[Sequence[_Question]]) -> dict[str, Mask]:
    """Ask each group as one expectation, all of them in one validation."""
    if not groups:
        return {}
    columns = {}
    for group in groups:
        first = group[0].rule
        columns[first.key] = pd.Series(np.concatenate([one.values for one in group]))
        if first.demand.has_limit:
            columns[first.limit_column] = pd.Series(np.concatenate([one.limits for one in group]))
    asked = [group[0].rule.at(group[0].rule.part, group[0].rule.key) for group in groups]
    findings = ask(pd.DataFrame(columns), asked, Detail.ROWS)
    found: dict[str, Mask] = {}
    for group in groups:
        found |= _of_group(group, findings[group[0].rule.key])
    return found


def _of_group(group: Sequence[_Question], finding: Finding) -> dict[str, Mask]:
    """Split the answer by rule; nothing if the engine left a value unasked or a row unnamed."""
    length = _length(group)
    rows = np.unique(np.asarray(finding.rows, dtype=np.intp))
    if finding.raised or finding.asked != length or finding.broken != len(rows):
        return {}
    is_bad = np.zeros(length, dtype=bool)
    is_bad[rows] = True
    ends = np.cumsum([len(one.values) for one in group])
    parts = np.split(is_bad, ends[:-1])
    return {one.rule.key: part for one, part in zip(group, parts, strict=True)}


def _outcome(rule: Rule, question: _Question | None, broken: Mask | None, n_rows: int) -> Outcome:
    """Carry the answer about each value back to the rows that hold it."""
    nothing = np.zeros(n_rows, dtype=bool)
    if question is None:
        return Outcome(rule, nothing, nothing, is_error=n_rows > 0)
    asked = question.codes >= 0
    if broken is None:
        return Outcome(rule, asked, nothing, is_error=bool(asked.any()))
    return Outcome(rule, asked, asked & np.append(broken, False)[question.codes])
