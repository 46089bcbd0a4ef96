"""Patients who are already known in another clinic: asked without either clinic seeing the other's.

Most clinics number their patients by themselves, and ``P001`` of one is nobody of another. Only
clinics that share one scheme of ids (``patient_id_scheme`` in ``clinics.yaml``) can be compared.
What is known elsewhere comes as digests, so that no id of one clinic reaches the rows of another.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.clinics import Clinic

Mask = npt.NDArray[np.bool_]
Digest = bytes

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class KnownPatients:
    """Who is known where.

    Attributes:
        clinics: Digest of a patient's id in its scheme → the clinics in which it is known.
    """

    clinics: Mapping[Digest, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]], clinics: Mapping[str, Clinic]) -> "KnownPatients":
        """Take note of patients.

        Args:
            pairs: Clinic id and patient id of everybody who is known.
            clinics: Clinics by id; those without a scheme are left out.
        """
        found: defaultdict[Digest, set[str]] = defaultdict(set)
        for clinic_id, patient in pairs:
            scheme = clinics[clinic_id].patient_id_scheme
            if scheme is not None:
                found[digest(scheme, patient)].add(clinic_id)
        return cls({one: frozenset(where) for one, where in found.items()})


def digest(scheme: str, patient: str) -> Digest:
    """Return what stands for one patient of a scheme, 16 bytes."""
    key = hashlib.blake2b(scheme.encode(), digest_size=_DIGEST_BYTES).digest()
    return hashlib.blake2b(patient.encode(), digest_size=_DIGEST_BYTES, key=key).digest()


def is_own_patient(
    rows: pd.DataFrame, asked: Mask, clinics: Mapping[str, Clinic], known: KnownPatients
) -> Mask:
    """Whether each row's patient is of this clinic, as far as anybody knows.

    A patient known in several clinics of one scheme belongs to none of them, unless a transfer
    between the two stands in the registry.

    Args:
        rows: The text frame.
        asked: Rows that count, shape (n,).
        clinics: Clinics by id.
        known: Who is known from elsewhere; what the rows themselves say is added.

    Returns:
        Shape (n,); true where nothing is asked.
    """
    own = np.ones(len(rows), dtype=bool)
    clinic_ids, patients = (rows[name].to_numpy() for name in ("clinic_id", "patient"))
    schemes = {name: clinic.patient_id_scheme for name, clinic in clinics.items()}
    places = np.flatnonzero(asked & np.array([bool(schemes[name]) for name in clinic_ids], bool))
    pairs = list(zip(clinic_ids[places].tolist(), patients[places].tolist(), strict=True))
    here = KnownPatients.of(dict.fromkeys(pairs), clinics)
    for place, (clinic_id, patient) in zip(places, pairs, strict=True):
        one = digest(schemes[clinic_id] or "", patient)
        others = (known.clinics.get(one, frozenset()) | here.clinics[one]) - {clinic_id}
        own[place] = all(_is_moved(patient, clinics[clinic_id], clinics[o]) for o in others)
    return own


def _is_moved(patient: str, clinic: Clinic, other: Clinic) -> bool:
    """Whether the patient, or every patient, of one of the clinics goes on in the other."""
    pairs = ((clinic, other.id), (other, clinic.id))
    if any(from_id in [one.clinic for one in to.takes_over] for to, from_id in pairs):
        return True
    return any(
        transfer.patient == patient and transfer.from_clinic == from_id
        for to_clinic, from_id in pairs
        for transfer in to_clinic.transfers
    )
