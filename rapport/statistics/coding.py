"""Keys as whole numbers: clinics, therapists, patients and months of all input frames alike.

Text keys are factorised once; everything after that is arithmetic on integers. A therapist or
patient id means nothing outside its clinic, so both are coded together with the clinic.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.errors import Fault, StatisticsError
from rapport.months import Month, trailing
from rapport.statistics.batches import dense
from rapport.statistics.courses import DEFAULT_BANDS, bands_of

Codes = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

WINDOW = 12
"""Months in the trailing window."""

_KEYS = ["clinic_id", "therapist_id", "patient_id", "episode", "month"]


@dataclass(frozen=True, slots=True)
class Units:
    """What the codes stand for.

    Attributes:
        clinics: Clinic ids; position = clinic code.
        sectors: Sector names, sorted; position = sector code.
        sector_of_clinic: Sector code of each clinic code.
        therapists: Therapist ids by therapist code; sorted within clinics.
        clinic_of_therapist: Clinic code of each therapist code.
        months: The window, oldest first; position = month code.
        bands: Bands of the stages by clinic code, shape (clinics, 3): last session of first
            contact, last of agreeing, sessions of the ending.
        covariates: By clinic code, name → kind and words of what the clinic declares of its
            patients; empty where nobody declares anything.
    """

    clinics: tuple[str, ...]
    sectors: tuple[str, ...]
    sector_of_clinic: Codes
    therapists: tuple[str, ...]
    clinic_of_therapist: Codes
    months: tuple[Month, ...]
    bands: Codes
    covariates: tuple[Mapping[str, tuple[str, ...]], ...] = ()


def encode(
    frames: dict[str, pd.DataFrame], clinics: pd.DataFrame, month: Month
) -> tuple[dict[str, pd.DataFrame], Units]:
    """Restrict frames to the window and add integer columns for their keys.

    Args:
        frames: Name → frame with ``clinic_id``, ``therapist_id``, ``patient_id``, ``episode``,
            ``month``.
        clinics: Frame with ``clinic_id`` and ``sector``, one row a clinic; optionally with bands
            of stages, and with ``covariates`` (name → kind and words).
        month: Last month of the window.

    Returns:
        The frames with the columns ``clinic``, ``therapist``, ``patient``, ``episode``, ``when``
        (codes) in place of the keys, and what the codes stand for. Clinics are numbered in the
        order given, therapists, patients and the names of episodes by clinic and id.

    Raises:
        StatisticsError: A clinic stands twice in ``clinics``, or a frame names another clinic.
    """
    if clinics["clinic_id"].duplicated().any():
        raise StatisticsError(
            Fault("CLINIC_TWICE", "A clinic stands twice.", "Give each clinic one sector.")
        )
    months = trailing(month, WINDOW)
    names = [str(each) for each in months]
    windowed = {key: frame[frame["month"].isin(names)] for key, frame in frames.items()}
    known = pd.Index(clinics["clinic_id"])
    clinic = _joined_codes(windowed, "clinic_id", known)
    if (clinic < 0).any():
        raise StatisticsError(
            Fault(
                "CLINIC_WITHOUT_SECTOR",
                "A frame holds a clinic that is not in the list of clinics.",
                "Give every clinic a sector in the registry.",
            )
        )
    therapist, therapists, clinic_of_therapist = _within_clinic(windowed, "therapist_id", clinic)
    patient, _, _ = _within_clinic(windowed, "patient_id", clinic)
    episode, _, _ = _within_clinic(windowed, "episode", clinic)
    columns = {
        "clinic": clinic,
        "therapist": therapist,
        "patient": patient,
        "episode": episode,
        "when": _joined_codes(windowed, "month", pd.Index(names)),
    }
    sector, sectors = pd.factorize(clinics["sector"], sort=True)
    units = Units(
        clinics=tuple(known),
        sectors=tuple(sectors),
        sector_of_clinic=sector.astype(np.int64),
        therapists=therapists,
        clinic_of_therapist=clinic_of_therapist,
        months=months,
        bands=bands_of(clinics)[list(DEFAULT_BANDS)].to_numpy(np.int64),
        covariates=tuple(clinics["covariates"]) if "covariates" in clinics else (),
    )
    return _split(windowed, columns), units


def _joined_codes(frames: dict[str, pd.DataFrame], column: str, known: pd.Index) -> Codes:
    parts = []
    for frame in frames.values():
        codes, words = _factorized(frame[column])
        parts.append(np.append(known.get_indexer(words), -1)[codes])
    return np.concatenate(parts).astype(np.int64)


def _within_clinic(
    frames: dict[str, pd.DataFrame], column: str, clinic: Codes
) -> tuple[Codes, tuple[str, ...], Codes]:
    """Code (clinic, id) pairs; return codes of the rows, ids by code, clinics by code."""
    parts = [_factorized(frame[column]) for frame in frames.values()]
    labels = np.unique(np.concatenate([np.asarray(words, dtype=object) for _, words in parts]))
    known, n_labels = pd.Index(labels, dtype=object), max(len(labels), 1)
    text = [np.append(known.get_indexer(words), -1)[codes] for codes, words in parts]
    keys = clinic * n_labels + np.concatenate(text).astype(np.int64)
    pairs, codes = dense(keys) if _is_close(keys) else np.unique(keys, return_inverse=True)
    names = tuple(labels[pair] for pair in pairs % n_labels)
    return codes.astype(np.int64), names, pairs // n_labels


def _is_close(keys: Codes) -> bool:
    """Say whether numbers lie so close together that counting costs less than sorting."""
    return bool(keys.min(initial=0) >= 0 and keys.max(initial=0) < 4 * len(keys))


def _factorized(column: "pd.Series[str]") -> tuple[Codes, pd.Index]:
    """Return the code of each text, -1 where it is missing, and what the codes stand for."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int64), pd.Index(
            column.cat.categories, dtype=object
        )
    codes, words = pd.factorize(column)
    return np.asarray(codes, dtype=np.int64), pd.Index(words, dtype=object)


def _split(frames: dict[str, pd.DataFrame], columns: dict[str, Codes]) -> dict[str, pd.DataFrame]:
    ends = np.cumsum([len(frame) for frame in frames.values()])
    coded = {}
    for (key, frame), end in zip(frames.items(), ends, strict=True):
        rows = slice(end - len(frame), end)
        codes = {name: column[rows] for name, column in columns.items()}
        kept = frame.drop(columns=_KEYS)
        coded[key] = kept.reset_index(drop=True).assign(**codes)
    return coded
