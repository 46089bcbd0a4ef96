"""Rounding by profile: counts to the nearest step, shares and means half up, intervals outwards."""

import numpy as np
import pandas as pd
import pytest

from rapport.disclosure.rounding import half_up, rounded

SHARE, MEAN, COUNT, ESTIMATE = (
    "outcome.recovery",
    "alliance.patient.total",
    "patients.seen",
    "congruence.bias",
)


def _row(figure: str, *, n: int = 13, value: float, low: float, high: float) -> pd.DataFrame:
    counts = {name: [n] for name in ("n_patients", "n_observations", "numerator", "denominator")}
    return pd.DataFrame(
        {"figure": [figure], **counts, "value": [value], "low": [low], "high": [high]}
    )


def _by(profile: str, rows: pd.DataFrame) -> pd.DataFrame:
    return rounded(rows, pd.Series(profile, index=rows.index))


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.285, 2, 0.29),  # 28.5 % is 29 %, as NHS England rounds 9/16 = 56.25 % to 56.3 %
        (-0.285, 2, -0.29),
        (0.5625, 3, 0.563),
        (0.2849, 2, 0.28),
        (2.5, 0, 3.0),
        (1.05, 1, 1.1),
        (0.0, 2, 0.0),
    ],
)
def test_numbers_are_rounded_half_away_from_nought(
    value: float, digits: int, expected: float
) -> None:
    assert half_up(np.array([value]), digits)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("count", "expected"), [(7, 5), (8, 10), (12, 10), (13, 15), (15, 15), (17, 15), (18, 20)]
)
def test_counts_go_to_the_nearest_five_as_in_the_published_code(count: int, expected: int) -> None:
    # ((n + 2) / 5) * 5 in whole numbers, NHS England
    found = _by("nhs", _row(SHARE, n=count, value=0.5, low=0.4, high=0.6)).iloc[0]
    for name in ("n_patients", "n_observations", "numerator", "denominator"):
        assert found[name] == expected


def test_a_count_of_patients_is_rounded_as_its_own_value() -> None:
    row = _row(COUNT, n=13, value=13.0, low=np.nan, high=np.nan)
    assert _by("nhs", row)["value"].tolist() == [15.0]
    assert _by("standard", row)["value"].tolist() == [13.0]


def test_shares_become_whole_per_cent_and_intervals_are_rounded_outwards() -> None:
    found = _by("nhs", _row(SHARE, value=0.285, low=0.1371, high=0.4912)).iloc[0]
    assert [found[name] for name in ("value", "low", "high")] == pytest.approx([0.29, 0.13, 0.50])


@pytest.mark.parametrize("figure", [MEAN, ESTIMATE])
def test_means_and_estimates_have_one_decimal_and_intervals_outwards(figure: str) -> None:
    found = _by("nhs", _row(figure, value=0.25, low=-0.11, high=0.61)).iloc[0]
    assert [found[name] for name in ("value", "low", "high")] == pytest.approx([0.3, -0.2, 0.7])


def test_an_end_that_is_rounded_already_stays() -> None:
    found = _by("nhs", _row(MEAN, value=3.5, low=3.0, high=4.0)).iloc[0]
    assert [found[name] for name in ("value", "low", "high")] == [3.5, 3.0, 4.0]


def test_the_standard_profile_keeps_every_digit() -> None:
    row = _row(SHARE, n=13, value=0.28571, low=0.1371, high=0.4912).assign(numerator=3.75)
    pd.testing.assert_frame_equal(_by("standard", row), row)


def test_each_row_follows_its_own_profile_and_keeps_its_place() -> None:
    rows = pd.concat([_row(SHARE, value=0.285, low=0.1, high=0.5)] * 3, ignore_index=True)
    found = rounded(rows, pd.Series(["standard", "nhs", "standard"]))
    assert found["value"].tolist() == pytest.approx([0.285, 0.29, 0.285])
    assert found.index.tolist() == [0, 1, 2]


def test_nothing_to_round_gives_nothing() -> None:
    empty = _row(SHARE, value=0.5, low=0.4, high=0.6).iloc[:0]
    assert rounded(empty, pd.Series([], dtype="str")).empty


@pytest.mark.parametrize("profile", ["nhs", "opensafely", "strict"])
def test_what_is_rounded_to_nought_is_not_less_than_nought(profile: str) -> None:
    found = _by(profile, _row(MEAN, value=-0.04, low=0.0, high=-0.04)).iloc[0]
    numbers = np.array([found[name] for name in ("value", "low", "high")], dtype=float)
    assert numbers.tolist() == [0.0, 0.0, 0.0]
    assert not np.signbit(numbers).any()


@pytest.mark.parametrize(("value", "expected"), [(-0.05, -0.1), (-0.0499, 0.0), (-1.25, -1.3)])
def test_a_negative_difference_is_rounded_half_away_from_nought(
    value: float, expected: float
) -> None:
    found = _by("nhs", _row("alliance.difference.total", value=value, low=-2.0, high=1.0))
    assert found["value"].tolist() == pytest.approx([expected], abs=1e-12)


@pytest.mark.parametrize("profile", ["standard", "nhs", "opensafely", "strict"])
def test_a_number_that_is_not_there_stays_away(profile: str) -> None:
    row = _row(SHARE, value=np.nan, low=np.nan, high=np.nan).assign(numerator=np.nan)
    found = _by(profile, row)
    assert found[["value", "low", "high", "numerator"]].isna().all(axis=None)
    assert found["denominator"].tolist() == [13 if profile == "standard" else 15]


def test_counts_of_whole_numbers_stay_whole_numbers() -> None:
    row = _row(SHARE, value=0.5, low=0.4, high=0.6).astype({"n_patients": "Int64"})
    for profile in ("standard", "nhs"):
        assert str(_by(profile, row)["n_patients"].dtype) == "Int64"


def test_a_small_count_may_be_rounded_to_nought() -> None:
    # A numerator of two among thirteen: the denominator is shown, so the row is not hidden.
    row = _row(SHARE, value=2 / 13, low=0.04, high=0.42).assign(numerator=2)
    found = _by("nhs", row).iloc[0]
    assert (found["numerator"], found["denominator"], found["value"]) == (0, 15, 0.15)
