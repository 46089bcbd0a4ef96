"""Which rows a figure rests on, by its id: forms of which instruments, episodes, or sessions."""

from dataclasses import dataclass
from typing import Literal

from rapport.statistics.figures import ALLIANCE_FORMS, MEASURES
from rapport.statistics.figures.dyad_estimates import EXPLAINED_MEASURE
from rapport.statistics.figures.process import RELATIONSHIP_FORMS, REPORTED

Kind = Literal["forms", "episodes", "sessions"]

CASENESS_MEASURES = ("phq-9", "gad-7")
BOTH_SIDES = tuple(ALLIANCE_FORMS.values())


@dataclass(frozen=True, slots=True)
class RestsOn:
    """What has to be looked up for a figure.

    Attributes:
        kind: Forms of the period; forms of the episodes that ended in it (with instruments) or
            their sessions (without); or sessions of the period.
        instruments: Ids of the instruments.
    """

    kind: Kind
    instruments: tuple[str, ...] = ()


_EPISODES_OF_MEASURES = (
    "outcome", "adjusted", "therapists", "clinics", "needed", "comparison", "scatter",
)  # fmt: skip
_BY_FAMILY = {
    "rupture": RestsOn("forms", (ALLIANCE_FORMS["patient"],)),
    "mode": RestsOn("forms", (ALLIANCE_FORMS["patient"],)),
    "contrast": RestsOn("forms", (ALLIANCE_FORMS["patient"],)),
    "congruence": RestsOn("forms", BOTH_SIDES),
    "surface": RestsOn("episodes", (*BOTH_SIDES, EXPLAINED_MEASURE)),
    "agreement": RestsOn("forms", (ALLIANCE_FORMS["patient"], REPORTED)),
    "beside": RestsOn("forms", (ALLIANCE_FORMS["patient"], *RELATIONSHIP_FORMS)),
    "explained": RestsOn("forms", (*BOTH_SIDES, EXPLAINED_MEASURE)),
    "reported": RestsOn("forms", (REPORTED,)),
    "dropout": RestsOn("episodes"),
}
_BY_FIGURE = {
    "adjusted.difference": RestsOn("forms", BOTH_SIDES),
    "sessions.attended_per_episode": RestsOn("episodes"),
}


def rests_on(figure: str) -> RestsOn:
    """Return what a figure of the catalogue rests on."""
    family, _, rest = figure.partition(".")
    known = _BY_FIGURE.get(figure) or _BY_FAMILY.get(family)
    return known or _by_parts(family, rest.split("."))


def _by_parts(family: str, parts: list[str]) -> RestsOn:
    """Return what a figure rests on whose id names its rater, instrument or measure."""
    if family == "alliance":
        return RestsOn("forms", _sides(parts[0]))
    if family == "stage":
        return RestsOn("forms", _sides(parts[-1]))
    if family in ("alpha", "omega", "real_relationship"):
        return RestsOn("forms", (parts[0],))
    if family in _EPISODES_OF_MEASURES:
        return RestsOn("episodes", (parts[0],) if parts[0] in MEASURES else CASENESS_MEASURES)
    return RestsOn("sessions")


def _sides(rater: str) -> tuple[str, ...]:
    return (ALLIANCE_FORMS[rater],) if rater in ALLIANCE_FORMS else BOTH_SIDES
