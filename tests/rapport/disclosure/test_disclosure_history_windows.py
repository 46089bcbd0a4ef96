"""What former reports tell of windows and months, and at which months they end: by hand."""

import pandas as pd
import pytest

from rapport.disclosure.history import Former, last_shown, last_shown_of_sectors, past_months
from rapport.months import Month, trailing

MONTH = Month(2026, 2)
MONTHS = [str(one) for one in trailing(MONTH, 12)]
FIGURE = "outcome.recovery"


def _report(month: str, period: str = "trailing_12", reason: str | None = None) -> pd.DataFrame:
    row = {
        "month": month,
        "clinic_id": "c1",
        "period": period,
        "figure": FIGURE,
        "suppression": reason,
        "carried_from": None,
    }
    return pd.DataFrame([row]).astype({"suppression": "str", "carried_from": "str"})


def _former(*reports: pd.DataFrame) -> Former:
    rows = pd.concat(reports)
    people = rows.iloc[:0].assign(therapist_id="")
    sectors = rows.rename(columns={"clinic_id": "sector"})
    moved = pd.DataFrame(columns=["level", "clinic_id", "therapist_id", "figure", "apart"])
    return Former(people, rows, sectors, moved.assign(n_gained=[]))


@pytest.mark.parametrize(
    ("month", "apart"),
    [("2026-01", [1]), ("2025-03", [11]), ("2025-02", []), ("2026-02", []), ("2026-03", [])],
)
def test_a_report_of_one_to_eleven_months_ago_shares_months_with_this_one(
    month: str, apart: list[int]
) -> None:
    assert last_shown(_former(_report(month)), MONTH)["apart"].tolist() == apart


def test_of_several_reports_the_newest_counts_for_clinic_and_sector() -> None:
    former = _former(_report("2025-10"), _report("2025-12"), _report("2025-06"))
    found = last_shown(former, MONTH)
    assert found.to_dict("records") == [
        {"level": "clinic", "clinic_id": "c1", "therapist_id": "", "family": "outcome", "apart": 2}
    ]
    of_sector = last_shown_of_sectors(former, MONTH)
    assert of_sector.to_dict("records") == [{"sector": "c1", "family": "outcome", "apart": 2}]


def test_the_oldest_month_of_the_trend_is_remembered_and_older_ones_are_not() -> None:
    shown = [_report("2025-12", "2025-03"), _report("2025-12", "2025-02")]
    past = past_months(_former(*shown), MONTHS)["c1", "outcome"]
    assert [MONTHS[at] for at in past.is_known.nonzero()[0]] == ["2025-03"]
    assert past_months(_former(shown[1]), MONTHS) == {}
