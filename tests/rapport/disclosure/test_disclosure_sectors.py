"""A benchmark is shown where no clinic, and no two together, could be read out of it."""

import pandas as pd
import pytest

from rapport.disclosure.sectors import hidden_in_sectors


def _hidden(sizes: dict[str, dict[str, int]], profile: str = "standard") -> dict[str, str]:
    """Period → reason, from period → clinic → patients."""
    rows = pd.DataFrame(
        [
            (clinic, "sessions", "patients.seen", period, n)
            for period, clinics in sizes.items()
            for clinic, n in clinics.items()
        ],
        columns=["clinic_id", "family", "figure", "period", "n_patients"],
    )
    names = {clinic: profile for clinics in sizes.values() for clinic in clinics}
    found = hidden_in_sectors(rows, pd.Series("public", index=rows.index), names)
    return dict(zip(found["period"], found["reason"], strict=True))


def _of(*sizes: int) -> dict[str, dict[str, int]]:
    return {"trailing_12": {f"c{at}": n for at, n in enumerate(sizes)}}


@pytest.mark.parametrize(
    ("sizes", "is_hidden"),
    [
        ((20, 20), True),  # two clinics: each subtracts itself
        ((20, 20, 20), False),
        ((45, 45, 10), False),  # two have exactly nine tenths
        ((46, 45, 9), True),  # two have more
        ((100, 5, 10), True),  # the rest of the largest two is below a tenth of the largest
        ((50, 30, 9), False),
        ((60, 2, 2), True),
        ((4, 2, 2), True),  # after the largest is taken out, fewer than five are left
        ((4, 3, 2), False),
    ],
)
def test_a_benchmark_hides_where_a_clinic_shines_through(
    sizes: tuple[int, ...], is_hidden: bool
) -> None:
    assert bool(_hidden(_of(*sizes))) is is_hidden


def test_strict_needs_five_clinics() -> None:
    assert _hidden(_of(20, 20, 20, 20), "strict") == {"trailing_12": "small_number"}
    assert _hidden(_of(20, 20, 20, 20, 20), "strict") == {}


def test_a_month_that_leaves_too_little_before_it_is_hidden_for_the_rest() -> None:
    enough, few = {"a": 20, "b": 20, "c": 20}, {"a": 2, "b": 1, "c": 1}
    found = _hidden({"month": enough, "trailing_12": enough, "earlier": few})
    assert found == {"month": "complementary"}


def test_what_was_before_does_not_matter_where_the_window_is_hidden() -> None:
    enough, few = {"a": 20, "b": 20, "c": 20}, {"a": 2, "b": 1, "c": 1}
    found = _hidden({"month": enough, "trailing_12": few, "earlier": few})
    assert found == {"trailing_12": "small_number"}


def test_one_figure_of_a_family_that_may_not_be_shown_hides_the_family() -> None:
    rows = pd.DataFrame(
        [
            (clinic, "sessions", figure, "month", n)
            for figure, sizes in (
                ("completion.patient", (20, 20, 20)),
                ("completion.both", (20, 1, 0)),
            )
            for clinic, n in zip("abc", sizes, strict=True)
        ],
        columns=["clinic_id", "family", "figure", "period", "n_patients"],
    )
    sector = pd.Series("public", index=rows.index)
    found = hidden_in_sectors(rows, sector, dict.fromkeys("abc", "standard"))
    assert found[["family", "period", "reason"]].values.tolist() == [
        ["sessions", "month", "small_number"]
    ]


def _of_families(*rows: tuple[str, str]) -> pd.DataFrame:
    """Three clinics of twenty patients each, for each sector, family and period."""
    return pd.DataFrame(
        [
            (sector, f"{sector}-{clinic}", family, f"{family}.figure", period, 20)
            for sector, family, period in ((*row[0].split("/"), row[1]) for row in rows)
            for clinic in "abc"
        ],
        columns=["sector", "clinic_id", "family", "figure", "period", "n_patients"],
    )


def _hidden_families(rows: pd.DataFrame, past: pd.DataFrame | None = None) -> list[list[str]]:
    names = dict.fromkeys(rows["clinic_id"], "standard")
    found = hidden_in_sectors(rows.drop(columns="sector"), rows["sector"], names, past)
    return sorted(found[["sector", "family", "period", "reason"]].values.tolist())


def test_of_a_window_that_a_family_has_nothing_in_nothing_is_hidden() -> None:
    rows = _of_families(("public/outcome", "trailing_12"), ("public/sessions", "month"))
    assert _hidden_families(rows) == []
    few = rows.assign(n_patients=rows["n_patients"].mask(rows["family"] == "sessions", 1))
    assert _hidden_families(few) == [["public", "sessions", "month", "small_number"]]


def test_what_the_past_says_of_one_family_and_sector_holds_for_no_other() -> None:
    rows = _of_families(
        ("public/outcome", "trailing_12"),
        ("public/sessions", "trailing_12"),
        ("private/outcome", "trailing_12"),
    )
    past = pd.DataFrame(
        [{"sector": "public", "family": "outcome", "waits": True, "month_waits": False}]
    ).assign(must_tell=False, must_hide=False)
    assert _hidden_families(rows, past) == [["public", "outcome", "trailing_12", "complementary"]]


def test_a_small_number_is_the_reason_though_the_past_asks_for_hiding_too() -> None:
    rows = _of_families(("public/outcome", "trailing_12"), ("public/outcome", "month"))
    past = pd.DataFrame(
        [{"sector": "public", "family": "outcome", "waits": True, "month_waits": True}]
    ).assign(must_tell=True, must_hide=True)
    assert _hidden_families(rows.assign(n_patients=1), past) == [
        ["public", "outcome", "month", "small_number"],
        ["public", "outcome", "trailing_12", "small_number"],
    ]


@pytest.mark.parametrize("sizes", [(9, 5, 2), (5, 2, 9), (2, 9, 5)])
def test_the_order_of_the_clinics_changes_nothing(sizes: tuple[int, ...]) -> None:
    assert _hidden(_of(*sizes)) == {}
    assert _hidden(_of(*sizes, 200)) == {"trailing_12": "small_number"}
