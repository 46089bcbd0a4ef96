"""Rebuilding what was accepted at a moment, from the bytes that were known then.

Nothing is overwritten that a verdict rests on: landing keeps every file, the ledger says which of
them were known, the clinic's registry entry is kept with the verdict. What is not kept is the code:
a rebuild runs the rules and readers of today, and says so where they are not those of then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import rapport
from rapport.clinics import Clinic, Registry
from rapport.evidence.erasures import FileKey, Redaction, redactions_of
from rapport.evidence.fingerprints import NOTHING_SHA256, accepted_sha256, files_sha256
from rapport.monthly.collecting import delivery_of
from rapport.monthly.history.inputs import inputs_of
from rapport.monthly.history.registries import clinic_as_kept
from rapport.monthly.slices import ClinicMonth
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.monthly.recording import Decided
    from rapport.sources import Delivery

TakeIn = Callable[[Sequence["Delivery"], Registry, ClinicMonth], "Decided"]
"""Reads and judges files of one clinic-month, and records nothing."""

_FATES = ("received", "accepted", "quarantined", "superseded", "duplicate", "test")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a clinic-month's files of a moment say when they are read again.

    Attributes:
        clinic_id, month: The clinic-month.
        files: How many files were known.
        rows: ``received`` and every fate of a row → how many, read again.
        accepted_sha256: Fingerprint of the accepted rows, read again.
        recorded_sha256: The fingerprint that the verdict of then recorded, if there is one.
        recorded_rows: The rows that it counted.
        changed: What is no longer as it was then, one sentence each.
        erased_on: Day (UTC) since when rows of then are gone, because a patient was erased.
    """

    clinic_id: str
    month: str
    files: int
    rows: Mapping[str, int]
    accepted_sha256: str
    recorded_sha256: str | None
    recorded_rows: Mapping[str, int]
    changed: tuple[str, ...]
    erased_on: str | None = None

    @property
    def is_reproducible(self) -> bool:
        """Whether all rows of then are there to be read; not after a patient was erased."""
        return self.erased_on is None

    @property
    def matches(self) -> bool:
        """Whether the accepted rows are those of then."""
        return self.accepted_sha256 == self.recorded_sha256 and self.rows == self.recorded_rows


def rebuild(
    home: "Home", one: ClinicMonth, moment: str, *, take_in: TakeIn, rules_sha256: str
) -> Rebuilt | None:
    """Read again what the newest verdict at a moment was made from.

    Args:
        home: The home.
        one: The clinic-month.
        moment: As :func:`~rapport.monthly.history.moments.moment_of` returns it.
        take_in: Reads and judges files.
        rules_sha256: Hash of today's rules, to be held against those of then.

    Returns:
        What came out; nothing if there was no verdict at that moment.

    Raises:
        EvidenceError: Bytes in landing no longer match the hash they were received under.
    """
    verdict = _verdict_at(home, one, moment)
    if verdict is None:
        return None
    entries = inputs_of(home, [one], until=verdict["recorded_at"])[one]
    kept = clinic_as_kept(home, str(verdict["clinic_sha256"])) if verdict["clinic_sha256"] else None
    clinic = kept or home.registry.clinic(one.clinic_id)
    copies = redactions_of(home.warehouse, [one.clinic_id])
    deliveries = [delivery_of(home, entry, one, copies) for entry in entries]
    taken = take_in(deliveries, _registry(home, clinic), one)
    found = accepted_sha256(taken.sessions, taken.responses)
    return Rebuilt(
        clinic_id=one.clinic_id,
        month=one.month,
        files=len(entries),
        rows=_rows(records(taken.verdicts)[0]),
        accepted_sha256=found.get((one.clinic_id, one.month), NOTHING_SHA256),
        recorded_sha256=verdict["accepted_sha256"],
        recorded_rows=_rows(verdict),
        changed=tuple(_changes(verdict, entries, kept is not None, rules_sha256)),
        erased_on=_erased_on(entries, copies, verdict["recorded_at"]),
    )


def _erased_on(
    entries: Sequence[Mapping[str, Any]], copies: Mapping[FileKey, Redaction], since: str
) -> str | None:
    """Return the first day after a moment on which rows of these files were erased."""
    keys = [(e["clinic_id"], e["export_id"], e["content_sha256"]) for e in entries]
    moments = [at for key in keys if key in copies for at in copies[key].recorded_at if at > since]
    return min(moments)[:10] if moments else None


def _verdict_at(home: "Home", one: ClinicMonth, moment: str) -> dict[str, Any] | None:
    columns = [c.name for c in tables.verdicts.columns if c.name != "result_json"]
    rows = home.warehouse.read(tables.verdicts, columns=columns, **one.key).sort_values("sequence")
    known = [entry for entry in records(rows) if entry["recorded_at"] <= moment]
    if not known:
        return None
    return {name: None if isinstance(v, float) else v for name, v in known[-1].items()}


def _registry(home: "Home", clinic: Clinic) -> Registry:
    """Return today's registry with one clinic as it was."""
    return Registry({**home.registry.clinics, clinic.id: clinic}, home.registry.sha256)


def _rows(verdict: Mapping[str, Any]) -> dict[str, int]:
    return {fate: int(verdict[f"rows_{fate}"]) for fate in _FATES}


def _changes(
    verdict: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    is_clinic_kept: bool,
    rules_sha256: str,
) -> list[str]:
    """Say what is not as it was when the verdict was recorded."""
    told = {
        "The rules or the instruments' scales have changed since.": (
            verdict["rules_sha256"] != rules_sha256
        ),
        "The code has another version now.": verdict["code_version"] != rapport.__version__,
        "The clinic's registry entry of then was not kept; today's was used.": not is_clinic_kept,
        "The files of then cannot be told for certain: a cumulative export of a later month "
        "counts, or no longer counts, for this one.": (
            verdict["files_sha256"] is not None
            and verdict["files_sha256"]
            != files_sha256({entry["content_sha256"] for entry in entries})
        ),
    }
    return [sentence for sentence, holds in told.items() if holds]
