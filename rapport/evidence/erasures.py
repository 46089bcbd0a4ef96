"""Who was erased, without saying who: a list of keyed hashes, and the copies that stand for files.

The ledger of erasures keeps an HMAC of the patient's id in its clinic. The key lies beside the
database, in the home: whoever has only the ledger cannot try out ids, and whoever has both can tell
whether an id that comes again is one of them. The ledger of redactions says which copy in landing
stands for which file that was received.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapport.errors import EvidenceError, Fault
from rapport.warehouse.records import records
from rapport.warehouse.tables import erasures, redactions

if TYPE_CHECKING:
    from rapport.warehouse.store import Warehouse

KEY_FILE = "erasure.key"
"""Name of the key's file in the home; readable by its owner alone."""

_KEY_BYTES = 32

FileKey = tuple[str, str, str]
"""Clinic, export and hash of a file as it was received."""


@dataclass(frozen=True, slots=True)
class ErasureKey:
    """The secret under which ids of erased patients are hashed."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """What the ledger knows the key by: it tells one key from another, and not the key."""
        return hashlib.sha256(b"rapport erasure key\0" + self.secret).hexdigest()[:16]

    def hmac_of(self, clinic_id: str, patient: str) -> str:
        """Return what stands for one patient of a clinic, 64 hexadecimal digits."""
        told = f"{clinic_id}\0{patient}".encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, told, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class ErasedPatients:
    """The erased patients of one clinic, who can be recognised and not listed."""

    clinic_id: str
    hmacs: Mapping[str, str]
    key: ErasureKey

    def has(self, text: str) -> bool:
        """Whether a text is the id of one of them."""
        return self.key.hmac_of(self.clinic_id, text) in self.hmacs

    def erased_on(self, patient: str) -> str | None:
        """Return when a patient was first erased, as the ledger writes it; ``None`` if never."""
        return self.hmacs.get(self.key.hmac_of(self.clinic_id, patient))


@dataclass(frozen=True, slots=True)
class Redaction:
    """The copy that stands for a file now.

    Attributes:
        to_sha256: Hash of the copy, under which landing keeps it.
        n_rows: Rows of the file that are not in it.
        recorded_at: Moments at which rows were taken out, the first one first.
    """

    to_sha256: str
    n_rows: int
    recorded_at: tuple[str, ...]


def key_of(root: Path) -> ErasureKey | None:
    """Return the key of a home, if it has one."""
    try:
        written = (root / KEY_FILE).read_text("ascii").strip()
        return ErasureKey(bytes.fromhex(written))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise EvidenceError(_key_fault("cannot be read")) from None


def made_key(root: Path) -> ErasureKey:
    """Return the key of a home; make one where there is none."""
    found = key_of(root)
    if found is not None:
        return found
    secret = secrets.token_bytes(_KEY_BYTES)
    number = os.open(root / KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w") as opened:
        opened.write(secret.hex() + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    return ErasureKey(secret)


def erased_patients(
    warehouse: "Warehouse", root: Path, clinics: Iterable[str]
) -> dict[str, ErasedPatients]:
    """Return clinic → its erased patients; clinics that have none are not named.

    Raises:
        EvidenceError: There are some, and the key is missing or another one than theirs.
    """
    asked = ["clinic_id", "patient_hmac", "key_id", "recorded_at", "sequence"]
    rows = warehouse.read(erasures, columns=asked, clinic_id=list(dict.fromkeys(clinics)))
    if rows.empty:
        return {}
    key = key_of(root)
    if key is None:
        raise EvidenceError(_key_fault("is not there"))
    if set(rows.key_id) != {key.id}:
        raise EvidenceError(_key_fault("is another one than the list was written with"))
    found: dict[str, dict[str, str]] = {}
    for row in records(rows.sort_values("sequence")):
        found.setdefault(row["clinic_id"], {}).setdefault(row["patient_hmac"], row["recorded_at"])
    return {clinic: ErasedPatients(clinic, hmacs, key) for clinic, hmacs in found.items()}


def redactions_of(
    warehouse: "Warehouse", clinics: Iterable[str] | None = None
) -> dict[FileKey, Redaction]:
    """Return file as it was received → the copy that stands for it now.

    Args:
        warehouse: Where the ledger is.
        clinics: Of which clinics; of all if left out.
    """
    where: dict[str, Any] = {} if clinics is None else {"clinic_id": list(dict.fromkeys(clinics))}
    found: dict[FileKey, Redaction] = {}
    for row in records(warehouse.read(redactions, **where).sort_values("sequence")):
        key = (row["clinic_id"], row["export_id"], row["from_sha256"])
        earlier = found[key].recorded_at if key in found else ()
        found[key] = Redaction(row["to_sha256"], row["n_rows"], (*earlier, row["recorded_at"]))
    return found


def _key_fault(what: str) -> Fault:
    return Fault(
        "ERASURE_KEY",
        f"Patients of this home were erased, and the key of the list of them {what}.",
        "Restore it from where the home's secrets are kept: without it, an erased patient who is "
        "delivered again is not recognised.",
        file=KEY_FILE,
    )
