"""Rules answered without Great Expectations, for histories in which thousands of months are judged.

That Great Expectations gives the same answers is what the tests about judging are for; a history
asks what became of files, and a second a month would leave too few of them.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest import mock

import numpy as np
import pandas as pd

from expectations.demands import Among, Written
from expectations.engine import Detail, Finding
from expectations.rule import Rule


def ask(frame: pd.DataFrame, rules: Sequence[Rule], detail: Detail) -> dict[str, Finding]:
    """Answer every rule as :func:`expectations.engine.ask` does."""
    del detail
    return {rule.key: _finding(frame, rule) for rule in rules}


def _finding(frame: pd.DataFrame, rule: Rule) -> Finding:
    values = frame[rule.column]
    asked = values.notna()
    if rule.demand.has_limit:
        asked &= frame[rule.limit_column].notna()
        limits = frame.loc[asked, rule.limit_column].to_numpy(dtype=float)
        broken = rule.demand.breaks(values[asked].to_numpy(dtype=float), limits)  # type: ignore[attr-defined]
    else:
        broken = np.array([not _holds(value, rule) for value in values[asked]], dtype=bool)
    rows = tuple(values.index[asked][broken].tolist())
    return Finding(rule.key, asked=int(asked.sum()), broken=len(rows), rows=rows)


def _holds(value: object, rule: Rule) -> bool:
    if isinstance(rule.demand, Among):
        return value in rule.demand.values
    if isinstance(rule.demand, Written):
        pattern = rf"\A(?!\x00)(?:{rule.demand.pattern})\Z"
        return re.match(pattern, str(value)) is not None
    raise TypeError(rule.key)


@contextmanager
def without_great_expectations() -> Iterator[None]:
    """Let rules be answered here."""
    with mock.patch("expectations.judging.ask", ask):
        yield
