"""Estimates as they are published: in the table of their level, rounded, or without a number."""

import pandas as pd
import pytest

from rapport.statistics import NUMBERS
from tests.rapport.disclosure.small_worlds import (
    MONTHS,
    SHARE,
    as_former,
    estimated,
    of_window,
    published,
)

ALPHA, SCATTER = "alpha.phq-9.patient", "scatter.recovery"
ENOUGH = {name: of_window(t1=(20, 10), t2=(20, 8)) for name in ("c1", "c2", "c3")}
FEW = ENOUGH | {"c1": of_window(t1=(4, 1), t2=(20, 8))}


def _row(table: pd.DataFrame, figure: str) -> pd.Series:
    (row,) = (one for _, one in table[table["figure"] == figure].iterrows())
    return row


def test_each_estimate_stands_in_the_table_of_its_level_below_the_figures() -> None:
    levels = ["sector", "therapist", "clinic"]
    rows = [estimated(level, ALPHA, value=at) for at, level in enumerate(levels)]
    found = published(ENOUGH, estimates=rows)
    bare = published(ENOUGH)
    for value, name in enumerate(("sectors", "therapists", "clinics")):
        table = getattr(found, name)
        assert table["figure"].tolist() == [*getattr(bare, name)["figure"], ALPHA]
        assert table.index.tolist() == list(range(len(table)))
        assert list(table.columns) == list(getattr(bare, name).columns)
        assert _row(table, ALPHA)["value"] == value
    assert _row(found.therapists, ALPHA)[["clinic_id", "therapist_id"]].tolist() == ["c1", "t1"]
    assert _row(found.sectors, ALPHA)["sector"] == "public"
    assert found.estimates.empty


@pytest.mark.parametrize(
    ("profile", "numbers"), [("standard", [0.25, -0.11, 0.61]), ("nhs", [0.3, -0.2, 0.7])]
)
def test_an_estimate_is_rounded_by_its_clinics_profile_its_interval_outwards(
    profile: str, numbers: list[float]
) -> None:
    profiles = {"c1": profile, "c2": "standard", "c3": "standard"}
    shown = published(ENOUGH, profiles, estimates=[estimated("clinic", ALPHA)])
    assert _row(shown.clinics, ALPHA)[["value", "low", "high"]].tolist() == pytest.approx(numbers)


def test_an_estimate_of_a_sector_is_rounded_by_the_strictest_of_all_profiles() -> None:
    estimates = [estimated("sector", ALPHA, n_patients=42)]
    assert _row(published(ENOUGH, estimates=estimates).sectors, ALPHA)["n_patients"] == 42
    profiles = {"c1": "standard", "c2": "nhs", "c3": "standard"}
    found = _row(published(ENOUGH, profiles, estimates=estimates).sectors, ALPHA)
    assert found[["n_patients", "value"]].tolist() == [40, 0.3]


@pytest.mark.parametrize(
    ("estimate", "reason"),
    [
        (estimated("clinic", ALPHA, n_patients=4), "small_number"),
        (estimated("clinic", "congruence.bias"), "complementary"),
        (estimated("clinic", ALPHA, value=None, suppression="too_few"), "too_few"),
    ],
)
def test_an_estimate_that_may_not_be_shown_says_why_and_holds_no_number(
    estimate: dict[str, object], reason: str
) -> None:
    row = _row(published(ENOUGH, estimates=[estimate]).clinics, str(estimate["figure"]))
    assert row["suppression"] == reason
    assert row[list(NUMBERS)].isna().all()
    assert row["method"] == "by hand"


def test_an_estimate_goes_with_the_figure_of_its_own_unit() -> None:
    # t1 has four results, t2 is hidden beside her; the clinic's are all told.
    rows = [estimated(level, SCATTER) for level in ("therapist", "clinic")]
    found = published(FEW, estimates=rows)
    assert _row(found.clinics, SCATTER)["value"] == 0.25
    assert _row(found.therapists, SCATTER)["suppression"] == "complementary"


@pytest.mark.parametrize(("clinic", "therapist"), [("c1", "t9"), ("c9", "t1"), ("c4", "t1")])
def test_of_a_therapist_of_whom_nothing_is_told_no_estimate_is_named(
    clinic: str, therapist: str
) -> None:
    # c4 has one therapist only: she is not listed beside her clinic.
    world = ENOUGH | {"c4": of_window(t1=(20, 10))}
    profiles = dict.fromkeys([*world, "c9"], "standard")
    row = estimated("therapist", ALPHA, clinic_id=clinic, therapist_id=therapist)
    if clinic == "c9":
        world |= {"c9": of_window(t2=(20, 10), t3=(20, 10))}
    found = published(world, profiles, estimates=[row])
    assert ALPHA not in set(found.therapists["figure"])


def test_in_an_edition_a_therapists_figure_stands_as_it_was_printed() -> None:
    # One of t1's patients was late: hers stands, and t2's and the clinic's beside it do.
    first = published({"c1": of_window(t1=(9, 4), t2=(9, 4))})
    second = published({"c1": of_window(t1=(10, 4), t2=(9, 4))}, former=as_former(first))
    rows = second.therapists.set_index("therapist_id")
    assert rows["n_patients"].to_dict() == {"t1": 9, "t2": 9}
    assert rows["carried_from"].to_dict() == dict.fromkeys(("t1", "t2"), MONTHS[11])
    clinic = _row(second.clinics, SHARE)
    assert (clinic["n_patients"], clinic["carried_from"]) == (18, MONTHS[11])
