"""Grouping rows by several columns of text at once, exactly and without a function per row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Ids = npt.NDArray[np.int64]
"""Group numbers from 0, one a row."""

Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


Cells = npt.NDArray[Any] | pd.Categorical
"""A column's values, or its categories."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the counted rows of each row's group say together.

    Attributes:
        values: The one value they give, or ``None`` if none or several.
        is_contradicted: Whether they give several.
    """

    values: Texts
    is_contradicted: Mask


def group_ids(columns: Iterable[npt.NDArray[np.generic]], n_rows: int) -> Ids:
    """Number the rows so that two rows have one number if all of their values are the same.

    Args:
        columns: Arrays of shape (n_rows,); ``None`` is a value like any other.
        n_rows: Number of rows.

    Returns:
        Numbers from 0, shape (n_rows,), without gaps.
    """
    ids = np.zeros(n_rows, dtype=np.int64)
    for column in columns:
        codes, uniques = pd.factorize(column)
        if len(uniques) == 1 and (codes == 0).all():
            continue
        dense, _ = pd.factorize(ids * (len(uniques) + 1) + codes + 1)
        ids = dense.astype(np.int64)
    return ids


def column_arrays(frame: pd.DataFrame, names: Sequence[str]) -> list[npt.NDArray[np.generic]]:
    """Return columns of a frame as arrays, without copying where that can be; categories as codes.

    What is compared with each other must therefore come from one frame.
    """
    columns = (frame[name] for name in names)
    return [
        one.cat.codes.to_numpy() if isinstance(one.dtype, pd.CategoricalDtype) else one.to_numpy()
        for one in columns
    ]


def cells_of(column: "pd.Series[Any]") -> Cells:
    """Return a column's cells; categories stay what they are."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pd.Categorical(column)
    return column.to_numpy()


def sorted_categories(texts: Texts) -> pd.Categorical:
    """Return texts as categories in the order of the texts; ``None`` is none of them.

    Args:
        texts: Texts or ``None``, shape (n,).
    """
    codes, words = pd.factorize(texts)
    order = np.argsort(words, kind="stable")
    ranks = np.full(len(words) + 1, -1, dtype=np.int64)
    ranks[order] = np.arange(len(words))
    return pd.Categorical.from_codes(ranks[codes], categories=pd.Index(words[order], dtype="str"))


def joined_texts(columns: Sequence[Texts], n_rows: int) -> Texts:
    """Return the texts of several columns as one, each followed by a semicolon, shape (n_rows,)."""
    joined = np.full(n_rows, "", dtype=object)
    for column in columns:
        joined = joined + column + ";"
    return joined


def any_of(mask: Mask, groups: Ids) -> Mask:
    """Whether the mask holds for any row of each row's group."""
    holds: Mask = (np.bincount(groups, weights=mask) > 0)[groups]
    return holds


def is_shared(groups: Ids, counted: Mask) -> Mask:
    """Whether a row is counted and another counted row is in its group."""
    shared: Mask = counted & (np.bincount(groups, weights=counted) > 1)[groups]
    return shared


def is_varied(values: Ids, groups: Ids, counted: Mask) -> Mask:
    """Whether each row's group holds more than one number among the rows that are counted."""
    lowest, highest = _span(values, groups, counted)
    varied: Mask = (lowest < highest)[groups]
    return varied


def agreement(values: Texts, groups: Ids, counted: Mask) -> Agreement:
    """Ask the counted rows of each group for one value; gaps say nothing.

    Args:
        values: Texts or ``None``, shape (n,).
        groups: Group of each row, shape (n,).
        counted: Rows that are asked, shape (n,).
    """
    codes, uniques = pd.factorize(values)
    lowest, highest = _span(codes.astype(np.int64), groups, counted & (codes >= 0))
    is_one = lowest == highest
    found = np.full(len(lowest), None, dtype=object)
    found[is_one] = np.asarray(uniques, dtype=object)[lowest[is_one]]
    return Agreement(found[groups], (lowest < highest)[groups])


def _span(values: Ids, groups: Ids, counted: Mask) -> tuple[Ids, Ids]:
    """Return each group's lowest and highest counted number; lowest is above highest if none."""
    n_groups = int(groups.max(initial=-1)) + 1
    lowest = np.full(n_groups, np.iinfo(np.int64).max, dtype=np.int64)
    highest = np.full(n_groups, -1, dtype=np.int64)
    np.minimum.at(lowest, groups[counted], values[counted])
    np.maximum.at(highest, groups[counted], values[counted])
    return lowest, highest
