"""Clinics described by how many patients each therapist has, and a way to publish them."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from rapport.disclosure import publish
from rapport.months import Month
from rapport.statistics import Aggregates, aggregate

sys.path.insert(0, str(Path(__file__).parents[3]))

MONTH = Month(2026, 2)

Caseloads = Mapping[str, Mapping[str, int]]
"""Clinic → therapist → patients, each seen once with the patient's form filled in."""


def _sessions(caseloads: Caseloads, month: str) -> pd.DataFrame:
    rows = [
        (clinic, month, f"{therapist}-{number}", "1", number, therapist, f"{month}-01", "attended")
        for clinic, people in caseloads.items()
        for therapist, patients in people.items()
        for number in range(patients)
    ]
    return pd.DataFrame(
        rows,
        columns=[
            "clinic_id",
            "month",
            "patient_id",
            "episode",
            "session",
            "therapist_id",
            "session_date",
            "attendance",
        ],
    ).assign(mode=None, ending=None)


def _scores(sessions: pd.DataFrame) -> pd.DataFrame:
    mean = 1.0 + sessions["session"] % 4 + sessions["therapist_id"].str[1:].astype(int) / 10
    return sessions.drop(columns=["attendance", "mode", "ending"]).assign(
        instrument="wai-sr",
        rater="patient",
        scale="total",
        score=mean.clip(upper=5.0),
        item_mean=mean.clip(upper=5.0),
        no_score_reason=None,
    )


_EPISODE = ["clinic_id", "month", "patient_id", "episode", "therapist_id"]


@pytest.fixture(scope="session")
def computed() -> Callable[..., tuple[Aggregates, pd.DataFrame]]:
    """Aggregate caseloads of some months: the last one unless said otherwise."""

    def compute(
        caseloads: Caseloads,
        *,
        earlier: Caseloads | None = None,
        outcomes: pd.DataFrame | None = None,
        sectors: Mapping[str, str] | None = None,
    ) -> tuple[Aggregates, pd.DataFrame]:
        sessions = pd.concat(
            [_sessions(caseloads, "2026-02"), _sessions(earlier or {}, "2025-11")],
            ignore_index=True,
        )
        names = sorted({*caseloads, *(earlier or {})})
        clinics = pd.DataFrame(
            {"clinic_id": names, "sector": [(sectors or {}).get(one, "public") for one in names]}
        )
        empty = pd.DataFrame(
            columns=[
                *_EPISODE,
                "ending",
                "n_attended",
                "is_finished",
                "is_paired",
                "is_case_at_start",
                "is_recovered",
                "is_reliably_improved",
                "is_reliably_recovered",
                "is_reliably_deteriorated",
            ]
        )
        changes = pd.DataFrame(columns=[*_EPISODE, "instrument", "pre", "post", "improvement"])
        aggregates = aggregate(
            scores=_scores(sessions),
            sessions=sessions,
            outcomes=empty if outcomes is None else outcomes,
            changes=changes,
            clinics=clinics,
            month=MONTH,
        )
        return aggregates, clinics

    return compute


@pytest.fixture(scope="session")
def published(
    computed: Callable[..., tuple[Aggregates, pd.DataFrame]],
) -> Callable[..., Aggregates]:
    """Aggregate and publish caseloads under one profile."""

    def make(caseloads: Caseloads, *, profile: str = "standard", **given: object) -> Aggregates:
        aggregates, clinics = computed(caseloads, **given)
        return publish(
            aggregates,
            profiles_by_clinic=dict.fromkeys(clinics["clinic_id"], profile),
            clinics=clinics,
        )

    return make
