"""A clinic with a past: months of plausible answers, and spoilt months to hold against them.

Answers come from a one-factor model with fixed seeds: each patient has a level, each form a day,
and each item its own threshold. Items go along with each other, and months differ by chance only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np

from rapport.clinics import Clinic
from rapport.sources import Delivery
from tests.expectations.small_clinic import (
    HEADER,
    ITEMS,
    Row,
    Rows,
    as_csv,
    clinic_named,
    delivery,
    export_mapping,
)

MONTHS = [f"2025-{month:02d}" for month in range(1, 10)]
"""Eight months of past, and the one that is asked about."""

NOW = MONTHS[-1]
SESSIONS = 60
WAIS = [f"wai{item}" for item in range(1, 13)]
FORMS = [
    {"instrument": "phq-9", "rater": "patient", "items": "phq{item}", "total": "sum"},
    {"instrument": "wai-sr-t", "rater": "therapist", "items": "wai{item}"},
]


def usual_rows(month: str, seed: int, *, sessions: int = SESSIONS) -> Rows:
    """Rows of one month: a session each, with a PHQ-9 of the patient and a WAI of the therapist."""
    rng = np.random.default_rng(seed)
    level = rng.permutation(
        [NormalDist(0.0, 0.8).inv_cdf((place + 0.5) / sessions) for place in range(sessions)]
    )
    rows = []
    for place in range(sessions):
        phq = _answers(rng, level[place] + rng.normal(0, 0.4), 9, (-0.5, 0.4, 1.2))
        wai = _answers(rng, -level[place] + rng.normal(0, 0.4), 12, (-1.8, -1.0, -0.2, 0.7))
        rows.append(_row(month, place, phq, [answer + 1 for answer in wai]))
    return rows


def _answers(
    rng: np.random.Generator, level: float, n_items: int, steps: Sequence[float]
) -> list[int]:
    noisy = level + rng.normal(0.0, 0.6, n_items)
    return [int(answer) for answer in np.searchsorted(steps, noisy)]


def _row(month: str, place: int, phq: Sequence[int], wai: Sequence[int]) -> Row:
    return {
        "site": "A",
        "pid": f"P{place:03d}",
        "ther": f"T{place % 2 + 1}",
        "ep": "1",
        "sess": str(1 + int(month[-2:])),
        "day": f"{month}-{1 + place % 28:02d}",
        "mode": "v",
        "att": "1",
        "end": "0",
        "test": "0",
        "sum": "",
        **dict(zip(ITEMS, map(str, phq), strict=True)),
        **dict(zip(WAIS, map(str, wai), strict=True)),
    }


Spoil = Callable[[Rows], Rows]


def unspoilt(rows: Rows) -> Rows:
    """Leave the rows as they are."""
    return rows


@dataclass(frozen=True)
class Story:
    """A clinic's past and the month that is asked about.

    Attributes:
        spoil: What is done to the month that is asked about.
        before: What is done to every earlier month.
        n_past: How many earlier months there are.
        changes: What is different about the clinic's registry entry.
        sessions: Sessions a month.
    """

    spoil: Spoil = unspoilt
    before: Spoil = unspoilt
    n_past: int = len(MONTHS) - 1
    changes: Mapping[str, object] = field(default_factory=dict)
    sessions: int = SESSIONS


def clinic_of(name: str, story: Story) -> Clinic:
    """The clinic of a story."""
    return clinic_named(name, exports=[export_mapping(forms=FORMS)], **story.changes)


def files_of(name: str, story: Story) -> list[Delivery]:
    """The files of a story, oldest month first."""
    own = MONTHS[-1 - story.n_past :]
    return [
        delivery(
            as_csv(
                (story.spoil if month == NOW else story.before)(
                    usual_rows(month, seed, sessions=story.sessions)
                ),
                [*HEADER, *WAIS],
            ),
            name,
            month=month,
        )
        for seed, month in enumerate(own, start=10)
    ]


def answers_through(change: Callable[[int], str], items: Sequence[str] = ITEMS) -> Spoil:
    """Change every answer to some items."""

    def spoil(rows: Rows) -> Rows:
        return [row | {name: change(int(row[name])) for name in items if row[name]} for row in rows]

    return spoil


def in_share(share: float, **cells: str) -> Spoil:
    """Change cells in an evenly spread share of the rows."""

    def spoil(rows: Rows) -> Rows:
        every = round(1 / share)
        return [row | cells if place % every == 0 else row for place, row in enumerate(rows)]

    return spoil
