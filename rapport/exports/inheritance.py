"""What a row takes over from other rows: from the patient's record, and from its own session.

Nothing is invented: a value is taken over only where the rows that count give exactly one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rapport.clinics import Clinic, ExportMapping
from rapport.exports.covariates import covariate_columns
from rapport.exports.grouping import (
    Ids,
    Mask,
    Texts,
    agreement,
    column_arrays,
    group_ids,
    is_shared,
)
from rapport.exports.standing import standing_of
from rapport.exports.text_rows import FIRST_EPISODE

SESSION_FACTS = ("therapist", "date", "mode", "attendance", "ending")
"""What the rows of one session say about it together."""


def shared_facts(columns: Iterable[object]) -> tuple[str, ...]:
    """Return the columns on which the rows of one session have to agree, covariates included."""
    return (*SESSION_FACTS, *covariate_columns(columns))


@dataclass(frozen=True, slots=True)
class _Inheriting:
    """Which rows belong to an export that declares an inherited key, shape (n,) each."""

    therapist: Mask
    episode: Mask


def inherit_from_records(rows: pd.DataFrame, clinics: Mapping[str, Clinic]) -> None:
    """Fill keys and covariates of session rows from the record of the patient, in place.

    Args:
        rows: The text frame; what its covariates say is as declared.
        clinics: Clinics by id; their mappings say whether ``therapist`` and ``episode`` are
            inherited. Covariates always are.
    """
    inheriting = _inheriting(rows, clinics)
    kinds = rows["kind"].to_numpy()
    covariates = covariate_columns(rows.columns) if (kinds == "record").any() else ()
    if inheriting.therapist.any() or inheriting.episode.any() or covariates:
        own_episode = rows["episode"].to_numpy().copy()
        own_episode[inheriting.episode] = None
        keys = group_ids(
            [*column_arrays(rows, ("clinic_id", "month", "export_id", "patient")), own_episode],
            len(rows),
        )
        counted = _current_records(rows, keys)
        for name, mask in (("therapist", inheriting.therapist), ("episode", inheriting.episode)):
            _fill(rows, name, keys, counted=counted, filled=mask & (kinds == "session"))
        for name in covariates:
            _fill(rows, name, keys, counted=counted, filled=kinds == "session")
    is_open = rows["episode"].isna().to_numpy() & np.isin(kinds, ("session", "record"))
    _set(rows, "episode", is_open, np.full(len(rows), FIRST_EPISODE, dtype=object))


def share_session_facts(rows: pd.DataFrame, session_ids: Ids, counted: Mask) -> Mask:
    """Fill a session's facts on rows that lack them from its other rows, in place.

    Args:
        rows: The text frame.
        session_ids: Number of each row's session, shape (n,).
        counted: Rows that count: readable session rows that are current.

    Returns:
        Rows of sessions whose counted rows contradict each other, shape (n,).
    """
    is_contradicted = np.zeros(len(rows), dtype=bool)
    shared = is_shared(session_ids, counted)
    places = np.flatnonzero(shared)
    if not len(places):
        return is_contradicted
    groups = group_ids([session_ids[places]], len(places))
    everything = np.ones(len(places), dtype=bool)
    for name in shared_facts(rows.columns):
        values = rows[name].to_numpy()
        found = agreement(values[places], groups, everything)
        is_contradicted[places] |= found.is_contradicted
        replaced = values.copy()
        is_gap = pd.isna(values[places])
        replaced[places[is_gap]] = found.values[is_gap]
        _set(rows, name, shared, replaced)
    return is_contradicted


def _inheriting(rows: pd.DataFrame, clinics: Mapping[str, Clinic]) -> _Inheriting:
    exports = group_ids(column_arrays(rows, ("clinic_id", "export_id")), len(rows))
    firsts = np.unique(exports, return_index=True)[1]
    inherited = [
        mapping_of(clinics[clinic_id], export_id).inherited
        for clinic_id, export_id in rows.iloc[firsts][["clinic_id", "export_id"]].itertuples(
            index=False, name=None
        )
    ]
    return _Inheriting(
        *(
            np.array([name in names for names in inherited], dtype=bool)[exports]
            for name in ("therapist", "episode")
        )
    )


def mapping_of(clinic: Clinic, export_id: str) -> ExportMapping:
    """Return the mapping of one kind of file of a clinic.

    Raises:
        KeyError: The clinic does not send such files.
    """
    for mapping in clinic.exports:
        if mapping.id == export_id:
            return mapping
    raise KeyError(export_id)


def _current_records(rows: pd.DataFrame, keys: Ids) -> Mask:
    """Return which rows are a patient's record as the newest file has it."""
    is_record = (rows["kind"] == "record").to_numpy() & rows["patient"].notna().to_numpy()
    places = np.flatnonzero(is_record)
    current = np.zeros(len(rows), dtype=bool)
    if len(places):
        found = standing_of(rows.iloc[places], keys[places], np.ones(len(places), dtype=bool))
        current[places] = found.is_current
    return current


def _fill(rows: pd.DataFrame, name: str, keys: Ids, *, counted: Mask, filled: Mask) -> None:
    """Fill the gaps of one column by the one value that the counted rows of a key give."""
    found = agreement(rows[name].to_numpy(), keys, counted)
    _set(rows, name, filled & rows[name].isna().to_numpy(), found.values)


def _set(
    rows: pd.DataFrame,
    name: str,
    where: Mask,
    values: Texts,
) -> None:
    """Replace the texts of one column on some rows; the column keeps its dtype."""
    texts = rows[name].to_numpy().copy()
    texts[where] = values[where]
    rows[name] = pd.Series(texts, index=rows.index, dtype=object)
