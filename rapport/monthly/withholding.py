"""Withhold: what of a received file may be kept, where patients of the clinic were erased.

Asked before a byte is kept. An erased patient who comes again in a re-export, or in a file that
still lies in the clinic's folder, is recognised by the keyed hash of his id, and left out; landing
holds the copy, the ledger of exports the hash of what was received, the ledger of redactions both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rapport.evidence.erasures import (
    ErasedPatients,
    FileKey,
    Redaction,
    erased_patients,
    redactions_of,
)

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.sources import Delivery


@dataclass(frozen=True)
class Withholding:
    """What must not be kept of some clinics' files.

    Attributes:
        home: The home.
        erased: Clinic → its erased patients.
        redacted: File → the copy that stands for it.
    """

    home: "Home"
    erased: Mapping[str, ErasedPatients]
    redacted: Mapping[FileKey, Redaction]

    @classmethod
    def of(cls, home: "Home", clinics: Iterable[str]) -> "Withholding":
        """Read what was erased of these clinics.

        Raises:
            EvidenceError: The key of the list is missing or another one.
        """
        erased = erased_patients(home.warehouse, home.root, clinics)
        redacted = redactions_of(home.warehouse, clinics)
        return cls(home, erased, redacted)

    def kept(self, delivery: "Delivery") -> tuple["Delivery", list[dict[str, object]]]:
        """Return what may be kept of a file, and the entry that says so where it is a copy.

        Returns:
            The file itself, or its copy under the hash of what was received; entries for
            ``redactions``, none where the copy is on record.
        """
        key = (delivery.clinic_id, delivery.export_id, delivery.content_sha256)
        known = self.redacted.get(key)
        if known is not None:
            return self._copy(delivery, self.home.landing.open_bytes(known.to_sha256)), []
        erased = self.erased.get(delivery.clinic_id)
        if erased is None:
            return delivery, []
        from rapport.exports.inheritance import mapping_of
        from rapport.exports.redacting import copy_without

        clinic = self.home.registry.clinic(delivery.clinic_id)
        copy = copy_without(
            delivery,
            erased.has,
            mapping=mapping_of(clinic, delivery.export_id),
            clinic=clinic,
            catalogue=self.home.catalogue,
        )
        if copy is None:
            return delivery, []
        kept = self._copy(delivery, copy.content)
        return kept, [redaction(key, copy.content, copy.n_rows)]

    def shown(self, delivery: "Delivery") -> "Delivery":
        """Return what would be kept of a file, and record nothing."""
        return self.kept(delivery)[0]

    def _copy(self, delivery: "Delivery", content: bytes) -> "Delivery":
        return replace(delivery, content=content, received_sha256=delivery.content_sha256)


def redaction(key: FileKey, content: bytes, n_rows: int) -> dict[str, object]:
    """Return the entry of ``redactions`` that says which copy stands for a file.

    Args:
        key: Clinic, export and hash of the file as it was received.
        content: The copy.
        n_rows: Rows of the file that are not in it.
    """
    from rapport.warehouse.packing import sha256_of

    names = ("clinic_id", "export_id", "from_sha256")
    return {
        **dict(zip(names, key, strict=True)),
        "to_sha256": sha256_of(content),
        "n_rows": n_rows,
    }
