"""Collect: from a clinic's folder into landing and ledger, byte for byte, before any parsing."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rapport.evidence.erasures import redactions_of
from rapport.monthly.holding import keep_held
from rapport.monthly.slices import ClinicMonth, clinic_ids
from rapport.monthly.withholding import Withholding
from rapport.sources.delivery import Held
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.evidence.erasures import FileKey, Redaction
    from rapport.home import Home
    from rapport.sources import Delivery, FoundFile

WAIT_NS = 6 * 3600 * 10**9
"""How long a cut archive is waited for after its last change: six hours. Then it is refused."""

LOOK_AGAIN_SECONDS = 0.25
"""How long after the first look a file that was changed lately is looked at once more."""

KEPT_AT_ONCE = 32_000_000
"""Bytes that are brought to the disk together: waiting for it once is quicker than often."""

CUT = "It is an archive that ends too early; its upload may not be over."
GROWING = "It is still being written."

Listed = dict[ClinicMonth, "Sequence[FoundFile]"]
"""Clinic-month → the files found in its source."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting one clinic-month found.

    Attributes:
        files: Files found finished.
        repeats: Files among them whose bytes stand in the same clinic-month under another name.
        held: What was left alone because it was still being written, could not be read whole or
            could not be reached.
        reason: Why the first of these was, in a sentence; empty if nothing was.
    """

    files: int
    repeats: int
    held: int
    reason: str = ""

    @property
    def counts(self) -> dict[str, int | str]:
        """The same, by name."""
        counts = {"files": self.files, "repeats": self.repeats, "held": self.held}
        return {**counts, "reason": self.reason} if self.reason else {**counts}


def collect(home: "Home", slices: Sequence[ClinicMonth]) -> dict[ClinicMonth, Collected]:
    """Keep every finished file of these clinic-months; a file that is kept already is a no-op.

    A file that was changed in the last minute is looked at twice, and held if it changes between.
    A clinic whose source cannot be reached is held, and stops no other. Of files with rows of
    erased patients a copy without them is kept.

    Raises:
        EvidenceError: Patients were erased, and the key of the list of them is not there.
    """
    collected, entries, held = {}, [], {}
    withholding = Withholding.of(home, clinic_ids(slices))
    waiting: list[bytes] = []
    size = 0
    listed, growing = _looked_twice(home, slices)
    for one in slices:
        received, cut = _receive(home, one, listed[one], withholding, waiting)
        size += sum(len(delivery.content) for delivery in received)
        if size > KEPT_AT_ONCE:
            home.landing.keep_all(waiting)
            waiting.clear()
            size = 0
        contents = {delivery.content_sha256 for delivery in received}
        held[one] = [*home.source.held_of(one.clinic_id, one.month), *cut, *growing.get(one, ())]
        reason = held[one][0].reason if held[one] else ""
        n_repeats = len(received) - len(contents)
        collected[one] = Collected(len(received), n_repeats, len(held[one]), reason)
        entries += [_entry(delivery) for delivery in received]
    home.landing.keep_all(waiting)
    home.warehouse.append(tables.exports, entries)
    keep_held(home, held)
    return collected


def _looked_twice(
    home: "Home", slices: Sequence[ClinicMonth]
) -> tuple[Listed, dict[ClinicMonth, list["Held"]]]:
    """List the files of clinic-months that are finished, and those that are still being written.

    Whoever copies a file changes it many times a second. One look cannot see that, so where a file
    is young its clinic-month is looked at again.
    """
    from rapport.sources import is_stable

    began = time.monotonic()
    listed = {one: _listed(home, one) for one in slices}
    young = [one for one, files in listed.items() if not all(is_stable(f, None) for f in files)]
    growing: dict[ClinicMonth, list[Held]] = {}
    if young:
        time.sleep(max(0.0, began + LOOK_AGAIN_SECONDS - time.monotonic()))
    for one in young:
        before = {file.parts: file for file in listed[one]}
        again = [(file, is_stable(file, before.get(file.parts))) for file in _listed(home, one)]
        listed[one] = [file for file, is_done in again if is_done]
        growing[one] = [
            Held(one.clinic_id, one.month, file.export_id, file.file, GROWING)
            for file, is_done in again
            if not is_done
        ]
    return listed, growing


def _listed(home: "Home", one: ClinicMonth) -> Sequence["FoundFile"]:
    return home.source.finished_files(home.registry.clinic(one.clinic_id), one.month)


def _receive(
    home: "Home",
    one: ClinicMonth,
    files: Sequence["FoundFile"],
    withholding: Withholding,
    waiting: list[bytes],
) -> tuple[list["Delivery"], list["Held"]]:
    """Read one clinic-month's files, and leave archives that are still cut.

    The bytes are added to those that wait to be kept; what is on record at once is kept at once.
    """
    received, cut = [], []
    for found in files:
        delivery = home.source.read(found)
        if delivery is None:
            continue
        if _may_go_on(found, delivery.content):
            cut.append(Held(one.clinic_id, one.month, found.export_id, found.file, CUT))
            continue
        kept, redactions = withholding.kept(delivery)
        waiting.append(kept.content)
        if redactions:  # before the file is on record: what it names must be there
            home.landing.keep(kept.content)
            home.warehouse.append(tables.redactions, redactions)
        received.append(delivery)
    return received, cut


def _may_go_on(found: "FoundFile", content: bytes) -> bool:
    """Whether a file is an archive that ends too early, and changed so lately that it may grow."""
    from rapport.exports.wrapping import looks_cut

    return found.seen_ns - found.modified_ns < WAIT_NS and looks_cut(content)


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

    A file of a cumulative export also stands among those of the months before it.

    Raises:
        EvidenceError: Bytes in landing no longer match the hash they were received under.
    """
    from rapport.monthly.history.inputs import inputs_of

    entries = [(entry, one) for one, found in inputs_of(home, slices).items() for entry in found]
    entries.sort(key=lambda pair: (pair[0]["sequence"], pair[1].month))
    copies = redactions_of(home.warehouse, clinic_ids(slices))
    return [delivery_of(home, entry, one, copies) for entry, one in entries]


def delivery_of(
    home: "Home",
    entry: Mapping[str, Any],
    one: ClinicMonth,
    copies: "Mapping[FileKey, Redaction]",
) -> "Delivery":
    """Return a file of the ledger of exports as it is read for a clinic-month.

    Args:
        home: The home.
        entry: The file's entry.
        one: The clinic-month.
        copies: Copies that stand for files with rows of patients who were erased.

    Raises:
        EvidenceError: Its bytes no longer match the hash they were received under.
    """
    from rapport.sources import Delivery

    received = entry["content_sha256"]
    copy = copies.get((entry["clinic_id"], entry["export_id"], received))
    return Delivery(
        clinic_id=one.clinic_id,
        month=one.month,
        export_id=entry["export_id"],
        file=entry["received_name"],
        content=home.landing.open_bytes(copy.to_sha256 if copy else received),
        delivered_for=entry["month"] if entry["month"] != one.month else "",
        received_sha256=received if copy else "",
    )
