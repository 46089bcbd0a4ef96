"""Reliable change and the crossing of a cut-off, put together: five exclusive categories."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from rapport.scoring.rounding import without_noise

Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]

RECOVERED: Final = "recovered"
IMPROVED: Final = "improved"
UNCHANGED: Final = "unchanged"
DETERIORATED: Final = "deteriorated"
HARMED: Final = "harmed"

Boundary = Literal["neither", "clinical", "functional"]
"""What a score exactly on the cut-off is."""

CATEGORIES = (RECOVERED, IMPROVED, UNCHANGED, DETERIORATED, HARMED)
"""Every category, from best to worst."""


@dataclass(frozen=True, slots=True)
class Sides:
    """On which side of a cut-off n people were at first and are at last; shape (n,) each.

    Nobody is on both sides at once; who is on neither is on the cut-off, or cannot be told.
    """

    was_clinical: Mask
    was_functional: Mask
    is_clinical: Mask
    is_functional: Mask


def categories(
    pre: Scores,
    post: Scores,
    *,
    is_improved: Mask,
    is_deteriorated: Mask,
    sides: Sides | None,
) -> NDArray[np.object_]:
    """Put each person into one category.

    ``recovered``: clinical at first, functional at last, reliably improved. ``improved``: reliably
    improved otherwise. ``harmed``: functional at first, clinical at last, reliably deteriorated.
    ``deteriorated``: reliably deteriorated otherwise. ``unchanged``: the rest – also who crossed
    the cut-off without reliable change.

    Args:
        pre: First scores, shape (n,).
        post: Last scores, shape (n,).
        is_improved: Whether the change is a reliable improvement, shape (n,).
        is_deteriorated: Whether it is a reliable deterioration, shape (n,).
        sides: Sides of the cut-off; without one, nobody is recovered or harmed.

    Returns:
        Shape (n,), object; ``None`` where a score is missing.

    Source:
        Jacobson & Truax (1991); "harmed" as in Claus, Wager & Bonnet (2024), J. Stat. Softw. 111.
    """
    found = np.full(len(pre), UNCHANGED, dtype=object)
    found[is_improved] = IMPROVED
    found[is_deteriorated] = DETERIORATED
    if sides is not None:
        found[is_improved & sides.was_clinical & sides.is_functional] = RECOVERED
        found[is_deteriorated & sides.was_functional & sides.is_clinical] = HARMED
    found[np.isnan(pre) | np.isnan(post)] = None
    return found


def sides_of(
    pre: Scores,
    post: Scores,
    *,
    cut_off: float,
    improvement_sign: int,
    boundary: Boundary = "neither",
) -> Sides:
    """Return the sides of a cut-off between observed scores.

    Args:
        pre: First scores, shape (n,).
        post: Last scores, shape (n,).
        cut_off: In points.
        improvement_sign: +1 where a rise is better, −1 where a fall is.
        boundary: What a score exactly on the cut-off is: ``neither`` by Jacobson and Truax; a
            published cut-off says it itself (NHS caseness "at least 10": ``clinical``).
    """
    first, last = (without_noise(scores - cut_off) for scores in (pre, post))
    was_clinical, was_functional = _apart(improvement_sign * first, boundary)
    is_clinical, is_functional = _apart(improvement_sign * last, boundary)
    return Sides(was_clinical, was_functional, is_clinical, is_functional)


def _apart(health: Scores, boundary: Boundary) -> tuple[Mask, Mask]:
    """Return who is clinical and who functional; ``health`` is 0 on the cut-off."""
    is_clinical: Mask = health <= 0 if boundary == "clinical" else health < 0
    is_functional: Mask = health >= 0 if boundary == "functional" else health > 0
    return is_clinical, is_functional
