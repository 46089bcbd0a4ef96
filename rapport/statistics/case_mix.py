"""Declared covariates as columns of a model: what is held equal beside the first score, and how.

Between clinics only what all of them state in the same words can be held equal: one clinic's
``employment`` beside another's without would compare clinics by what they write down. What only
some state is held equal among the therapists of each of these clinics: such a column is the
deviation from the clinic's own mean, and nought elsewhere, so that it moves no clinic.

Nobody is left out for want of a value. Categories are dummies against the largest; those who did
not state one are a category of their own. A number that was not stated counts as the clinic's mean,
and those who did not state it have a column of their own. Categories of fewer than ten episodes
stand together, and count with the largest where even that makes fewer than ten.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.covariates import parsed

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Signature = tuple[str, ...]

FEWEST_OF_A_LEVEL = 10
"""Episodes that a column of its own rests on at least."""

EPISODES_PER_TERM = 10
"""Episodes for each column of the model (own convention, widely used)."""

_NOUGHT = 1e-8
_BETWEEN, _WITHIN = "between.", "within."
_NOT_STATED, _OTHERS = " not stated", " others"


@dataclass(frozen=True)
class CaseMix:
    """Covariates of n episodes as columns.

    Attributes:
        columns: Shape (n, terms), centred, no NaN, no column following from the others.
        between: Names of the columns that may be used between clinics.
        within: Names of those that differ only within clinics.
        shared: Covariates behind ``between``, by name.
        stated: Covariate of ``shared`` → share of the episodes for which it is stated.
        own: Clinic code → covariates that are held equal among its own therapists only.
        unused: Clinic code → covariates that it states and that nothing is made of, because too
            few episodes bear them.
    """

    columns: pd.DataFrame
    between: tuple[str, ...]
    within: tuple[str, ...]
    shared: tuple[str, ...]
    stated: Mapping[str, float]
    own: Mapping[int, tuple[str, ...]]
    unused: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True)
class _Covariate:
    """One covariate of some clinics that declare it alike."""

    name: str
    clinics: tuple[int, ...]
    is_shared: bool
    is_number: bool


def case_mix(
    known: "pd.Series[str]",
    clinic: Codes,
    held: Array,
    declared: Sequence[Mapping[str, Signature]],
) -> CaseMix:
    """Make columns of covariates.

    Args:
        known: What is known of each episode, packed (:mod:`rapport.covariates`); missing
            where nothing is.
        clinic: Code of each episode's clinic, shape (n,).
        held: What is held equal anyway, shape (n, k): columns that follow from it are left out.
        declared: By clinic code, name → kind and words of the covariates that the clinic declares.

    Returns:
        The columns on the index of ``known``.
    """
    codes, texts = pd.factorize(known)
    entries = [parsed(text) for text in texts]
    basis = _orthonormal(np.column_stack([np.ones(len(known)), held]))
    room = len(known) // EPISODES_PER_TERM - basis.shape[1]
    made: dict[str, Array] = {}
    used: list[_Covariate] = []
    left_out: list[_Covariate] = []
    for one in _candidates(np.unique(clinic), declared):
        values = np.array([*(entry.get(one.name) for entry in entries), None], object)[codes]
        values[~np.isin(clinic, one.clinics)] = None
        found, wider = _independent(_columns(one, values, clinic), basis)
        if not found or len(made) + len(found) > room:
            left_out.append(one)
            continue
        made, basis = made | found, wider
        used.append(one)
    return CaseMix(
        columns=pd.DataFrame(made, index=known.index, dtype=float),
        between=tuple(name for name in made if name.startswith(_BETWEEN)),
        within=tuple(name for name in made if name.startswith(_WITHIN)),
        shared=tuple(one.name for one in used if one.is_shared),
        stated=_stated(entries, codes, [one.name for one in used if one.is_shared]),
        own=_by_clinic(one for one in used if not one.is_shared),
        unused=_by_clinic(left_out),
    )


def _candidates(
    clinics: npt.NDArray[np.int64], declared: Sequence[Mapping[str, Signature]]
) -> list[_Covariate]:
    """Return every covariate and who declares it: what all share first, then by name."""
    who: dict[tuple[str, Signature], list[int]] = {}
    for code in clinics.tolist():
        for name, signature in (declared[code] if code < len(declared) else {}).items():
            who.setdefault((name, signature), []).append(code)
    found = [
        _Covariate(name, tuple(codes), len(codes) == len(clinics), signature[0] == "number")
        for (name, signature), codes in who.items()
    ]
    return sorted(found, key=lambda one: (not one.is_shared, one.name, one.clinics))


def _columns(one: _Covariate, values: Texts, clinic: Codes) -> dict[str, Array]:
    """Return the columns of one covariate, centred over all or within each clinic."""
    of_these = np.isin(clinic, one.clinics)
    raw = _number(values, clinic, of_these) if one.is_number else _dummies(values, of_these)
    prefix = _BETWEEN if one.is_shared else f"{_WITHIN}{one.clinics[0]}."
    group = np.zeros_like(clinic) if one.is_shared else clinic
    found = {}
    for name, column in raw.items():
        mean = _group_means(column, group, of_these)
        found[f"{prefix}{one.name}{name}"] = np.where(of_these, column - mean[group], 0.0)
    return found


def _number(values: Texts, clinic: Codes, of_these: Mask) -> dict[str, Array]:
    """Return the number, gaps at the mean of their clinic, and a column for gaps if many."""
    numbers = np.array([one if isinstance(one, int | float) else np.nan for one in values], float)
    is_gap = np.isnan(numbers) & of_these
    known = ~np.isnan(numbers)
    if not known.any():
        return {}
    means = _group_means(np.nan_to_num(numbers), clinic, known)
    means = np.where(np.bincount(clinic, known, len(means)) > 0, means, numbers[known].mean())
    found = {"": np.where(known, numbers, means[clinic])}
    if is_gap.sum() >= FEWEST_OF_A_LEVEL:
        found[_NOT_STATED] = is_gap.astype(float)
    return found


def _dummies(values: Texts, of_these: Mask) -> dict[str, Array]:
    """Return a dummy for each category but the largest; small ones stand together."""
    words = np.array([_NOT_STATED if one is None else f"={one}" for one in values], dtype=object)
    counts = pd.Series(words[of_these]).value_counts()
    if not len(counts.index.difference([_NOT_STATED])):
        return {}
    ordered = sorted(counts.index, key=lambda word: (-counts[word], word))
    largest = next(word for word in ordered if word != _NOT_STATED)
    rest = [word for word in ordered if word != largest]
    small = [word for word in rest if counts[word] < FEWEST_OF_A_LEVEL]
    groups = {word: [word] for word in rest if word not in small}
    if small and sum(counts[word] for word in small) >= FEWEST_OF_A_LEVEL:
        groups[_OTHERS] = small
    return {
        name: (np.isin(words, members) & of_these).astype(float) for name, members in groups.items()
    }


def _group_means(column: Array, group: Codes, counted: Mask) -> Array:
    size = int(group.max(initial=0)) + 1
    n = np.bincount(group, counted, size)
    sums = np.bincount(group, np.where(counted, column, 0.0), size)
    return np.asarray(np.divide(sums, n, out=np.zeros(size), where=n > 0))


def _orthonormal(columns: Array) -> Array:
    """Return an orthonormal basis of what is held equal anyway, shape (n, rank)."""
    basis = np.empty((len(columns), 0))
    for column in columns.T:
        left = _left_over(column, basis)
        basis = basis if left is None else np.column_stack([basis, left])
    return basis


def _left_over(column: Array, basis: Array) -> Array | None:
    """Return the direction in which a column goes beyond a basis; ``None`` if it does not."""
    size = float(np.linalg.norm(column))
    left = column - basis @ (basis.T @ column)
    left -= basis @ (basis.T @ left)  # once more: rounding
    length = float(np.linalg.norm(left))
    return None if length <= _NOUGHT * size or size == 0 else left / length


def _independent(columns: Mapping[str, Array], basis: Array) -> tuple[dict[str, Array], Array]:
    kept: dict[str, Array] = {}
    for name, column in columns.items():
        left = _left_over(column, basis)
        if left is not None:
            kept[name] = column
            basis = np.column_stack([basis, left])
    return kept, basis


def _stated(
    entries: Sequence[Mapping[str, object]], codes: Codes, names: Sequence[str]
) -> dict[str, float]:
    return {
        name: float(np.mean(np.array([*(name in one for one in entries), False])[codes]))
        for name in names
    }


def _by_clinic(covariates: Iterable[_Covariate]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for one in covariates:
        for code in one.clinics:
            found[code] = (*found.get(code, ()), one.name)
    return found
