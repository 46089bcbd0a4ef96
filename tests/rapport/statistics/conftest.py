"""A clinic small enough to be computed by hand, as the frames that `aggregate` reads."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from rapport.months import Month

MONTH = Month(2026, 2)

Visit = tuple[str, str, str, str, str | None]
"""Month, clinic, therapist, patient, attendance."""


class Bench:
    """Collects sessions, forms and episodes; hands out frames."""

    month = MONTH

    def __init__(self) -> None:
        self.sessions: list[dict[str, object]] = []
        self.scores: list[dict[str, object]] = []
        self.outcomes: list[dict[str, object]] = []
        self.changes: list[dict[str, object]] = []

    def visit(
        self,
        patient: str,
        *,
        therapist: str = "t1",
        clinic: str = "c1",
        month: str = "2026-02",
        attendance: str | None = "attended",
        patient_form: float | None = None,
        therapist_form: float | None = None,
        day: int = 1,
        mode: str | None = None,
        ending: str | None = None,
        episode: str = "1",
    ) -> None:
        """Add one session, with the item means of the alliance forms that were filled in."""
        keys = {
            "clinic_id": clinic,
            "month": month,
            "patient_id": patient,
            "episode": episode,
            "session": len(self.sessions),
            "therapist_id": therapist,
            "session_date": f"{month}-{day:02d}",
        }
        self.sessions.append({**keys, "attendance": attendance, "mode": mode, "ending": ending})
        for instrument, rater, mean in (
            ("wai-sr", "patient", patient_form),
            ("wai-sr-t", "therapist", therapist_form),
        ):
            if mean is not None:
                form = {**keys, "instrument": instrument, "rater": rater, "scale": "total"}
                self.scores.append(
                    {**form, "score": mean, "item_mean": mean, "no_score_reason": None}
                )

    def episode(
        self,
        patient: str,
        *,
        therapist: str = "t1",
        clinic: str = "c1",
        month: str = "2026-02",
        is_finished: bool = True,
        is_case: bool | None = True,
        is_recovered: bool = False,
        is_improved: bool = False,
        is_deteriorated: bool = False,
        phq: tuple[float, float] | None = None,
        ending: str = "planned",
        n_attended: int = 8,
    ) -> None:
        """Add one ended episode."""
        keys = {
            "clinic_id": clinic,
            "month": month,
            "patient_id": patient,
            "episode": "1",
            "therapist_id": therapist,
        }
        self.outcomes.append(
            {
                **keys,
                "ending": ending,
                "n_attended": n_attended,
                "is_finished": is_finished,
                "is_paired": True,
                "is_case_at_start": is_case,
                "is_recovered": is_recovered,
                "is_reliably_improved": is_improved,
                "is_reliably_recovered": is_recovered and is_improved,
                "is_reliably_deteriorated": is_deteriorated,
            }
        )
        if phq is not None:
            change = {"pre": phq[0], "post": phq[1], "improvement": phq[0] - phq[1]}
            self.changes.append({**keys, "instrument": "phq-9", **change})

    def frames(self, sectors: Sequence[tuple[str, str]] = (("c1", "public"),)) -> dict[str, object]:
        """Return the arguments of `aggregate`."""
        return {
            "scores": _frame(self.scores, SCORE_COLUMNS),
            "sessions": _frame(self.sessions, SESSION_COLUMNS),
            "outcomes": _frame(self.outcomes, OUTCOME_COLUMNS).astype(
                {"is_case_at_start": "boolean"}
            ),
            "changes": _frame(self.changes, CHANGE_COLUMNS),
            "clinics": pd.DataFrame(sectors, columns=["clinic_id", "sector"]),
            "month": MONTH,
        }


KEYS = ["clinic_id", "month", "patient_id", "episode", "therapist_id"]
SESSION_COLUMNS = [*KEYS, "session", "session_date", "attendance", "mode", "ending"]
SCORE_COLUMNS = [
    *KEYS,
    "session",
    "session_date",
    "instrument",
    "rater",
    "scale",
    "score",
    "item_mean",
    "no_score_reason",
]
OUTCOME_COLUMNS = [
    *KEYS,
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
CHANGE_COLUMNS = [*KEYS, "instrument", "pre", "post", "improvement"]


def _frame(rows: list[dict[str, object]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def bench() -> Bench:
    """An empty bench."""
    return Bench()


@pytest.fixture(scope="session")
def new_bench() -> type[Bench]:
    """The maker of benches, for tests that run on many examples."""
    return Bench


EXPECTED = Path(__file__).parent / "expected"


@pytest.fixture(scope="session")
def expected() -> dict[str, list[float]]:
    """Numbers that R gave, by name; see ``expected/make_expected.R``."""
    table = pd.read_csv(EXPECTED / "expected.csv", comment="#")
    return {str(name): rows.tolist() for name, rows in table.groupby("name", sort=False)["value"]}


@pytest.fixture(scope="session")
def relations() -> dict[str, list[float]]:
    """Numbers that R gave, by name; see ``expected/make_expected_relations.R``."""
    table = pd.read_csv(EXPECTED / "expected_relations.csv", comment="#")
    return {str(name): rows.tolist() for name, rows in table.groupby("name", sort=False)["value"]}


@pytest.fixture(scope="session")
def r_data() -> Callable[[str], pd.DataFrame]:
    """Read a table that R wrote."""
    return lambda name: pd.read_csv(EXPECTED / f"{name}.csv", comment="#")
