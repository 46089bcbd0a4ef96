"""From accepted rows to typed frames: sessions, and one row an administration with its answers.

Only here does text become number, after every row rule has held. The frames have exactly the
columns of the tables they fill.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.exports.covariates import packed_covariates
from rapport.exports.grouping import Ids, column_arrays, group_ids, sorted_categories
from rapport.exports.inheritance import shared_facts
from rapport.exports.missing import MISSING
from rapport.exports.reconcile import ConservationError
from rapport.exports.standing import SESSION_KEY
from rapport.exports.text_rows import forms_in, item_columns
from rapport.instruments import Instrument
from rapport.warehouse.tables import ITEM_COLUMNS, sessions, survey_responses

SESSION_COLUMNS = tuple(column.name for column in sessions.columns)
RESPONSE_COLUMNS = tuple(column.name for column in survey_responses.columns)

_NAMES = {"patient": "patient_id", "therapist": "therapist_id", "date": "session_date"}
_OWN_COLUMNS = (*SESSION_KEY, "therapist", "date", "content_sha256", "line")
_ALWAYS_GIVEN = (
    *("clinic_id", "month", "patient_id", "episode", "session_date", "therapist_id"),
    "content_sha256",
)
"""Texts that stand in every accepted row: they become sorted categories, coded once for all."""

_FORM_KEY = ("clinic_id", "month", "patient_id", "episode", "session")


def sessions_of(rows: pd.DataFrame, states: "pd.Series[str]") -> pd.DataFrame:
    """Return one row a session, from the accepted rows that describe it.

    Args:
        rows: The text frame with facts.
        states: State of each row, from :func:`~rapport.exports.reconcile.reconcile`.

    Returns:
        The columns of ``warehouse.tables.sessions``, by key; texts that always stand there as
        sorted categories. Every fact is the one that the
        session's rows agree on; ``content_sha256`` and ``line`` are those of its first row.

    Raises:
        ConservationError: Accepted rows of a session contradict each other or lack therapist or
            date, so that a row rule was not asked.
    """
    accepted = _accepted(rows, states)
    keys = list(SESSION_KEY)
    if accepted.duplicated(keys).any():
        _check_agreement(accepted)
        names = list(shared_facts(accepted.columns))
        facts = accepted.groupby(keys, sort=False, dropna=False)[names].first()
        accepted = accepted.drop_duplicates(keys).drop(columns=names)
        accepted = accepted.merge(facts.reset_index(), on=keys, how="left", validate="one_to_one")
    if accepted[["therapist", "date"]].isna().any(axis=None):
        raise ConservationError("an accepted session has no therapist or no date")
    for name in ("mode", "attendance", "ending"):
        accepted[name] = _with_none(accepted[name])
    found = accepted.rename(columns=_NAMES).assign(
        session=accepted["session"].astype(np.int64), covariates=packed_covariates(accepted)
    )
    coded = {name: sorted_categories(found[name].to_numpy()) for name in _ALWAYS_GIVEN}
    return _sorted(found.assign(**coded)[list(SESSION_COLUMNS)], _FORM_KEY)


def responses_of(
    rows: pd.DataFrame, states: "pd.Series[str]", catalogue: Mapping[str, Instrument]
) -> pd.DataFrame:
    """Return one row an administration: the answers of one form in one session.

    Args:
        rows: The text frame with facts.
        states: State of each row.
        catalogue: Instruments by id.

    Returns:
        The columns of ``warehouse.tables.survey_responses``, by key. Answers are floats on the
        instrument's scale; a missing answer, and every item beyond the instrument's last, is
        ``NaN``; ``missing_reasons`` says why, where the clinic does. A form without any answer is
        no administration.

    Raises:
        ConservationError: One session has two administrations of a form that differ.
    """
    accepted = _accepted(rows, states)
    ranks = _session_ranks(accepted)
    parts = [
        _administrations(accepted, form_key, instrument, ranks)
        for form_key, instrument in forms_in(accepted.columns, catalogue).items()
    ]
    parts.sort(key=lambda part: (part.instrument, part.rater))
    return _responses(accepted, ranks, [part for part in parts if len(part.places)])


@dataclass(frozen=True)
class _Administrations:
    """The administrations of one form.

    Attributes:
        instrument: Id of the instrument.
        rater: Who filled it in.
        places: Which accepted rows hold one, shape (n,).
        answers: The answers, shape (n, items).
        reasons: Why answers are missing, or ``None``, shape (n,).
    """

    instrument: str
    rater: str
    places: npt.NDArray[np.intp]
    answers: npt.NDArray[np.float64]
    reasons: npt.NDArray[np.object_]


def _accepted(rows: pd.DataFrame, states: "pd.Series[str]") -> pd.DataFrame:
    """Return the accepted session rows, by receipt and line."""
    is_taken = (states == "accepted").to_numpy() & (rows["kind"] == "session").to_numpy()
    places = np.flatnonzero(is_taken)
    lines, received = (rows[name].to_numpy()[places] for name in ("line", "received"))
    return rows.iloc[places[np.lexsort((lines, received))]]


def _check_agreement(accepted: pd.DataFrame) -> None:
    facts = list(shared_facts(accepted.columns))
    counts = accepted.groupby(list(SESSION_KEY), sort=False)[facts].nunique()
    if (counts > 1).any(axis=None):
        raise ConservationError("accepted rows contradict each other about their session")


def _administrations(
    accepted: pd.DataFrame, form_key: str, instrument: Instrument, ranks: Ids
) -> _Administrations:
    """Return the administrations of one form, typed, each session's once."""
    texts = accepted[list(item_columns(form_key, instrument.n_items))].to_numpy()
    places = np.flatnonzero(np.asarray(pd.notna(texts)).any(axis=1))
    answers = _numbers(texts[places])
    repeated = pd.Series(ranks[places]).duplicated().to_numpy()
    if repeated.any():
        keyed = np.column_stack([ranks[places], answers])
        if len(np.unique(keyed, axis=0, equal_nan=True)) != len(np.unique(ranks[places])):
            raise ConservationError("a session has two accepted administrations of one form")
        places, answers = places[~repeated], answers[~repeated]
    reasons = _reasons(accepted, form_key, places)
    return _Administrations(instrument.id, form_key.partition(".")[2], places, answers, reasons)


def _reasons(
    accepted: pd.DataFrame, form_key: str, places: npt.NDArray[np.intp]
) -> npt.NDArray[np.object_]:
    """Return why answers of these rows are missing, ``None`` where nothing is stated."""
    if MISSING + form_key not in accepted.columns:
        return np.full(len(places), None, dtype=object)
    return accepted[MISSING + form_key].to_numpy(dtype=object)[places]


def _session_ranks(accepted: pd.DataFrame) -> Ids:
    """Number the accepted rows' sessions in the order of their keys, shape (n,)."""
    keys = accepted[list(SESSION_KEY)].assign(session=accepted["session"].astype(np.int64))
    ids = group_ids(column_arrays(keys, SESSION_KEY), len(keys))
    _, firsts = np.unique(ids, return_index=True)
    order = keys.iloc[firsts].reset_index(drop=True).sort_values(list(SESSION_KEY)).index
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    found: Ids = ranks[ids]
    return found


def _responses(
    accepted: pd.DataFrame, ranks: Ids, parts: Sequence[_Administrations]
) -> pd.DataFrame:
    """Put the forms' administrations together, by session and then by form."""
    sizes = [len(part.places) for part in parts]
    places = np.concatenate([np.empty(0, np.intp), *(part.places for part in parts)])
    forms = np.repeat(np.arange(len(parts)), sizes)
    order = np.lexsort((forms, ranks[places]))
    targets = np.empty(len(order), dtype=np.intp)
    targets[order] = np.arange(len(order))
    n_items = max((part.answers.shape[1] for part in parts), default=0)
    answers = np.full((n_items, len(order)), np.nan)
    start = 0
    for part, size in zip(parts, sizes, strict=True):
        answers[: part.answers.shape[1], targets[start : start + size]] = part.answers.T
        start += size
    taken = places[order]
    columns = {}
    for name in _OWN_COLUMNS:
        own, cells = _NAMES.get(name, name), accepted[name].to_numpy()
        typed = sorted_categories(cells) if own in _ALWAYS_GIVEN else cells.astype(np.int64)
        columns[own] = pd.Series(typed[taken], copy=False)
    for name in ("instrument", "rater"):
        words = sorted_categories(np.array([getattr(part, name) for part in parts], dtype=object))
        columns[name] = pd.Series(words[forms[order]], copy=False)
    nothing = pd.Series(np.full(len(order), np.nan))  # for all columns beyond the longest form
    items = [pd.Series(row, copy=False) for row in answers]
    items += [nothing] * (len(ITEM_COLUMNS) - n_items)
    columns |= dict(zip(ITEM_COLUMNS, items, strict=True))
    columns["missing_reasons"] = _reasons_in_order(parts, order)
    return pd.DataFrame({name: columns[name] for name in RESPONSE_COLUMNS}, copy=False)


def _reasons_in_order(parts: Sequence[_Administrations], order: Ids) -> "pd.Series[str]":
    """Put the forms' reasons together, as their answers are."""
    joined = np.concatenate([np.empty(0, object), *(part.reasons for part in parts)])
    return pd.Series(joined[order], dtype=object)


def _numbers(texts: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Turn accepted answers into numbers, each different text once."""
    codes, uniques = pd.factorize(texts.ravel())
    numbers = np.array([*map(float, uniques), np.nan], dtype=np.float64)
    found: npt.NDArray[np.float64] = numbers[codes].reshape(texts.shape)
    return found


def _with_none(texts: "pd.Series[str]") -> "pd.Series[str]":
    """Write what is missing as ``None``, as the database does."""
    return texts.astype(object).where(texts.notna(), None)


def _sorted(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    return frame.sort_values(list(key), kind="stable", ignore_index=True)
