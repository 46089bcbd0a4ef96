"""The published reliable-change indices: change in units of what error alone would make.

The sign of every index is the sign of a rise. A change is reliable when the index lies beyond the
critical value, strictly: an index exactly on it is not reliable.
"""

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rapport.errors import Fault, StatisticsError
from rapport.scoring.change.reference import Reference

Scores = NDArray[np.float64]
Method = Literal["JT", "EN", "GLN", "HLL", "NK", "HA"]


_PUBLISHED_RISK = 0.05

PUBLISHED_CRITICAL = 1.96
"""Size beyond which a change is reliable at a risk of .05, as Jacobson and Truax give it."""


def change_index(pre: Scores, post: Scores, reference: Reference, method: Method = "JT") -> Scores:
    """Return each person's reliable-change index.

    Args:
        pre: First scores, shape (n,), in points; NaN gives NaN.
        post: Last scores, same shape.
        reference: Spread and reliability; each method says in its docstring what it needs.
        method: ``JT`` Jacobson & Truax; ``EN`` Edwards & Nunnally; ``GLN`` Gulliksen, Lord &
            Novick; ``HLL`` Hsu, Linn & Lord; ``NK`` Nunnally & Kotsch; ``HA`` Hageman & Arrindell.

    Returns:
        Shape (n,), unitless.

    Raises:
        StatisticsError: The reference lacks a figure, or leaves no error to divide by.

    Example:
        >>> ref = Reference(sd_pre=7.5, reliability=0.80)
        >>> change_index(np.array([47.5]), np.array([32.5]), ref).round(2).tolist()
        [-3.16]
    """
    return METHODS[method](pre, post, reference)


def critical_value(method: Method, significance: float = 0.05) -> float:
    """Return the size beyond which an index is reliable: 1.96, for HA 1.645 (one-sided).

    At a risk of .05, two-sided, the published 1.96 is used as it stands and not the quantile
    1.959964 that it rounds: an index of 1.96 exactly is not reliable. Any other risk, and HA, goes
    by the quantile of the normal distribution. Intervals never use a rounded one.

    Args:
        method: The index.
        significance: Risk taken, 0 < α < 1; two-sided, for HA the risk of misclassification.

    Raises:
        StatisticsError: ``significance`` is outside its range.

    Source:
        Jacobson & Truax (1991), J Consult Clin Psychol 59:12-19, p. 14.
    """
    if not 0 < significance < 1:
        raise StatisticsError(
            Fault("SIGNIFICANCE", "The risk is not between 0 and 1.", "Give a risk such as 0.05.")
        )
    if method == "HA":
        return NormalDist().inv_cdf(1 - significance)
    if significance == _PUBLISHED_RISK:
        return PUBLISHED_CRITICAL
    return NormalDist().inv_cdf(1 - significance / 2)


def smallest_reliable_change(reference: Reference, significance: float = 0.05) -> float:
    """Return the change, in points, at which a Jacobson-Truax index reaches its critical value.

    Formula:
        z·√2·SD₁·√(1 − r)
    """
    return critical_value("JT", significance) * reference.standard_error_of_difference


def jacobson_truax(pre: Scores, post: Scores, reference: Reference) -> Scores:
    """(post − pre) / S_diff; needs SD and reliability.

    Source:
        Jacobson & Truax (1991), J. Consult. Clin. Psychol. 59, 12-19; the √2 by Christensen &
        Mendoza (1986).
    """
    return (post - pre) / reference.standard_error_of_difference


def edwards_nunnally(pre: Scores, post: Scores, reference: Reference) -> Scores:
    """(post − [r(pre − M₁) + M₁]) / SEM; needs also ``mean_pre``.

    Source:
        Edwards, Yarvis, Mueller, Zingale & Wagman (1978); Speer (1992), J. Consult. Clin.
        Psychol. 60, 402-408.
    """
    return (post - _true_pre(pre, reference)) / reference.standard_error


def gulliksen_lord_novick(pre: Scores, post: Scores, reference: Reference) -> Scores:
    """[(post − M₁) − r(pre − M₁)] / (SD₁√(1 − r²)); needs also ``mean_pre``.

    Source:
        Hsu (1989), Behavioral Assessment 11, 459-467.
    """
    return (post - _true_pre(pre, reference)) / reference.standard_error_of_prediction


def hsu_linn_lord(pre: Scores, post: Scores, reference: Reference) -> Scores:
    """[(post − M₂) − r(pre − M₁)] / (SD₁√(1 − r²)); needs also both means.

    Source:
        Hsu (1989), Behavioral Assessment 11, 459-467.
    """
    expected = reference.reliability * (pre - reference.needed("mean_pre"))
    change = (post - reference.needed("mean_post")) - expected
    return change / reference.standard_error_of_prediction


def nunnally_kotsch(pre: Scores, post: Scores, reference: Reference) -> Scores:
    """(post − [r(pre − M₁) + M₁]) / √(r²S₁²(1 − r) + S₁²(1 − r₂)); needs also ``mean_pre``.

    Source:
        Nunnally & Kotsch (1983), British Journal of Clinical Psychology 22, 83-93.
    """
    r = reference.reliability
    r_post = r if reference.reliability_post is None else reference.reliability_post
    error = reference.sd_pre * math.sqrt(r**2 * (1 - r) + (1 - r_post))
    return (post - _true_pre(pre, reference)) / error


def hageman_arrindell(pre: Scores, post: Scores, reference: Reference) -> Scores:
    """[(post − pre)·r_dd + (M₂ − M₁)(1 − r_dd)] / (√r_dd·√2·SEM); needs also M₁, M₂, S₂, r₁₂.

    Source:
        Hageman & Arrindell (1999), Behaviour Research and Therapy 37, 1169-1193.
    """
    r_dd = reference.reliability_of_change
    if not r_dd > 0:
        raise StatisticsError(
            Fault(
                "NO_TRUE_CHANGE",
                "The differences vary no more than measurement error alone would make them.",
                "Use JT; the Hageman-Arrindell index does not exist here.",
            )
        )
    shift = reference.needed("mean_post") - reference.needed("mean_pre")
    error = math.sqrt(r_dd) * reference.standard_error_of_difference
    return ((post - pre) * r_dd + shift * (1 - r_dd)) / error


METHODS: Mapping[Method, Callable[[Scores, Scores, Reference], Scores]] = {
    "JT": jacobson_truax,
    "EN": edwards_nunnally,
    "GLN": gulliksen_lord_novick,
    "HLL": hsu_linn_lord,
    "NK": nunnally_kotsch,
    "HA": hageman_arrindell,
}
"""Short name → index."""


def _true_pre(pre: Scores, reference: Reference) -> Scores:
    """Return first scores regressed to the mean of the group: r(pre − M₁) + M₁."""
    mean = reference.needed("mean_pre")
    return reference.reliability * (pre - mean) + mean
