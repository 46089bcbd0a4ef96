"""Lots: every clinic once, who takes over whom together, and the same figures however they lie."""

from pathlib import Path

import pandas as pd
import pytest

from rapport.home import Home
from rapport.monthly import ClinicMonth, closing, forms, lots, scoring
from rapport.monthly.lots import common_of_window, lots_of
from rapport.months import Month, trailing
from rapport.warehouse import tables
from tests.rapport.monthly import small_home as small

MONTH = Month.parse(small.MONTH)
NAMES = ("alpha", "beta", "gamma", "delta")


@pytest.fixture
def four(tmp_path: Path) -> Home:
    """Four clinics with a month each; gamma takes over the patients of alpha."""
    scheme = {"patient_id_scheme": "town"}
    own: dict[str, small.Entry] = {
        "alpha": {**scheme, "last_month": "2025-01"},
        "gamma": {**scheme, "takes_over": [{"clinic": "alpha", "from": small.MONTH}]},
    }
    home = small.small_home(
        tmp_path / "home", *(small.clinic(name, **own.get(name, {})) for name in NAMES)
    )
    for place, name in enumerate(NAMES):
        month = "2025-01" if name == "alpha" else small.MONTH
        prefix = "P" if name in own else name[0].upper()
        rows = [
            {**row, "pid": prefix + row["pid"], "end": str(int(name != "alpha"))}
            for row in small.rows_of(8 + place, 1, month=month, answer=place)
        ]
        ongoing = [{**row, "sess": "2", "end": "0"} for row in rows if name != "alpha"]
        small.upload(home, f"sessions_{month}.csv", [*ongoing, *rows], of=name)
        assert small.take_in(home, month, of=name) == "passed"
    return home


def test_every_clinic_is_in_one_lot_and_those_that_take_over_in_the_same(
    four: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [list(one) for one in lots_of(four, MONTH)] == [["alpha", "gamma", "beta", "delta"]]
    monkeypatch.setattr(lots, "LOT_ROWS", 1)
    found = [list(one) for one in lots_of(four, MONTH)]
    assert found == [["alpha", "gamma"], ["beta"], ["delta"]]


def test_there_is_a_lot_even_where_nothing_is_stored(tmp_path: Path) -> None:
    home = small.small_home(tmp_path / "home")
    assert [list(one) for one in lots_of(home, MONTH)] == [["alpha"]]


def test_lots_change_neither_outcomes_nor_figures(
    four: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed() -> dict[str, pd.DataFrame]:
        closing.close_outcomes(four, MONTH)
        closing.close_aggregates(four, MONTH)
        names = (
            tables.treatment_outcomes, tables.measure_changes, tables.therapist_aggregates,
            tables.clinic_aggregates, tables.sector_benchmarks,
        )  # fmt: skip
        return {one.name: four.warehouse.read(one, month=small.MONTH) for one in names}

    whole = closed()
    assert len(whole["treatment_outcomes"])
    assert len(whole["clinic_aggregates"])
    monkeypatch.setattr(lots, "LOT_ROWS", 1)
    monkeypatch.setattr(forms, "FORMS_AT_ONCE", 1)
    for name, rows in closed().items():
        pd.testing.assert_frame_equal(rows, whole[name], check_exact=True, obj=name)


def test_what_is_common_does_not_depend_on_lots(four: Home) -> None:
    window = trailing(MONTH, 12)
    together = common_of_window(four, window, [list(NAMES)])
    assert common_of_window(four, window, [[name] for name in NAMES[::-1]]) == together


def test_scores_of_the_lot_alone_are_read(four: Home) -> None:
    found = lots.frames_of(four, trailing(MONTH, 12), ["beta"])
    assert set(found["sessions"]["clinic_id"]) == {"beta"}
    assert set(found["outcomes"]["clinic_id"]) == {"beta"}
    scored = scoring.score(four, [ClinicMonth("beta", small.MONTH)])
    assert len(found["scores"]) == sum(scored.values())
