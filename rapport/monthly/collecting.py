"""Collect: from a clinic's folder into landing and ledger, byte for byte, before any parsing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.sources import Delivery


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting one clinic-month found.

    Attributes:
        files: Files found finished.
        repeats: Files among them whose bytes stand in the same clinic-month under another name.
        held: Files left alone because they were still being written or could not be read whole.
    """

    files: int
    repeats: int
    held: int

    @property
    def counts(self) -> dict[str, int]:
        """The same, by name."""
        return {"files": self.files, "repeats": self.repeats, "held": self.held}


def collect(home: "Home", slices: Sequence[ClinicMonth]) -> dict[ClinicMonth, Collected]:
    """Keep every finished file of these clinic-months; a file that is kept already is a no-op."""
    collected, entries = {}, []
    for one in slices:
        received, held = _receive(home, one)
        contents = {delivery.content_sha256 for delivery in received}
        collected[one] = Collected(len(received), len(received) - len(contents), held)
        entries += [_entry(delivery) for delivery in received]
    home.warehouse.append(tables.exports, entries)
    return collected


def _receive(home: "Home", one: ClinicMonth) -> tuple[list["Delivery"], int]:
    """Read one clinic-month's files and keep their bytes; count those that were held."""
    clinic = home.registry.clinic(one.clinic_id)
    received, held = [], 0
    for found in home.source.finished_files(clinic, one.month):
        delivery = home.source.read(found)
        if delivery is None:
            held += 1
            continue
        home.landing.keep(delivery.content)
        received.append(delivery)
    return received, held


def _entry(delivery: "Delivery") -> dict[str, object]:
    return {
        "clinic_id": delivery.clinic_id,
        "month": delivery.month,
        "export_id": delivery.export_id,
        "content_sha256": delivery.content_sha256,
        "received_name": delivery.file,
        "size_bytes": len(delivery.content),
    }


def kept_deliveries(home: "Home", slices: Sequence[ClinicMonth]) -> list["Delivery"]:
    """Return what the ledger says these clinic-months received, in order of receipt.

    Raises:
        EvidenceError: Bytes in landing no longer match the hash they were received under.
    """
    from rapport.sources import Delivery

    wanted = set(slices)
    ledger = home.warehouse.read(
        tables.exports, clinic_id=clinic_ids(slices), month=months(slices)
    ).sort_values("sequence")
    return [
        Delivery(
            clinic_id=row["clinic_id"],
            month=row["month"],
            export_id=row["export_id"],
            file=row["received_name"],
            content=home.landing.open_bytes(row["content_sha256"]),
        )
        for row in records(ledger)
        if ClinicMonth(row["clinic_id"], row["month"]) in wanted
    ]
