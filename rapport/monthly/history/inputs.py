"""Which files a clinic-month rests on: its own, and later ones of cumulative exports."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rapport.evidence.fingerprints import files_sha256
from rapport.monthly.slices import ClinicMonth, clinic_ids
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    import pandas as pd

    from rapport.home import Home

Inputs = dict[ClinicMonth, list[dict[str, Any]]]
"""Clinic-month → its entries in the ledger of exports, in order of receipt."""


def inputs_of(home: "Home", slices: Sequence[ClinicMonth], *, until: str | None = None) -> Inputs:
    """Return what each clinic-month is to be taken in from.

    Args:
        home: The home; its registry says which exports are cumulative.
        slices: The clinic-months.
        until: Only what was recorded up to this moment, as the ledger writes it.

    Returns:
        Entries of ``exports``. One of a cumulative export that came for a later month has that
        month; such a file counts only once it was read there, and not where it was refused.
    """
    own = [one for one in slices if not _cumulative(home, one)]
    found: Inputs = {one: [] for one in slices}
    asked = [(own, {"month": sorted({one.month for one in own})})] if own else []
    rest = [one for one in slices if _cumulative(home, one)]
    if rest:
        asked.append((rest, {}))
    for some, narrowed in asked:
        rows = home.warehouse.read(tables.exports, clinic_id=clinic_ids(some), **narrowed)
        _sort_in(home, found, rows.sort_values("sequence"), some, until)
    return found


def files_hashes(inputs: Inputs) -> dict[ClinicMonth, str]:
    """Return the hash over each clinic-month's files, as a verdict has it."""
    return {
        one: files_sha256({entry["content_sha256"] for entry in entries})
        for one, entries in inputs.items()
    }


def _sort_in(
    home: "Home",
    found: Inputs,
    rows: "pd.DataFrame",
    slices: Sequence[ClinicMonth],
    until: str | None,
) -> None:
    usable = _readable_elsewhere(home, slices)
    by_clinic: dict[str, list[dict[str, Any]]] = {}
    for entry in records(rows):
        if until is None or entry["recorded_at"] <= until:
            by_clinic.setdefault(entry["clinic_id"], []).append(entry)
    for one in slices:
        later = _cumulative(home, one)
        found[one] = [
            entry
            for entry in by_clinic.get(one.clinic_id, [])
            if entry["month"] == one.month
            or (
                entry["month"] > one.month
                and entry["export_id"] in later
                and (one.clinic_id, entry["month"], entry["content_sha256"]) in usable
            )
        ]


def _cumulative(home: "Home", one: ClinicMonth) -> frozenset[str]:
    clinic = home.registry.clinic(one.clinic_id)
    return frozenset(export.id for export in clinic.exports if export.cumulative)


def _readable_elsewhere(
    home: "Home", slices: Sequence[ClinicMonth]
) -> frozenset[tuple[str, str, str]]:
    """Return clinic, month and content of the files that could be read in their own month."""
    clinics = [name for name in clinic_ids(slices) if _cumulative(home, ClinicMonth(name, ""))]
    if not clinics:
        return frozenset()
    columns = ["clinic_id", "month", "content_sha256", "refusal_rule"]
    rows = home.warehouse.read(tables.export_readings, columns=columns, clinic_id=clinics)
    read = rows[rows.refusal_rule.isna()]
    return frozenset(read[columns[:3]].itertuples(index=False, name=None))
