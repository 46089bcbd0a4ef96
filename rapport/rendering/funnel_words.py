"""Whether a clinic's shares lie within what chance makes of clinics of its size: a funnel in words.

The limits are computed from published figures alone: the sector's share, the clinic's own number
of episodes, and how much more the sector's clinics scatter than chance. A clinic outside is to be
asked about, not blamed; there is no rank in it.
"""

import numpy as np

from rapport.rendering.figure_book import TRAILING_12, FigureBook, Reading
from rapport.statistics.figures.estimates import FUNNEL_SHARES

TAIL = 0.001
"""Probability beyond each limit: 998 of 1,000 lie between them, Spiegelhalter's outer limits."""

FEWEST_EPISODES = 10
"""Episodes of a clinic that are held against limits."""

LARGEST_PART = 0.5
"""Part of the sector's episodes that a clinic has at most, to be beside the sector at all."""


def funnel_readings(clinic: FigureBook, sector: FigureBook, sector_name: str) -> tuple[str, ...]:
    """Return one sentence or two for each share of which both sides are shown.

    Args:
        clinic: The clinic's figures.
        sector: Those of its sector.
        sector_name: ``public`` or ``private``.
    """
    readings = []
    for share, name in FUNNEL_SHARES.items():
        own = clinic.find(f"outcome.{share}", TRAILING_12)
        target = sector.find(f"outcome.{share}", TRAILING_12)
        scatter = sector.find(f"scatter.{share}", TRAILING_12)
        if own is None or target is None or not _is_comparable(own, target):
            continue
        low, high = funnel_limits(target.value or 0.0, own.denominator or 0.0, _times(scatter))
        words = tuple(
            clinic.written(own, number) for number in (own.value, low, high, target.value)
        )
        readings.append(_sentence(name, words, _place(own, low, high), sector_name, scatter))
    return tuple(readings)


def funnel_limits(target: float, episodes: float, scatter: float) -> tuple[float, float]:
    """Return the limits between which 998 of 1,000 clinics of a size lie, if all were alike.

    Args:
        target: Share of the sector, in (0, 1).
        episodes: Episodes of the clinic, ≥ 1.
        scatter: Over-dispersion; up to 1 the limits are the exact binomial ones.

    Returns:
        Lower and upper limit, in [0, 1].

    Source:
        Spiegelhalter (2005), Stat Med 24:1185-1202, and Qual Saf Health Care 14:347-351.
    """
    from rapport.statistics.funnel import approximate_limit, exact_limit

    sizes = np.array([round(episodes)])
    found = [
        float(exact_limit(target, sizes, tail)[0])
        if scatter <= 1
        else float(approximate_limit(target, sizes, tail, dispersion=scatter)[0])
        for tail in (TAIL, 1 - TAIL)
    ]
    return max(found[0], 0.0), min(found[1], 1.0)


def _is_comparable(own: Reading, target: Reading) -> bool:
    if not own.is_shown or not target.is_shown or target.value is None:
        return False
    mine, all_of_sector = own.denominator or 0.0, target.denominator or 0.0
    is_part = FEWEST_EPISODES <= mine <= LARGEST_PART * all_of_sector
    return is_part and 0 < target.value < 1


def _times(scatter: Reading | None) -> float:
    if scatter is None or not scatter.is_shown or scatter.value is None:
        return 1.0
    return max(scatter.value, 1.0)


def _place(own: Reading, low: float, high: float) -> str:
    value = own.value or 0.0
    if value < low:
        return "below"
    return "above" if value > high else "within"


def _sentence(
    name: str, words: tuple[str, ...], place: str, sector_name: str, scatter: Reading | None
) -> str:
    value, low, high, target = words
    widened = ", widened because its clinics differ by more than chance"
    said = (
        f"{name}, {value}: {place} the limits of {low} to {high} around the {sector_name} "
        f"sector’s {target}{widened if _times(scatter) > 1 else ''}."
    )
    return said if place == "within" else f"{said} Worth asking why."
