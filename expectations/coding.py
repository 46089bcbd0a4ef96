"""Whether answers were coded anew since the clinic's earlier months: moved by one, or turned round.

Both are questions of evidence: how much likelier is what came, if the answers were coded anew, than
if they were coded as before? Answers of one form hang together, so a form counts as one answer.
"""

import numpy as np

from expectations.slices import Numbers

_LEAST = 0.01
"""Share of answers that may be anything: no answer is impossible, and no evidence infinite."""

_CLOSER = 0.5
"""The answers must lie at least this much closer to the new coding than to the old one."""

_SOME = 0.2
"""A smaller correlation than this has no sign to speak of."""


def moved(before: Numbers, now: Numbers, n_forms: Numbers) -> Numbers:
    """Return the evidence that answers were coded anew, in powers of ten; 0 if there is none.

    Args:
        before: How often each answer was given in the earlier months, shape (clinic-months,
            answers), answers ascending.
        now: The same of this month.
        n_forms: Forms of this month, shape (clinic-months,).

    Returns:
        ``n_forms`` times the mean log10 of the likelihood ratio of the likeliest of three new
        codings (one higher, one lower, turned round) against the old one, where the shares of
        answers also lie closer to it; missing where either month has no answers.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        old, seen = before / before.sum(axis=1, keepdims=True), now / now.sum(axis=1, keepdims=True)
    evidence = np.zeros(len(now))
    for anew in (_higher(old), _higher(old[:, ::-1])[:, ::-1], old[:, ::-1]):
        with np.errstate(invalid="ignore"):
            ratio = np.log10(_softened(anew) / _softened(old))
            found = n_forms * (seen * ratio).sum(axis=1)
            is_closer = _distance(seen, anew) <= _CLOSER * _distance(seen, old)
        evidence = np.where(is_closer, np.fmax(evidence, found), evidence)
    known = np.isfinite(old).all(axis=1) & np.isfinite(seen).all(axis=1)
    return np.where(known, evidence, np.nan)


def _higher(shares: Numbers) -> Numbers:
    """Return the shares if every answer is one higher; what leaves the scale was refused."""
    up = np.zeros_like(shares)
    up[:, 1:] = shares[:, :-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        moved_up: Numbers = up / up.sum(axis=1, keepdims=True)
    return moved_up


def _softened(shares: Numbers) -> Numbers:
    softened: Numbers = (1 - _LEAST) * shares + _LEAST / shares.shape[1]
    return softened


def _distance(one: Numbers, other: Numbers) -> Numbers:
    """Return the total variation distance of two distributions, 0 to 1."""
    found: Numbers = np.abs(one - other).sum(axis=1) / 2
    return found


def turned(before: Numbers, now: Numbers, n_forms: Numbers) -> Numbers:
    """Return how surely items' correlations with the rest have changed their sign.

    Args:
        before: The usual correlation of each item, shape (clinic-months, items).
        now: The same of this month.
        n_forms: Complete forms of this month, shape (clinic-months, 1).

    Returns:
        The difference of Fisher's z of the two, in standard errors of this month's; 0 where the
        sign is the same, or one of the two is too small to have one; missing where either is.

    Source:
        Fisher (1921), Metron 1:3-32.
    """
    with np.errstate(invalid="ignore"):
        has_sign = (np.abs(before) >= _SOME) & (np.abs(now) >= _SOME)
        is_other = has_sign & (np.sign(before) != np.sign(now))
        error = 1 / np.sqrt(np.maximum(n_forms, 4) - 3)
        sure = np.abs(np.arctanh(before) - np.arctanh(now)) / error
    found = np.where(is_other, sure, 0.0)
    return np.where(np.isnan(before) | np.isnan(now), np.nan, found)
