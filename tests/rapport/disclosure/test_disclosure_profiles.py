"""What each profile asks for, as its source has it; and the primary rule, group by group."""

from dataclasses import astuple

import pandas as pd
import pytest

from rapport.disclosure.primary import is_unsafe
from rapport.disclosure.profiles import profile_of, profiles, strictest
from rapport.disclosure.sectors import is_unsafe as shines_through
from rapport.errors import SettingsError

# minimum_patients, minimum_alike, protects_from_colleagues, colluding_clinics, count_step,
# share_digits, mean_digits, minimum_clinics: NHS Digital IAPT 2021 (fewer than 5; nearest 5; whole
# per cent), OpenSAFELY (7 and fewer; nearest 5), acro (10); the rest own policy.
EXPECTED = {
    "standard": (5, 10, False, 1, 1, None, None, 3),
    "nhs": (5, 10, False, 1, 5, 2, 1, 3),
    "opensafely": (8, 16, False, 1, 5, 2, 1, 3),
    "strict": (10, 20, True, 2, 5, 2, 1, 5),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_profile_asks_for_what_its_source_says(name: str) -> None:
    profile = profile_of(name)
    assert astuple(profile)[2:-1] == EXPECTED[name]
    assert (profile.id, bool(profile.title), bool(profile.source)) == (name, True, True)


def test_there_are_no_other_profiles() -> None:
    assert set(profiles()) == set(EXPECTED)
    with pytest.raises(SettingsError, match="UNKNOWN_PROFILE"):
        profile_of("lax")


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["standard", "strict", "nhs"], "strict"),
        (["standard", "nhs"], "nhs"),
        (["opensafely", "nhs"], "opensafely"),
        (["standard"], "standard"),
    ],
)
def test_the_strictest_profile_holds_for_all(names: list[str], found: str) -> None:
    assert strictest(names).id == found


def _unsafe(
    figure: str, patients: int, total: float, n: int = 0, profile: str = "standard"
) -> bool:
    row = {
        "figure": figure,
        "n_patients": patients,
        "n_observations": n or patients,
        "total": total,
    }
    return bool(is_unsafe(pd.DataFrame([row]), pd.Series([profile])).iloc[0])


@pytest.mark.parametrize(
    ("profile", "minimum"), [("standard", 5), ("nhs", 5), ("opensafely", 8), ("strict", 10)]
)
def test_a_group_is_small_below_the_profiles_minimum(profile: str, minimum: int) -> None:
    mean = "alliance.patient.total"
    assert _unsafe(mean, minimum - 1, 9.0, profile=profile)
    assert not _unsafe(mean, minimum, 9.0, profile=profile)


ALIKE = ("outcome.recovery", "outcome.reliable_improvement", "outcome.reliable_recovery")
ONLY_ALL = (
    "outcome.reliable_deterioration",
    "dropout.first",
    "dropout.agreeing",
    "dropout.working",
)


@pytest.mark.parametrize("figure", ALIKE)
def test_nobody_and_everybody_need_twice_as_many_patients(figure: str) -> None:
    for total in (0.0, 9.0):
        assert _unsafe(figure, 9, total)
        assert not _unsafe(figure, 10, total * 10 / 9)
    assert not _unsafe(figure, 9, 4.0)


@pytest.mark.parametrize("figure", ONLY_ALL)
def test_that_nobody_got_worse_or_broke_off_may_be_said(figure: str) -> None:
    assert _unsafe(figure, 9, 9.0)
    assert not _unsafe(figure, 9, 0.0)


def test_a_share_of_other_things_may_be_everybodys() -> None:
    assert not _unsafe("completion.patient", 6, 6.0)
    assert not _unsafe("attendance.missed", 6, 0.0)


@pytest.mark.parametrize(
    ("sizes", "profile", "unsafe"),
    [
        ([20, 20, 20], "standard", False),
        ([20, 20], "standard", True),
        ([45, 45, 10], "standard", False),
        ([46, 45, 9], "standard", True),
        ([500, 400, 100], "standard", False),
        ([500, 401, 100], "standard", True),
        ([3, 2, 2], "standard", True),
        ([3, 3, 2], "standard", False),
        ([20, 20, 4, 3, 2], "strict", True),
        ([20, 20, 4, 3, 3], "strict", False),
    ],
)
def test_what_remains_of_a_benchmark_without_its_largest_clinics(
    sizes: list[int], profile: str, unsafe: bool
) -> None:
    assert shines_through(pd.Series(sizes), profile_of(profile)) == unsafe
