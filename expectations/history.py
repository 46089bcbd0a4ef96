"""What earlier clinic-months looked like: the measures that their verdicts remember.

A clinic-month is held against the clinic's own earlier months *that passed*. What is needed of them
is a few hundred numbers each, which stand in their verdicts (``measures`` in ``result_json``): so
no old answer is read again, the history is as append-only as the verdicts are, and what a month was
held against can be told from the ledger. Only months before it count, whenever it is judged.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expectations.rules.drift import LEVELS
from expectations.slices import NAMES
from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.months import Month, months_through

if TYPE_CHECKING:
    from rapport.home import Home

WINDOW = 12
"""Most months that a month is held against: the newest that passed."""

REACH = 24
"""How many calendar months back they may lie."""

_DIGITS = 6
_SQLITE = "sqlite:///"
_ALSO = ("administrations", "item_rest", "answers")
REMEMBERED = frozenset({*(level.measure for level in LEVELS), *_ALSO})
"""The measures that are remembered, without the form and item that they are of."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The measures of one clinic-month that passed, by name; none of them missing."""

    one: ClinicMonth
    measures: Mapping[str, float]


def remembered(measures: pd.DataFrame) -> list[dict[str, float]]:
    """Return of each measured clinic-month what its verdict remembers.

    Args:
        measures: One row a clinic-month, from ``expectations.measures``.
    """
    names = [name for name in measures.columns if _base(name) in REMEMBERED]
    values = np.round(measures[names].to_numpy(dtype=float), _DIGITS)
    columns = np.array(names, dtype=object)
    given = np.isfinite(values)
    return [
        dict(zip(columns[own].tolist(), row[own].tolist(), strict=True))
        for row, own in zip(values, given, strict=True)
    ]


def _base(name: str) -> str:
    return name.split(".", 1)[0]


def pooled(past: Iterable[Remembered]) -> pd.DataFrame:
    """Return remembered months as a frame: ``clinic_id``, ``month``, one column a measure."""
    rows = list(past)
    frame = pd.DataFrame([one.measures for one in rows], dtype=float)
    keys = pd.DataFrame([one.one.key for one in rows], columns=NAMES, dtype=object)
    return pd.concat([keys, frame], axis=1)


def fingerprint(past: Iterable[tuple[str, Mapping[str, float]]]) -> str:
    """Return a hash of the months that a verdict rests on; empty if there are none.

    Args:
        past: Months with what is remembered of them.
    """
    told = [[month, measures] for month, measures in sorted(past, key=lambda one: one[0])]
    if not told:
        return ""
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_history(home: "Home", slices: Sequence[ClinicMonth]) -> list[Remembered]:
    """Read what the clinics' passed months before these remember, once for all of them.

    The clinic-months asked for are left out: they are judged anew, and what they say then counts.
    """
    from rapport.warehouse.remembered import passed_measures

    if not slices:
        return []
    first, last = Month.parse(months(slices)[0]), Month.parse(months(slices)[-1])
    wanted = [str(one) for one in months_through(first.plus(-REACH), last.plus(-1))]
    own = set(slices)
    rows = passed_measures(home.warehouse, wanted, clinic_ids(slices))
    found = [Remembered(ClinicMonth(clinic, month), measures) for clinic, month, measures in rows]
    return [one for one in found if one.one not in own]


def history_if_any(home: "Home", slices: Sequence[ClinicMonth]) -> list[Remembered]:
    """Read the past as :func:`read_history` does; nothing if the home has no warehouse yet."""
    return read_history(home, slices) if is_there(home) else []


def is_there(home: "Home") -> bool:
    """Say whether a home has a warehouse of this version; none is made by asking."""
    file = Path(home.warehouse_url.removeprefix(_SQLITE))
    if home.warehouse_url.startswith(_SQLITE) and not file.is_file():
        return False
    return home.warehouse.is_current()
