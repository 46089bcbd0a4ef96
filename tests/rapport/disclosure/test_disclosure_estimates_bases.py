"""What each estimate stands on, whose figure that is, and how many patients it has to rest on."""

from collections.abc import Iterable

import pandas as pd
import pytest

from rapport.disclosure.estimates import published_estimates

CLINICS = {"c1": "standard", "c2": "opensafely", "c3": "strict", "c4": "nhs"}
SECTOR = {"c1": "public", "c2": "public", "c3": "private", "c4": "private"}
UNITS = {
    "therapist": {"clinic_id": "c1", "therapist_id": "t1"},
    "clinic": {"clinic_id": "c1"},
    "sector": {"sector": "public"},
}

DIFFERENCE, ALLIANCE = "alliance.difference.total", "alliance.patient.total"
IMPROVEMENT = "outcome.phq-9.improvement"

# From what each estimate is computed: an adjusted outcome from improvements of that measure, a
# congruence from both sides of a session, what the alliance explains from alliance and change.
STANDS_ON = {
    "adjusted.phq-9": (IMPROVEMENT,),
    "adjusted.core-10": ("outcome.core-10.improvement",),
    "adjusted.who-5": ("outcome.who-5.improvement",),
    "adjusted.difference": (DIFFERENCE,),
    "congruence.bias": (DIFFERENCE,),
    "congruence.correlation": (DIFFERENCE,),
    "explained.r": (ALLIANCE, IMPROVEMENT),
    "explained.by_patient": (ALLIANCE, IMPROVEMENT),
    "contrast.video": ("mode.in_person.alliance",),
    "agreement.patient": ("rupture.criterion",),
    "beside.within": (ALLIANCE,),
    "surface.a1": (DIFFERENCE, IMPROVEMENT),
    "scatter.recovery": ("outcome.recovery",),
    "scatter.reliable_improvement": ("outcome.reliable_improvement",),
    "scatter.reliable_recovery": ("outcome.reliable_recovery",),
    "scatter.reliable_deterioration": ("outcome.reliable_deterioration",),
}
EVERY_BASE = sorted({base for bases in STANDS_ON.values() for base in bases})


def _tables(
    level: str, shown: Iterable[str], *, hidden: Iterable[str] = (), period: str = "trailing_12"
) -> dict[str, pd.DataFrame]:
    """Published figures of one unit; of the units of other levels nothing is shown."""
    tables = {}
    for name, unit in UNITS.items():
        rows = [(*unit.values(), one, None) for one in shown]
        rows += [(*unit.values(), one, "complementary") for one in hidden]
        columns = [*unit, "figure", "suppression"]
        table = pd.DataFrame(rows if name == level else [], columns=columns)
        tables[name] = table.assign(period=period).astype({"suppression": "str"})
    return tables


def _estimate(
    figure: str, level: str = "clinic", n_patients: int | None = 40, **other: object
) -> pd.DataFrame:
    nobody = {"clinic_id": None, "therapist_id": None, "sector": None}
    row = nobody | UNITS[level] | {"level": level, "figure": figure, "n_patients": n_patients}
    frame = pd.DataFrame([row | {"value": 0.3, "suppression": None} | other])
    return frame.astype({"suppression": "str", "n_patients": "Int64"})


def _reasons(
    estimates: pd.DataFrame, tables: dict[str, pd.DataFrame], **profiles: str
) -> list[str]:
    found = published_estimates(estimates, tables, profiles or CLINICS, SECTOR)
    return [str(one) for one in found["suppression"].fillna("shown")]


@pytest.mark.parametrize("level", ["therapist", "clinic", "sector"])
@pytest.mark.parametrize("figure", STANDS_ON)
def test_an_estimate_is_shown_beside_what_it_stands_on_and_needs_nothing_else(
    figure: str, level: str
) -> None:
    assert _reasons(_estimate(figure, level), _tables(level, STANDS_ON[figure])) == ["shown"]


@pytest.mark.parametrize("level", ["therapist", "clinic", "sector"])
@pytest.mark.parametrize(
    ("figure", "base"), [(one, base) for one, bases in STANDS_ON.items() for base in bases]
)
def test_an_estimate_is_hidden_where_one_thing_that_it_stands_on_is(
    figure: str, base: str, level: str
) -> None:
    others = [one for one in EVERY_BASE if one != base]
    estimate = _estimate(figure, level)
    assert _reasons(estimate, _tables(level, others, hidden=[base])) == ["complementary"]
    assert _reasons(estimate, _tables(level, others)) == ["complementary"]


def test_a_figure_of_the_month_is_no_base_of_an_estimate_of_the_window() -> None:
    months = _tables("clinic", EVERY_BASE, period="month")
    assert _reasons(_estimate("congruence.bias"), months) == ["complementary"]


def test_a_figure_of_another_level_is_no_base() -> None:
    assert _reasons(_estimate("congruence.bias"), _tables("sector", EVERY_BASE)) == [
        "complementary"
    ]


@pytest.mark.parametrize("figure", ["alpha.phq-9.patient", "omega.wai-sr.patient"])
def test_how_consistently_forms_were_answered_stands_on_no_figure(figure: str) -> None:
    assert _reasons(_estimate(figure), _tables("clinic", [])) == ["shown"]


@pytest.mark.parametrize(("clinic", "minimum"), [("c1", 5), ("c2", 8), ("c3", 10), ("c4", 5)])
def test_an_estimate_rests_on_as_many_patients_as_its_clinics_profile_asks_for(
    clinic: str, minimum: int
) -> None:
    few, enough = (
        _estimate("alpha.phq-9.patient", n_patients=n, clinic_id=clinic)
        for n in (minimum - 1, minimum)
    )
    assert _reasons(few, _tables("clinic", [])) == ["small_number"]
    assert _reasons(enough, _tables("clinic", [])) == ["shown"]


@pytest.mark.parametrize(("sector", "minimum"), [("public", 8), ("private", 10), ("all", 10)])
def test_an_estimate_of_a_sector_follows_the_strictest_of_its_clinics(
    sector: str, minimum: int
) -> None:
    few, enough = (
        _estimate("alpha.phq-9.patient", "sector", n_patients=n, sector=sector)
        for n in (minimum - 1, minimum)
    )
    assert _reasons(few, _tables("sector", [])) == ["small_number"]
    assert _reasons(enough, _tables("sector", [])) == ["shown"]


def test_a_clinic_that_has_no_figures_this_month_does_not_make_its_sector_stricter() -> None:
    seven = _estimate("alpha.phq-9.patient", "sector", n_patients=7)
    profiles = {"c1": "standard", "c3": "strict", "c4": "nhs"}  # c2, of the sector, is not there
    assert _reasons(seven, _tables("sector", []), **profiles) == ["shown"]


def test_a_sector_without_any_clinic_this_month_is_no_obstacle_for_the_other() -> None:
    profiles = {"c3": "strict", "c4": "nhs"}
    ten = _estimate("alpha.phq-9.patient", "sector", n_patients=10, sector="private")
    assert _reasons(ten, _tables("sector", []), **profiles) == ["shown"]


def test_what_is_said_of_all_clinics_stands_on_all_their_patients_and_on_no_figure() -> None:
    estimate = _estimate("adjusted.phq-9", "sector", sector="all")
    assert _reasons(estimate, _tables("sector", [])) == ["shown"]


@pytest.mark.parametrize("names", [["c1", "c2"], ["c1", "c2", "c3"]])
def test_all_clinics_are_three_at_least_and_a_sector_may_be_fewer(names: list[str]) -> None:
    profiles = dict.fromkeys(names, "standard")
    together = _estimate("therapists.phq-9", "sector", sector="all")
    of_sector = _estimate("therapists.phq-9", "sector")
    expected = "shown" if len(names) > 2 else "small_number"
    assert _reasons(together, _tables("sector", []), **profiles) == [expected]
    assert _reasons(of_sector, _tables("sector", []), **profiles) == ["shown"]


def test_too_few_patients_is_the_reason_though_the_base_is_hidden_too() -> None:
    estimate = _estimate("congruence.bias", n_patients=4)
    assert _reasons(estimate, _tables("clinic", [])) == ["small_number"]


def test_each_row_has_its_own_reason_and_keeps_its_place_and_its_numbers() -> None:
    rows = pd.concat(
        [
            _estimate("congruence.bias"),
            _estimate("congruence.bias", "therapist"),
            _estimate("alpha.phq-9.patient", "sector", n_patients=3),
            _estimate("alpha.phq-9.patient", "sector", suppression="too_few"),
        ],
        keys=[7, 3, 5, 1],
    ).droplevel(1)
    tables = _tables("clinic", [DIFFERENCE])
    found = published_estimates(rows, tables, CLINICS, SECTOR)
    assert found.index.tolist() == [7, 3, 5, 1]
    assert found["suppression"].fillna("shown").tolist() == [
        "shown", "complementary", "small_number", "too_few",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(
        found.drop(columns="suppression"), rows.drop(columns="suppression")
    )


def test_no_estimates_are_none() -> None:
    nothing = _estimate("congruence.bias").iloc[:0]
    assert published_estimates(nothing, _tables("clinic", []), CLINICS, SECTOR).empty
