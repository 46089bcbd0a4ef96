"""What is published of small worlds, worked by hand: who is hidden, why, and what is said."""

from collections.abc import Mapping

import pandas as pd
import pytest

from rapport.disclosure import publish
from rapport.statistics import Aggregates
from tests.rapport.disclosure.small_worlds import (
    MONTHS,
    Caseload,
    Cases,
    aggregated,
    as_former,
    of_window,
    published,
    reasons,
)

FEW, BESIDE, SHOWN = "small_number", "complementary", "shown"
MEAN, SEEN, DROPOUT = "alliance.patient.total", "patients.seen", "dropout.first"


def _people(world: Mapping[str, tuple[Caseload, ...]], profile: str = "standard") -> list[str]:
    """Reasons of the therapists of one clinic, by name."""
    found = reasons(published({"c1": world}, profile).therapists)
    return [found[name] for name in sorted(found)]


@pytest.mark.parametrize(
    ("profile", "minimum"), [("standard", 5), ("nhs", 5), ("opensafely", 8), ("strict", 10)]
)
def test_a_clinic_is_told_of_with_the_minimum_of_its_profile_and_not_with_one_less(
    profile: str, minimum: int
) -> None:
    world = {"c1": of_window(t1=(minimum, 2)), "c2": of_window(t1=(minimum - 1, 2))}
    assert reasons(published(world, profile).clinics) == {"c1": SHOWN, "c2": FEW}


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        # Seven patients and more are enough, each by herself: nothing to hide beside.
        (((9, 4), (8, 4), (7, 3)), [SHOWN, SHOWN, SHOWN]),
        # t1 has three. The next smallest, t4, goes with her; and a third, for t4 knows herself.
        (((3, 1), (12, 6), (9, 4), (7, 3)), [FEW, SHOWN, BESIDE, BESIDE]),
        # Three and four are seven: enough for a reader, not for either colleague: the third goes.
        (((3, 1), (4, 2), (12, 6), (9, 4)), [FEW, FEW, SHOWN, BESIDE]),
        # t2 has five, exactly enough: hidden she is beside another, not for herself.
        (((3, 1), (5, 2), (12, 6), (9, 4)), [FEW, BESIDE, SHOWN, BESIDE]),
        # Of two alike, the first by name.
        (((3, 1), (9, 4), (9, 4), (9, 4)), [FEW, BESIDE, BESIDE, SHOWN]),
        # Six, all of whom recovered, may not be told of; with the next smallest they may hide.
        (((6, 6), (12, 6), (9, 4), (7, 3)), [BESIDE, SHOWN, BESIDE, BESIDE]),
        # Ten may all have recovered: "all of them" is said of ten and more.
        (((10, 10), (12, 6), (9, 4)), [SHOWN, SHOWN, SHOWN]),
    ],
)
def test_who_is_hidden_beside_whom(sizes: tuple[Cases, ...], expected: list[str]) -> None:
    names = {f"t{at + 1}": cases for at, cases in enumerate(sizes)}
    assert _people(of_window(**names)) == expected


def test_the_same_clinic_under_four_profiles() -> None:
    # 6, 9, 20 and 30 patients. NHS: all of them enough. OpenSAFELY: t1 has fewer than eight, t2
    # goes beside her, and t3, for t2 would know t1's. Strict: t1 and t2 have fewer than ten, and
    # t3 leaves each of them a crowd.
    world = of_window(t1=(6, 2), t2=(9, 4), t3=(20, 10), t4=(30, 15))
    assert _people(world, "standard") == [SHOWN, SHOWN, SHOWN, SHOWN]
    assert _people(world, "nhs") == [SHOWN, SHOWN, SHOWN, SHOWN]
    assert _people(world, "opensafely") == [FEW, BESIDE, BESIDE, SHOWN]
    assert _people(world, "strict") == [FEW, FEW, BESIDE, SHOWN]


def test_a_higher_minimum_may_leave_a_total_that_a_lower_one_takes() -> None:
    # Four and four of eight: where "few" is four at most, each of them must be four. Where "few"
    # is up to seven, the total of eight leaves one to seven.
    world = {"c1": of_window(t1=(4, 2), t2=(4, 3))}
    assert reasons(published(world, "standard").clinics) == {"c1": BESIDE}
    assert reasons(published(world, "opensafely").clinics) == {"c1": SHOWN}


def test_who_subtracts_herself_does_not_learn_that_all_the_others_recovered() -> None:
    # Under strict. t1 has ten patients, and so have the three others: all of theirs recovered.
    alike = of_window(t1=(10, 6), t2=(1, 1), t3=(1, 1), t4=(8, 8))
    mixed = of_window(t1=(10, 6), t2=(1, 1), t3=(1, 1), t4=(8, 7))
    found = published({"c1": alike, "c2": mixed}, "strict").clinics
    assert reasons(found) == {"c1": BESIDE, "c2": SHOWN}


def test_each_clinic_follows_its_own_profile() -> None:
    seven = of_window(t1=(7, 3))
    found = published({"c1": seven, "c2": seven}, {"c1": "nhs", "c2": "opensafely"})
    assert reasons(found.clinics) == {"c1": SHOWN, "c2": FEW}
    assert found.clinics.loc[found.clinics["clinic_id"] == "c1", "n_patients"].tolist() == [5]


def test_a_month_that_gives_too_small_a_rest_is_hidden_and_the_window_is_told() -> None:
    # Nine in the window, six in the month: three before, by subtraction.
    world = {"c1": {"t1": (Caseload((3, 1), (6, 3)),)}, "c2": {"t1": (Caseload((5, 2), (6, 3)),)}}
    found = published(world)
    assert reasons(found.clinics, "month") == {"c1": BESIDE, "c2": SHOWN}
    assert reasons(found.clinics) == {"c1": SHOWN, "c2": SHOWN}


def test_what_is_shown_of_the_window_leaves_nobody_alone_in_the_month() -> None:
    # All of the clinic's month is t1's; her window is told, so is the clinic's.
    world = {"c1": {"t1": (Caseload((9, 4), (2, 1)),), "t2": (Caseload((9, 4)),)}}
    found = published(world)
    assert reasons(found.clinics, "month") == {"c1": FEW}
    assert reasons(found.therapists) == {"t1": SHOWN, "t2": SHOWN}


def test_a_month_of_the_trend_is_never_the_only_one_that_is_hidden() -> None:
    caseload = Caseload((3, 9), (9, 27), MEAN)
    clinics = published({"c1": {"t1": (caseload,)}}).clinics
    assert [reasons(clinics, month, MEAN)["c1"] for month in (MONTHS[8], MONTHS[11])] == [
        FEW, BESIDE,
    ]  # fmt: skip
    assert reasons(clinics, "month", MEAN) == {"c1": BESIDE}
    assert reasons(clinics, "trailing_12", MEAN) == {"c1": SHOWN}


def test_a_hidden_row_says_which_month_figure_unit_and_method_it_is_of() -> None:
    world = {"c1": {"t1": (Caseload((2, 6), (2, 6), MEAN),)}}
    clinics = published(world).clinics
    assert clinics["suppression"].eq(FEW).all()
    assert set(clinics["month"]) == {MONTHS[11]}
    assert set(clinics["unit"]) == {"item mean, 1–5"}
    assert clinics["method"].notna().all()
    assert not clinics.duplicated(["clinic_id", "period", "figure"]).any()


def test_a_figure_that_a_hidden_therapist_has_nobody_for_is_hidden_as_a_small_number() -> None:
    # t1 has two results and none of whether they improved: nothing must tell "none" from "few".
    improved = "outcome.reliable_improvement"
    world = {
        "c1": {
            "t1": (Caseload((2, 1)),),
            **{
                name: (Caseload((9, 4)), Caseload((9, 4), figure=improved)) for name in ("t2", "t3")
            },
        }
    }
    found = published(world).therapists
    assert reasons(found) == {"t1": FEW, "t2": BESIDE, "t3": BESIDE}
    assert reasons(found, figure=improved) == {"t1": FEW, "t2": BESIDE, "t3": BESIDE}


def test_families_are_hidden_each_for_its_own_sake() -> None:
    world = {
        "c1": {
            f"t{at}": (Caseload(cases), Caseload((20, 2), figure=DROPOUT))
            for at, cases in enumerate([(2, 1), (9, 4), (9, 4), (9, 4)])
        }
    }
    found = published(world).therapists
    assert reasons(found) == {"t0": FEW, "t1": BESIDE, "t2": BESIDE, "t3": SHOWN}
    assert set(reasons(found, figure=DROPOUT).values()) == {SHOWN}


THREE = {name: of_window(t1=(20, 10)) for name in ("c1", "c2", "c3")}


def test_a_benchmark_follows_the_strictest_profile_and_its_rounding() -> None:
    lax = published(THREE, dict.fromkeys(THREE, "standard")).sectors
    assert reasons(lax) == {"public": SHOWN}
    nhs = {"c1": "standard", "c2": "nhs", "c3": "standard"}
    world = THREE | {"c3": of_window(t1=(22, 10))}
    assert published(world, "standard").sectors["n_patients"].tolist() == [62]
    assert published(world, nhs).sectors["n_patients"].tolist() == [60]
    strict = {"c1": "standard", "c2": "strict", "c3": "standard"}
    assert reasons(published(THREE, strict).sectors) == {"public": FEW}  # five clinics at least


def test_the_profile_of_one_sector_does_not_bind_another() -> None:
    world = THREE | {name: of_window(t1=(20, 10)) for name in ("d1", "d2", "d3")}
    sectors = dict.fromkeys(("d1", "d2", "d3"), "private")
    profiles = dict.fromkeys(world, "standard") | {"d1": "strict"}
    found = published(world, profiles, sectors=sectors).sectors
    assert reasons(found) == {"public": SHOWN, "private": FEW}


def test_a_clinic_without_figures_needs_no_profile_and_has_none() -> None:
    clinics = pd.DataFrame({"clinic_id": ["c1", "c9"], "sector": ["public", "private"]})
    found = publish(
        aggregated({"c1": of_window(t1=(9, 4))}),
        profiles_by_clinic={"c1": "standard", "c9": "strict"},
        clinics=clinics,
    )
    assert reasons(found.clinics) == {"c1": SHOWN}


def test_what_leaves_holds_neither_groups_nor_estimates_nor_months_of_therapists() -> None:
    world = {"c1": {name: (Caseload((9, 4), (9, 5)),) for name in ("t1", "t2")}}
    found = published(world)
    assert found.groups.empty
    assert found.estimates.empty
    assert set(found.therapists["period"]) == {"trailing_12"}
    assert found.therapists.index.tolist() == [0, 1]
    for table in (found.therapists, found.clinics, found.sectors):
        assert table["carried_from"].isna().all()


def test_an_edition_stands_where_too_few_patients_came_and_only_there() -> None:
    # Two clinics; of the second, one patient was late. What was printed of it stands.
    first = published({"c1": of_window(t1=(9, 4)), "c2": of_window(t1=(9, 4))})
    world = {"c1": of_window(t1=(15, 7)), "c2": of_window(t1=(10, 5))}
    second = published(world, former=as_former(first)).clinics.set_index("clinic_id")
    assert second["n_patients"].to_dict() == {"c1": 15, "c2": 9}
    assert second["carried_from"].fillna("").to_dict() == {"c1": "", "c2": MONTHS[11]}
    assert second["suppression"].isna().all()


def test_a_benchmark_stands_by_the_profile_of_its_sector() -> None:
    # Under strict, what was printed of nine patients may not be printed again.
    first = published(THREE)
    late = THREE | {"c1": of_window(t1=(26, 10))}
    again = published(late, former=as_former(first)).sectors
    assert again[["n_patients", "carried_from"]].values.tolist() == [[60, MONTHS[11]]]
    mixed = {"c1": "standard", "c2": "strict", "c3": "standard"}
    assert reasons(published(late, mixed, former=as_former(first)).sectors) == {"public": FEW}


def test_nothing_that_is_published_is_there_before_or_after() -> None:
    first = published({"c1": of_window(t1=(9, 4))})
    for former in (None, as_former(first)):
        found = publish(
            _emptied(aggregated({"c1": of_window(t1=(9, 4))})),
            profiles_by_clinic={},
            clinics=pd.DataFrame({"clinic_id": [], "sector": []}),
            former=former,
        )
        assert [len(table) for table in (found.therapists, found.clinics, found.sectors)] == [0] * 3
        assert "carried_from" in found.clinics


def _emptied(computed: Aggregates) -> Aggregates:
    return Aggregates(
        computed.therapists.iloc[:0],
        computed.clinics.iloc[:0],
        computed.sectors.iloc[:0],
        computed.groups.iloc[:0],
        computed.estimates,
    )
