"""Do ruptures read from scores, ruptures told by patients and ruptures told by therapists agree?

No one of the three is the truth: patients tell fewer ruptures than therapists, and a fall in scores
is neither. Agreement says how far one can stand for another.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.clustered_regression import NOTHING, sum_by
from rapport.statistics.dyads import Coefficient, coefficient

Array = npt.NDArray[np.float64]

_ROUNDING = 1e-12

SOURCES = ("score", "patient", "therapist")
"""Columns of the input: by rule from the scores, by the patient's item, by the therapist's."""

NO_SESSIONS = "No session has both."
NO_VARIATION = "Kappa has no meaning: one source says the same of every session."


@dataclass(frozen=True)
class Agreement:
    """Two yes-or-no judgements of the same sessions.

    Attributes:
        first, second: The sources.
        both, first_only, second_only, neither: The 2 × 2 table, in sessions.
        n_sessions, n_patients: Sessions with both judgements, and their patients.
        observed: Share of sessions in which they agree.
        positive: 2 · both/(2 · both + the two "only"): agreement where one of them says yes.
        negative: The same where one says no.
        kappa: Cohen's kappa with the error and normal interval of Fleiss, Cohen & Everitt, as
            if sessions were independent.
        kappa_by_patient: The same estimate with an error that is robust to sessions of one
            patient going together (t with patients − 1 degrees of freedom): the one to print.
        reason: Why there is no kappa; ``None`` if there is one.
    """

    first: str
    second: str
    both: int
    first_only: int
    second_only: int
    neither: int
    n_sessions: int
    n_patients: int
    observed: Coefficient
    positive: Coefficient
    negative: Coefficient
    kappa: Coefficient
    kappa_by_patient: Coefficient
    reason: str | None


def rupture_agreement(sessions: pd.DataFrame) -> tuple[Agreement, ...]:
    """Compare every two of the sources that are there.

    Args:
        sessions: One row a session: ``patient``, and of ``score``, ``patient_item`` and
            ``therapist_item`` those that exist: truth values, missing where not judged.

    Returns:
        Score with patient, score with therapist, patient with therapist; those with a column.

    Source:
        The items: Muran et al. (2009), Psychotherapy 46:233-248.
    """
    columns = {"score": "score", "patient": "patient_item", "therapist": "therapist_item"}
    there = [source for source in SOURCES if columns[source] in sessions.columns]
    pairs = [(a, b) for i, a in enumerate(there) for b in there[i + 1 :]]
    return tuple(
        agreement(
            sessions[columns[a]], sessions[columns[b]], sessions["patient"], first=a, second=b
        )
        for a, b in pairs
    )


def agreement(
    one: pd.Series, other: pd.Series, patient: pd.Series, *, first: str, second: str
) -> Agreement:
    """Compare two judgements.

    Args:
        one: Truth values, missing where not judged.
        other: Truth values on the same index.
        patient: Label of each session's patient.
        first: What the first is called.
        second: What the other is called.

    Returns:
        Table, agreement and kappa; errors by leaving out one patient at a time.

    Source:
        Cohen (1960), Educ Psychol Meas 20:37-46; Fleiss, Cohen & Everitt (1969), Psychol Bull
        72:323-327; positive and negative agreement: Cicchetti & Feinstein (1990), J Clin
        Epidemiol 43:551-558; errors by patient: the jackknife, Efron & Stein (1981),
        Ann Stat 9:586-596.
    """
    both = pd.DataFrame({"x": one, "y": other, "patient": patient}).dropna()
    x, y = both["x"].to_numpy(dtype=float), both["y"].to_numpy(dtype=float)
    codes, labels = pd.factorize(both["patient"])
    cells = [float((x * y).sum()), float((x * (1 - y)).sum()), float(((1 - x) * y).sum())]
    n, clusters = len(both), len(labels)
    table = (*cells, n - sum(cells))
    sums = sum_by(codes, np.column_stack([np.ones(n), x, y, x * y]), clusters)
    reason = _why_not(n, x, y)
    return Agreement(
        first=first,
        second=second,
        both=int(table[0]),
        first_only=int(table[1]),
        second_only=int(table[2]),
        neither=int(table[3]),
        n_sessions=n,
        n_patients=clusters,
        observed=_share(sums, _observed_of),
        positive=_share(sums, _positive_of),
        negative=_share(sums, _negative_of),
        kappa=NOTHING if reason else _kappa(table),
        kappa_by_patient=NOTHING if reason else _kappa_by_patient(sums),
        reason=reason,
    )


def _why_not(n: int, x: Array, y: Array) -> str | None:
    if not n:
        return NO_SESSIONS
    is_constant = np.ptp(x) == 0 or np.ptp(y) == 0
    return NO_VARIATION if is_constant else None


def _kappa(table: tuple[float, ...]) -> Coefficient:
    p = np.array(table).reshape(2, 2) / sum(table)
    row, column = p.sum(axis=1), p.sum(axis=0)
    observed, chance = float(np.trace(p)), float(row @ column)
    value, rest = (observed - chance) / (1 - chance), 1 - chance
    weights = (row[np.newaxis, :] + column[:, np.newaxis]) * (1 - value)  # at [i, j]: p_j. + p_.i
    on = float((np.diag(p) * (1 - np.diag(weights)) ** 2).sum())
    off = float((p * weights**2).sum() - (np.diag(p) * np.diag(weights) ** 2).sum())
    variance = (on + off - (value - chance * (1 - value)) ** 2) / (rest**2 * sum(table))
    return coefficient(value, math.sqrt(max(variance, 0.0)))


def _kappa_by_patient(sums: Array) -> Coefficient:
    n, x, y, both = sums.sum(axis=0)
    return _by_patient(sums, kappa_of, float(kappa_of(np.array([[n, x, y, both]]))[0]))


def kappa_of(sums: Array) -> Array:
    """Return Cohen's kappa.

    Args:
        sums: Sessions, yes of one, yes of the other, and yes of both, shape (m, 4).

    Returns:
        Kappa, shape (m,); NaN where both always say the same.
    """
    n, x, y, both = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = (n - x - y + 2 * both) / n
        chance = (x * y + (n - x) * (n - y)) / n**2
        return np.asarray((observed - chance) / (1 - chance))


def _observed_of(sums: Array) -> Array:
    n, x, y, both = sums.T
    return _ratio(n - x - y + 2 * both, n)


def _positive_of(sums: Array) -> Array:
    _, x, y, both = sums.T
    return _ratio(2 * both, x + y)


def _negative_of(sums: Array) -> Array:
    n, x, y, both = sums.T
    return _ratio(2 * (n - x - y + both), 2 * n - x - y)


def _ratio(above: Array, below: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(above / below)


def _share(sums: Array, of: Callable[[Array], Array]) -> Coefficient:
    """Return a share with an interval inside [0, 1]."""
    value = float(of(sums.sum(axis=0, keepdims=True))[0])
    found = _by_patient(sums, of, value)
    low, high = np.clip([found.low, found.high], 0.0, 1.0).tolist()
    return Coefficient(value, found.standard_error, low, high)


def _by_patient(sums: Array, of: Callable[[Array], Array], value: float) -> Coefficient:
    """Return the error by leaving each patient out in turn.

    Where an estimate vanishes with one patient it rests on that patient, and has no error.
    """
    clusters = len(sums)
    if clusters < 2 or math.isnan(value):  # noqa: PLR2004 - one says nothing about others
        return coefficient(value, math.nan)
    without = of(sums.sum(axis=0) - sums)
    spread = without - without.mean()
    error = math.sqrt((clusters - 1) / clusters * float(spread @ spread))
    return coefficient(value, error if not error < _ROUNDING else 0.0, clusters - 1)
