"""What was known at a moment: files received, verdict, rows, edition, recipients.

All of it comes from the chained ledgers alone, which only grow: the answer about a moment never
changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.home import Home

_FATES = ("accepted", "quarantined", "superseded", "duplicate", "test")


@dataclass(frozen=True, slots=True)
class KnownFile:
    """One file of the ledger: its export, its hash, when it was received."""

    export_id: str
    content_sha256: str
    received_at: str


@dataclass(frozen=True, slots=True)
class KnownVerdict:
    """A verdict: its word and number, when it was recorded, where the rows went.

    Attributes:
        sequence: Its number in the ledger.
        verdict: ``passed``, ``failed``, ``error`` or ``not_applicable``.
        recorded_at: When it was recorded.
        rows: ``received`` and every fate of a row → how many.
        broken_rules: Ids of the rules that broke.
        accepted_sha256: Fingerprint of the accepted rows; ``None`` in old entries.
    """

    sequence: int
    verdict: str
    recorded_at: str
    rows: Mapping[str, int]
    broken_rules: tuple[str, ...]
    accepted_sha256: str | None


@dataclass(frozen=True, slots=True)
class KnownEdition:
    """An edition: its number and kind, when it was filed, hash of its bytes, who had received it.

    Attributes:
        edition: Its number, from 1.
        kind: ``report`` or ``notice``.
        recorded_at: When it was filed.
        pdf_sha256: Hash of its bytes.
        delivered: Recipient → when it was handed over.
    """

    edition: int
    kind: str
    recorded_at: str
    pdf_sha256: str
    delivered: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What was known of one clinic-month."""

    clinic_id: str
    month: str
    files: tuple[KnownFile, ...]
    verdict: KnownVerdict | None
    edition: KnownEdition | None


def known_as_of(home: "Home", slices: Sequence[ClinicMonth], moment: str) -> list[Known]:
    """Return what was known of clinic-months at a moment.

    Args:
        home: The home.
        slices: The clinic-months.
        moment: As :func:`~rapport.monthly.history.moments.moment_of` returns it.
    """
    files = _until(home, tables.exports, slices, moment)
    verdicts = _until(home, tables.verdicts, slices, moment, without=("result_json",))
    editions = _until(home, tables.editions, slices, moment, without=("figures_json",))
    deliveries = _until(home, tables.deliveries, slices, moment)
    return [
        Known(
            one.clinic_id,
            one.month,
            files=tuple(map(_file, files.get(one, ()))),
            verdict=_verdict(verdicts[one][-1]) if one in verdicts else None,
            edition=_edition(editions[one][-1], deliveries.get(one, ()))
            if one in editions
            else None,
        )
        for one in slices
    ]


def months_known(home: "Home") -> list[str]:
    """Return every month of which the ledger says anything, oldest first."""
    found: set[str] = set()
    for table in (tables.exports, tables.verdicts, tables.editions):
        found.update(home.warehouse.read(table, columns=["month"]).month)
    return sorted(found)


Entries = dict[ClinicMonth, list[dict[str, Any]]]


def _until(
    home: "Home",
    table: sa.Table,
    slices: Sequence[ClinicMonth],
    moment: str,
    *,
    without: Sequence[str] = (),
) -> Entries:
    """Return a ledger's entries up to a moment, by clinic-month, in order."""
    columns = [column.name for column in table.columns if column.name not in without]
    rows = home.warehouse.read(
        table, columns=columns, clinic_id=clinic_ids(slices), month=months(slices)
    )
    found: Entries = {}
    for entry in records(rows.sort_values("sequence")):
        if entry["recorded_at"] <= moment:
            found.setdefault(ClinicMonth(entry["clinic_id"], entry["month"]), []).append(entry)
    return found


def _file(entry: Mapping[str, Any]) -> KnownFile:
    return KnownFile(entry["export_id"], entry["content_sha256"], entry["recorded_at"])


def _verdict(entry: Mapping[str, Any]) -> KnownVerdict:
    fingerprint = entry["accepted_sha256"]
    return KnownVerdict(
        sequence=int(entry["sequence"]),
        verdict=entry["verdict"],
        recorded_at=entry["recorded_at"],
        rows={fate: int(entry[f"rows_{fate}"]) for fate in ("received", *_FATES)},
        broken_rules=tuple(rule for rule in entry["broken_rules"].split(",") if rule),
        accepted_sha256=fingerprint if isinstance(fingerprint, str) else None,
    )


def _edition(entry: Mapping[str, Any], deliveries: Sequence[Mapping[str, Any]]) -> KnownEdition:
    number = int(entry["edition"])
    return KnownEdition(
        edition=number,
        kind=entry["kind"],
        recorded_at=entry["recorded_at"],
        pdf_sha256=entry["pdf_sha256"],
        delivered={
            one["recipient"]: one["recorded_at"] for one in deliveries if one["edition"] == number
        },
    )
