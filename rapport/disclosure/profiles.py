"""Disclosure profiles: how many patients a figure must rest on, and how it is rounded.

A clinic names its profile in the registry. Which one is a decision of policy; each is documented
with where its numbers come from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rapport.errors import Fault, SettingsError


@dataclass(frozen=True, slots=True)
class Profile:
    """One set of rules about what may be shown.

    Attributes:
        id: Name in the registry.
        title: What a reader sees.
        minimum_patients: Distinct patients that a figure must rest on, at least.
        minimum_alike: Distinct patients needed where all of them share one result (everybody or
            nobody recovered, improved; everybody deteriorated): such a share says something
            about each single patient.
        protects_from_colleagues: Also keep a therapist who subtracts her own figures from a
            total from learning those of a hidden colleague, at the price of the total where
            hiding rows is not enough. Without it, more rows are hidden for that, never the total.
        colluding_clinics: Clinics that may put their knowledge of themselves together before a
            sector's figure: without the largest so many, enough patients remain.
        count_step: Counts are rounded to the nearest multiple of this; 1 keeps them.
        share_digits: Decimals of proportions (2: whole per cent); ``None`` keeps them.
        mean_digits: Decimals of means and differences; ``None`` keeps them.
        minimum_clinics: Clinics that a sector figure must rest on, at least.
        source: Where the numbers come from.
    """

    id: str
    title: str
    minimum_patients: int
    minimum_alike: int
    protects_from_colleagues: bool
    colluding_clinics: int
    count_step: int
    share_digits: int | None
    mean_digits: int | None
    minimum_clinics: int
    source: str


_PROFILES = (
    Profile(
        id="standard",
        title="Standard",
        minimum_patients=5,
        minimum_alike=10,
        protects_from_colleagues=False,
        colluding_clinics=1,
        count_step=1,
        share_digits=None,
        mean_digits=None,
        minimum_clinics=3,
        source="Threshold of NHS Digital's IAPT publications (fewer than 5), on distinct patients; "
        "no rounding, for a report that stays in the clinic.",
    ),
    Profile(
        id="nhs",
        title="NHS Talking Therapies publication",
        minimum_patients=5,
        minimum_alike=10,
        protects_from_colleagues=False,
        colluding_clinics=1,
        count_step=5,
        share_digits=2,
        mean_digits=1,
        minimum_clinics=3,
        source="NHS Digital, IAPT v2.0 Data Quality Statement 2021: fewer than 5 suppressed, "
        "counts to the nearest 5, rates from unrounded counts as whole per cent.",
    ),
    Profile(
        id="opensafely",
        title="OpenSAFELY",
        minimum_patients=8,
        minimum_alike=16,
        protects_from_colleagues=False,
        colluding_clinics=1,
        count_step=5,
        share_digits=2,
        mean_digits=1,
        minimum_clinics=3,
        source="OpenSAFELY output policy as commonly stated: counts of 7 and fewer redacted, the "
        "rest rounded to the nearest 5.",
    ),
    Profile(
        id="strict",
        title="Strict",
        minimum_patients=10,
        minimum_alike=20,
        protects_from_colleagues=True,
        colluding_clinics=2,
        count_step=5,
        share_digits=2,
        mean_digits=1,
        minimum_clinics=5,
        source="Threshold of 10 as in research data centres (acro's default); own policy for the "
        "rest.",
    ),
)


def profiles() -> Mapping[str, Profile]:
    """Return all profiles by id."""
    return MappingProxyType({profile.id: profile for profile in _PROFILES})


def profile_of(name: str) -> Profile:
    """Return one profile.

    Raises:
        SettingsError: There is no profile of this name.
    """
    found = profiles().get(name)
    if found is None:
        raise SettingsError(
            Fault(
                "UNKNOWN_PROFILE",
                f"There is no disclosure profile {name!r}.",
                f"Use one of: {', '.join(profiles())}.",
            )
        )
    return found


def strictest(names: list[str]) -> Profile:
    """Return the profile with the highest demands among those named; the first on a tie."""
    return max(
        (profile_of(name) for name in names),
        key=lambda one: (one.minimum_patients, one.minimum_alike, one.count_step),
    )
