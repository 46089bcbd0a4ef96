"""Erase: take everything of one patient out of a home, and leave a record that it was done.

First, in one transaction, the rows and the record; then the bytes; then the clinic-months are taken
in again from the copies, so that verdicts and scores say what is there now. Whoever is interrupted
erases again: what is gone stays gone, and what is left is found. Closed months become stale like
after any other correction. The ledger is not changed but continued, so the chain stays sound.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from rapport.errors import Fault, RapportError
from rapport.evidence.erasures import made_key
from rapport.monthly.footprint import OF_MONTHS, PACKED, Footprint, footprint_of
from rapport.monthly.scoring import score
from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.monthly.withholding import redaction
from rapport.warehouse import tables

if TYPE_CHECKING:
    import pandas as pd

    from rapport.home import Home

TakeIn = Callable[["Home", Sequence[ClinicMonth]], object]
"""Reads, judges and records clinic-months from what landing holds."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who asked for which patient to be erased, and why.

    Attributes:
        clinic_id: The clinic.
        patient: The patient's id in the clinic's exports.
        reason: Why, for the auditor; it does not name the patient.
        requested_by: Who asked for it.
        approved_by: Who else agreed, if anybody had to.
    """

    clinic_id: str
    patient: str
    reason: str
    requested_by: str
    approved_by: str | None = None


def erase(home: "Home", request: Request, take_in: TakeIn) -> Footprint:
    """Erase a patient; return what was there.

    Args:
        home: The home.
        request: Who, and why.
        take_in: What takes clinic-months in again.

    Raises:
        RapportError: Nothing of the patient is kept, the request names the patient or nobody who
            asks, or the registry names the patient: nothing was changed.
    """
    _check(request)
    found = footprint_of(home, request.clinic_id, request.patient)
    _check_footprint(found)
    if found.is_empty:
        return found
    for copy in found.copies.values():
        home.landing.keep(copy.content)
    _record(home, request, found)
    _delete_rows(home, request)
    for sha256 in (*found.originals, *found.registry_entries):
        home.landing.place_of(sha256).unlink(missing_ok=True)
    if found.slices:
        take_in(home, found.slices)
        score(home, found.slices)
    _wipe(home)
    return found


def _check(request: Request) -> None:
    """Refuse a request that nobody stands for, or that names the patient.

    Raises:
        RapportError: All faults at once.
    """
    told = (request.reason, request.requested_by, request.approved_by or "")
    faults = []
    if not request.reason.strip() or not request.requested_by.strip():
        faults.append(
            Fault(
                "ERASURE_UNSIGNED",
                "An erasure needs a reason and somebody who asks for it.",
                "Give --reason and --by.",
            )
        )
    if any(request.patient in text for text in told):
        faults.append(
            Fault(
                "ERASURE_NAMES_PATIENT",
                "The reason or a name holds the patient's id, and would keep it in the ledger.",
                "Say it without the id, such as: written request of 3 March, file 12/2026.",
            )
        )
    if request.approved_by is not None and request.approved_by == request.requested_by:
        faults.append(
            Fault(
                "ERASURE_UNSIGNED",
                "Whoever asks cannot be the one who agrees.",
                "Name another person in --approved-by, or leave it out.",
            )
        )
    if faults:
        raise RapportError(faults)


def _check_footprint(found: Footprint) -> None:
    """Refuse what cannot be erased whole.

    Raises:
        RapportError: The patient is unknown, or stands in the registry.
    """
    if found.is_in_registry:
        raise RapportError(
            Fault(
                "REGISTRY_NAMES_PATIENT",
                "clinics.yaml names this patient in a transfer.",
                "Take the line out of `transfers`, and erase again.",
            )
        )
    if found.is_empty and found.erased_on is None:
        raise RapportError(
            Fault(
                "PATIENT_UNKNOWN",
                "Nothing of a patient with this id is kept for this clinic.",
                "Check the spelling, blanks and capitals included; nothing was recorded.",
            )
        )


def _record(home: "Home", request: Request, found: Footprint) -> None:
    """Write the record, and the slices without the patient, in one transaction."""
    key = made_key(home.root)
    entry: dict[str, object] = {
        "clinic_id": request.clinic_id,
        "patient_hmac": key.hmac_of(request.clinic_id, request.patient),
        "key_id": key.id,
        "reason": request.reason,
        "requested_by": request.requested_by,
        "approved_by": request.approved_by,
        "n_files": len(found.copies),
        "n_rows": found.n_file_rows,
        "n_months": len(found.slices),
    }
    copies = [redaction(one, copy.content, copy.n_rows) for one, copy in found.copies.items()]
    entries = {tables.erasures: [entry], tables.redactions: copies}
    if not found.slices:
        home.warehouse.append(tables.redactions, copies)
        home.warehouse.append(tables.erasures, [entry])
        return
    home.warehouse.replace_slices(
        {table: _without(home, table, found.slices, request.patient) for table in PACKED},
        [one.key for one in found.slices],
        entries=entries,
    )


def _without(
    home: "Home", table: sa.Table, slices: Sequence[ClinicMonth], patient: str
) -> "pd.DataFrame":
    """Return the rows of clinic-months without those of a patient."""
    import pandas as pd

    rows = home.warehouse.read(table, clinic_id=clinic_ids(slices), month=months(slices))
    wanted = pd.MultiIndex.from_tuples([(one.clinic_id, one.month) for one in slices])
    is_here = pd.MultiIndex.from_frame(rows[["clinic_id", "month"]]).isin(wanted)
    return rows[is_here & (rows.patient_id != patient).to_numpy()].reset_index(drop=True)


def _delete_rows(home: "Home", request: Request) -> None:
    """Delete the patient's outcomes, which the next close computes anew, and files held by name."""
    held = tables.held_files
    is_named = held.c.file.contains(request.patient, autoescape=True)
    with home.warehouse.writing.begin() as connection:
        for table in OF_MONTHS:
            connection.execute(
                sa.delete(table).where(
                    table.c.clinic_id == request.clinic_id, table.c.patient_id == request.patient
                )
            )
        connection.execute(sa.delete(held).where(held.c.clinic_id == request.clinic_id, is_named))


def _wipe(home: "Home") -> None:
    """Write SQLite's file anew: what was deleted would stay in its free pages until overwritten."""
    engine = home.warehouse.engine
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("vacuum")
        cursor.execute("pragma wal_checkpoint(truncate)")
        cursor.fetchall()
        cursor.close()
    finally:
        connection.close()
