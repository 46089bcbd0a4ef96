"""The figure catalogue: every number that a report may print, with its definition and source.

A figure is printed only if it stands here. Its id is the ``figure`` column of the tables of
figures; its title, unit, definition and method are what the report and the glossary say.
``FIGURES`` are sums over observations, which belong to one patient and one therapist each;
``ESTIMATES`` come out of models over many patients. ``CATALOGUE`` holds both.
"""

from collections.abc import Mapping
from types import MappingProxyType

from rapport.statistics.figures import dyad_estimates, estimates, process, treatment
from rapport.statistics.figures.figure import (
    BOTH_PERIODS,
    EVERY_LEVEL,
    NOTE,
    Figure,
    Kind,
    Level,
    Period,
)
from rapport.statistics.figures.treatment import ALLIANCE_FORMS, MEASURES, RATERS, SCALES

__all__ = [
    "ALLIANCE_FORMS",
    "BOTH_PERIODS",
    "CATALOGUE",
    "ESTIMATES",
    "EVERY_LEVEL",
    "FIGURES",
    "MEASURES",
    "NOTE",
    "RATERS",
    "SCALES",
    "SESSION_INSTRUMENTS",
    "Figure",
    "Kind",
    "Level",
    "Period",
]

FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        figure.id: figure
        for figures in (
            treatment.alliance(),
            treatment.sessions(),
            treatment.outcomes(),
            treatment.measures(),
            process.ruptures(),
            process.reported_ruptures(),
            process.stages(),
            process.endings_by_stage(),
            process.modes(),
            process.real_relationship(),
        )
        for figure in figures
    }
)
"""Id → figure that is a sum over observations, in the order in which a report tells them."""

ESTIMATES: Mapping[str, Figure] = MappingProxyType(
    {
        figure.id: figure
        for figures in (
            estimates.estimates(),
            dyad_estimates.congruence(),
            dyad_estimates.explained(),
            dyad_estimates.surface(),
            dyad_estimates.agreement(),
            dyad_estimates.beside(),
        )
        for figure in figures
    }
)
"""Id → figure that is an estimate of a model."""

SESSION_INSTRUMENTS = (
    *ALLIANCE_FORMS.values(),
    *process.RELATIONSHIP_FORMS,
    process.REPORTED,
    dyad_estimates.EXPLAINED_MEASURE,
)
"""Instruments whose scores are needed session by session."""

CATALOGUE: Mapping[str, Figure] = MappingProxyType({**FIGURES, **ESTIMATES})
"""Id → figure, all of them."""
