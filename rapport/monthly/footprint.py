"""Footprint: everything that a home keeps of one patient, and what of it can be taken away.

Nothing is changed here: what is found is what ``rapport erase`` shows before anything happens, and
what :mod:`rapport.monthly.erasing` then takes away. No id stands in what is told.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from rapport.errors import EvidenceError, Fault, SettingsError
from rapport.evidence.erasures import FileKey, Redaction, erased_patients, redactions_of
from rapport.exports.redacting import Copy, alike_rows, copy_without
from rapport.monthly.collecting import delivery_of
from rapport.monthly.history.inputs import inputs_of
from rapport.monthly.history.registries import clinic_as_kept
from rapport.monthly.slices import ClinicMonth
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.clinics import Clinic, ExportMapping
    from rapport.home import Home

PACKED = (tables.sessions, tables.survey_responses, tables.scale_scores)
"""Rows of clinic-months in which a patient may stand."""

OF_MONTHS = (tables.treatment_outcomes, tables.measure_changes)
"""Rows of months in which a patient may stand."""

Copies = dict[FileKey, Copy]
"""File → its copy without the patient."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """What is kept of one patient of a clinic.

    Attributes:
        clinic_id: The clinic.
        copies: Files with rows of the patient, and what may be kept of each instead.
        slices: Clinic-months that rest on those files, or hold rows of the patient.
        rows: Table → rows of the patient.
        held: Files held at the last collection whose name holds the id.
        registry_entries: Hashes of kept registry entries that name the patient in a transfer.
        originals: Hashes of contents in landing that hold the patient, copies made earlier among
            them.
        is_in_registry: Whether ``clinics.yaml`` names the patient in a transfer today.
        n_named: Entries of the ledger whose file's name holds the id; they cannot be changed.
        n_alike: Rows whose patient has an id that looks the same and is another.
        elsewhere: Other clinics of the scheme of ids that know the patient.
        inbox: Files in clinics' folders that hold the patient, below the inbox.
        erased_on: When the patient was first erased, if so.
    """

    clinic_id: str
    copies: Copies
    slices: tuple[ClinicMonth, ...]
    rows: Mapping[str, int]
    held: int
    registry_entries: tuple[str, ...]
    originals: frozenset[str]
    is_in_registry: bool
    n_named: int
    n_alike: int
    elsewhere: tuple[str, ...]
    inbox: tuple[str, ...]
    erased_on: str | None

    @property
    def n_file_rows(self) -> int:
        """Rows in files, each as often as it was delivered."""
        return sum(copy.n_now for copy in self.copies.values())

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept that could be taken away."""
        return not (
            self.copies
            or self.held
            or self.registry_entries
            or self.originals
            or any(self.rows.values())
        )


def footprint_of(home: "Home", clinic_id: str, patient: str) -> Footprint:
    """Look for one patient of a clinic through everything that the home keeps.

    Raises:
        SettingsError: The clinic is unknown, or an export of a file no longer stands in its entry.
        EvidenceError: Bytes in landing no longer match their hash, or the key of the list of
            erased patients is missing.
    """
    home.registry.clinic(clinic_id)
    erased = erased_patients(home.warehouse, home.root, [clinic_id]).get(clinic_id)
    redacted = redactions_of(home.warehouse)
    entries = records(home.warehouse.read(tables.exports))
    copies, n_alike = _copies(home, entries, redacted, clinic_id, patient)
    slices, rows = _rows(home, copies, clinic_id, patient)
    own = [entry for entry in entries if entry["clinic_id"] == clinic_id]
    originals = _originals(home, entries, redacted, copies)
    return Footprint(
        clinic_id=clinic_id,
        copies=copies,
        slices=slices,
        rows=rows,
        held=_held(home, clinic_id, patient),
        registry_entries=tuple(_registry_entries(home, patient, clinic_id)),
        originals=originals,
        is_in_registry=bool(_names(home.registry.clinics.values(), patient, clinic_id)),
        n_named=sum(patient in entry["received_name"] for entry in own),
        n_alike=n_alike,
        elsewhere=_elsewhere(home, clinic_id, patient),
        inbox=tuple(_inbox(home, {key[2] for key in (*copies, *redacted)})),
        erased_on=erased.erased_on(patient) if erased else None,
    )


def _copies(
    home: "Home",
    entries: Iterable[Mapping[str, Any]],
    redacted: Mapping[FileKey, Redaction],
    clinic_id: str,
    patient: str,
) -> tuple[Copies, int]:
    """Return a copy of each file with the patient; wherever else the same bytes came, there too."""
    files = {(e["clinic_id"], e["export_id"], e["content_sha256"]): e for e in entries}
    found: Copies = {}
    n_alike = 0
    for key, entry in files.items():
        if key[0] == clinic_id:
            copy, alike = _copy(home, entry, redacted, patient)
            n_alike += alike
            if copy is not None:
                found[key] = copy
    contents = {sha256 for _, _, sha256 in found}
    for key, entry in files.items():
        if key[0] != clinic_id and key[2] in contents:
            copy, _ = _copy(home, entry, redacted, patient)
            if copy is not None:
                found[key] = copy
    return found, n_alike


def _copy(
    home: "Home", entry: Mapping[str, Any], redacted: Mapping[FileKey, Redaction], patient: str
) -> tuple[Copy | None, int]:
    clinic = home.registry.clinic(entry["clinic_id"])
    mapping = _mapping(clinic, entry["export_id"])
    one = ClinicMonth(entry["clinic_id"], entry["month"])
    delivery = delivery_of(home, entry, one, redacted)
    copy = copy_without(
        delivery,
        lambda text: text == patient,
        mapping=mapping,
        clinic=clinic,
        catalogue=home.catalogue,
    )
    return copy, alike_rows(delivery, patient, mapping)


def _mapping(clinic: "Clinic", export_id: str) -> "ExportMapping":
    for mapping in clinic.exports:
        if mapping.id == export_id:
            return mapping
    raise SettingsError(
        Fault(
            "UNKNOWN_EXPORT",
            f"Files of {clinic.id} came as {export_id!r}, which its entry no longer describes: "
            "nobody can say which rows in them are whose.",
            "Put the export's description back into clinics.yaml, and erase again.",
        )
    )


def _rows(
    home: "Home", copies: Copies, clinic_id: str, patient: str
) -> tuple[tuple[ClinicMonth, ...], dict[str, int]]:
    """Return the clinic-months to be taken in again, and how many rows each table has."""
    slices = set(_resting_on(home, copies))
    rows = {}
    for table in PACKED:
        found = home.warehouse.read(
            table, columns=["month"], clinic_id=clinic_id, patient_id=patient
        )
        slices.update(ClinicMonth(clinic_id, month) for month in found.month)
        rows[table.name] = len(found)
    for table in OF_MONTHS:
        found = home.warehouse.read(
            table, columns=["month"], clinic_id=clinic_id, patient_id=patient
        )
        rows[table.name] = len(found)
    return tuple(sorted(slices, key=lambda one: (one.month, one.clinic_id))), rows


def _resting_on(home: "Home", copies: Copies) -> Iterator[ClinicMonth]:
    """Yield the clinic-months that one of these files counts for."""
    clinics = {key[0] for key in copies}
    if not clinics:
        return
    known: set[ClinicMonth] = set()
    for table in (tables.exports, tables.verdicts):
        rows = home.warehouse.read(table, columns=["clinic_id", "month"], clinic_id=sorted(clinics))
        known |= {ClinicMonth(*pair) for pair in rows.itertuples(index=False, name=None)}
    for one, entries in inputs_of(home, sorted(known)).items():
        if any((one.clinic_id, e["export_id"], e["content_sha256"]) in copies for e in entries):
            yield one


def _originals(
    home: "Home",
    entries: Iterable[Mapping[str, Any]],
    redacted: Mapping[FileKey, Redaction],
    copies: Copies,
) -> frozenset[str]:
    """Return what lies in landing and nothing rests on once the copies stand for their files."""
    needed, gone = set(), set()
    for entry in entries:
        key = (entry["clinic_id"], entry["export_id"], entry["content_sha256"])
        current = redacted[key].to_sha256 if key in redacted else key[2]
        if key in copies:
            gone.add(current)
        else:
            needed.add(current)
        if key in redacted:
            gone.add(key[2])
    gone |= superseded(home)
    return frozenset(one for one in gone - needed if home.landing.place_of(one).exists())


def superseded(home: "Home") -> set[str]:
    """Return hashes of files and copies in whose place other copies have come."""
    rows = home.warehouse.read(tables.redactions)
    newest = {redaction.to_sha256 for redaction in redactions_of(home.warehouse).values()}
    return (set(rows.from_sha256) | set(rows.to_sha256)) - newest


def _held(home: "Home", clinic_id: str, patient: str) -> int:
    held = tables.held_files
    query = sa.select(sa.func.count()).where(
        held.c.clinic_id == clinic_id, held.c.file.contains(patient, autoescape=True)
    )
    with home.warehouse.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def _registry_entries(home: "Home", patient: str, clinic_id: str) -> Iterator[str]:
    """Yield kept registry entries that name the patient."""
    rows = home.warehouse.read(tables.verdicts, columns=["clinic_sha256"])
    for sha256 in sorted(set(rows.clinic_sha256.dropna())):
        try:
            kept = clinic_as_kept(home, str(sha256))
        except EvidenceError:
            continue
        if kept is not None and _names([kept], patient, clinic_id):
            yield str(sha256)


def _names(clinics: Iterable[Any], patient: str, clinic_id: str) -> list[str]:
    """Return the clinics in whose entry the patient stands as one who came from or to a clinic."""
    return [
        clinic.id
        for clinic in clinics
        if any(
            one.patient == patient and clinic_id in (clinic.id, one.from_clinic)
            for one in clinic.transfers
        )
    ]


def _elsewhere(home: "Home", clinic_id: str, patient: str) -> tuple[str, ...]:
    scheme = home.registry.clinic(clinic_id).patient_id_scheme
    others = [
        one.id
        for one in home.registry.clinics.values()
        if scheme and one.patient_id_scheme == scheme and one.id != clinic_id
    ]
    if not others:
        return ()
    rows = home.warehouse.read(
        tables.sessions, columns=["clinic_id"], clinic_id=others, patient_id=patient
    )
    return tuple(sorted(set(rows.clinic_id)))


def _inbox(home: "Home", contents: set[str]) -> Iterator[str]:
    """Yield the files of clinics' folders that have one of these contents."""
    import hashlib

    if not contents:
        return
    for file in sorted(home.inbox.rglob("*")):
        if file.is_symlink() or not file.is_file():
            continue
        with file.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() in contents:
                yield str(file.relative_to(home.inbox))
