"""Findings: what the stores say about a slice, in a sentence and counts, for people who watch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rapport.monthly.parts import parts_by_forms
from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.months import Month
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    import pandas as pd
    import sqlalchemy as sa

    from rapport.home import Home

ROW_FATES = ("accepted", "quarantined", "superseded", "duplicate", "test")
"""What can become of a row that was received: exactly one of these."""


@dataclass(frozen=True)
class Finding:
    """Whether something holds of one slice.

    Attributes:
        holds: Whether it does.
        sentence: What was found, without any value of a patient.
        counts: The numbers behind it.
        severity: ``ERROR`` or ``WARN``, where it does not hold.
    """

    holds: bool
    sentence: str
    counts: Mapping[str, int] = field(default_factory=dict)
    severity: str = "ERROR"


Findings = dict[ClinicMonth, Finding]


def exports_arrived(home: "Home", slices: Sequence[ClinicMonth]) -> Findings:
    """Ask of each clinic-month whether every required export is in the ledger."""
    ledger = _of(home, tables.exports, slices)
    found = {}
    for one in slices:
        required = {e.id for e in home.registry.clinic(one.clinic_id).exports if e.required}
        missing = sorted(required - set(ledger.get(one, _EMPTY).get("export_id", [])))
        sentence = (
            f"{one.clinic_id} {one.month}: awaited: {', '.join(missing)}."
            if missing
            else f"{one.clinic_id} {one.month}: every export has arrived."
        )
        counts = {"required": len(required), "missing": len(missing)}
        found[one] = Finding(not missing, sentence, counts, severity="WARN")
    return found


def responses_pass(home: "Home", slices: Sequence[ClinicMonth]) -> Findings:
    """Ask of each clinic-month whether its newest verdict is ``passed``."""
    newest = home.warehouse.newest_verdicts(months(slices))
    rows = {ClinicMonth(row["clinic_id"], row["month"]): row for row in records(newest)}
    return {one: _verdict_finding(one, rows.get(one)) for one in slices}


def _verdict_finding(one: ClinicMonth, row: Mapping[str, Any] | None) -> Finding:
    if row is None:
        return Finding(False, f"{one.clinic_id} {one.month}: nothing was validated yet.")
    verdict, broken = str(row["verdict"]), str(row["broken_rules"])
    counts = {
        name: int(row[name])
        for name in ("rules_asked", "rules_broken", *(f"rows_{fate}" for fate in ROW_FATES))
    }
    told = "Warnings" if verdict == "passed" else "Broken"
    why = f" {told}: {broken.replace(',', ', ')}." if broken else ""
    sentence = f"{one.clinic_id} {one.month}: {verdict}.{why}"
    severity = "WARN" if verdict == "not_applicable" else "ERROR"
    return Finding(verdict == "passed", sentence, counts, severity)


def rows_are_conserved(home: "Home", slices: Sequence[ClinicMonth]) -> Findings:
    """Ask of each file of each clinic-month whether every row received has exactly one fate."""
    readings = _of(home, tables.export_readings, slices)
    found = {}
    for one in slices:
        rows = readings.get(one, _EMPTY)
        received = int(sum(rows.get("rows_received", [])))
        told = {fate: int(sum(rows.get(f"rows_{fate}", []))) for fate in ROW_FATES}
        holds = received == sum(told.values())
        parts = " + ".join(f"{count} {fate}" for fate, count in told.items())
        sentence = f"{one.clinic_id} {one.month}: {received} rows in, {parts}."
        found[one] = Finding(holds, sentence, {"received": received, **told})
    return found


def scores_within_range(home: "Home", slices: Sequence[ClinicMonth]) -> Findings:
    """Ask of each score whether it lies in its instrument's range, or says why it is missing."""
    found = {}
    for part in parts_by_forms(home, slices):
        scores = _of(home, tables.scale_scores, part, columns=_JUDGED)
        for one in part:
            rows = scores.get(one)
            n, wrong = (0, 0) if rows is None else (len(rows), _outside(home, rows))
            sentence = f"{one.clinic_id} {one.month}: {wrong} of {n} scores are out of range."
            found[one] = Finding(wrong == 0, sentence, {"scores": n, "out_of_range": wrong})
    return found


_JUDGED = ("clinic_id", "month", "instrument", "score", "item_mean", "no_score_reason")
"""What is asked of a score."""


def _outside(home: "Home", rows: "pd.DataFrame") -> int:
    """Count scores whose item mean leaves the item scale, or that are missing without a reason."""
    low = rows.instrument.map({i.id: i.scale.minimum for i in home.catalogue.values()})
    high = rows.instrument.map({i.id: i.scale.maximum for i in home.catalogue.values()})
    mean = rows.item_mean.astype(float)
    outside = (mean < low) | (mean > high)
    silent = rows.score.isna() & rows.no_score_reason.isna()
    return int((outside | silent).sum())


def reports_are_filed(home: "Home", slices: Sequence[ClinicMonth]) -> Findings:
    """Ask of each clinic-month whether its newest edition stands on disk as the ledger has it."""
    from rapport.monthly.publishing import newest_editions, sha256_of

    editions = newest_editions(home, slices)
    found = {}
    for one in slices:
        row = editions.get(one)
        path = home.reports / row.path if row else None
        holds = bool(row and path and path.is_file() and sha256_of(path) == row.pdf_sha256)
        state = f"edition {row.edition} ({row.kind}) is filed" if row else "no edition exists"
        told = state if holds or not row else "the filed PDF is not the ledger's"
        sentence = f"{one.clinic_id} {one.month}: {told}."
        found[one] = Finding(holds, sentence, {"pages": row.pages if row else 0})
    return found


def hidden_figures(home: "Home", table_name: str, month: Month) -> Finding:
    """Ask of each hidden figure of a month whether it holds a reason and no number."""
    rows = home.warehouse.read(tables.metadata.tables[table_name], month=str(month))
    numbers = ["n_patients", "n_observations", "numerator", "denominator", "value", "low", "high"]
    hidden = rows[rows.suppression.notna()]
    leaking = int(hidden[numbers].notna().any(axis=1).sum())
    sentence = f"{month}: {len(hidden)} of {len(rows)} figures are hidden, {leaking} leak a number."
    return Finding(leaking == 0, sentence, {"figures": len(rows), "hidden": len(hidden)})


_EMPTY: Mapping[str, Sequence[object]] = {}


def _of(
    home: "Home",
    table: "sa.Table",
    slices: Sequence[ClinicMonth],
    columns: Sequence[str] | None = None,
) -> dict[ClinicMonth, "pd.DataFrame"]:
    """Read a table's rows of these clinic-months, split by clinic-month."""
    asked = {"clinic_id": clinic_ids(slices), "month": months(slices)}
    rows = home.warehouse.read(table, columns=columns, **asked)
    groups = rows.groupby(["clinic_id", "month"])
    return {ClinicMonth(str(clinic), str(month)): part for (clinic, month), part in groups}
