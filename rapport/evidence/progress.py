"""How far each clinic-month has come, read from the ledger alone: the grid of ``rapport status``.

States, in order: ``awaited`` (nothing arrived), ``received`` (no verdict yet), ``refused`` (the
newest verdict is not ``passed``), ``validated`` (it is, but there is no report), ``reported``,
``delivered``. A notice, which a clinic gets instead of a report, moves no clinic-month on: whoever
looks for missing data must still see ``awaited`` or ``refused``.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from rapport.warehouse.tables import deliveries, editions, exports, held_files

if TYPE_CHECKING:
    from rapport.warehouse.store import Warehouse

State = Literal["awaited", "received", "refused", "validated", "reported", "delivered"]

STATES: tuple[State, ...] = (
    "awaited", "received", "refused", "validated", "reported", "delivered",
)  # fmt: skip

_Place = tuple[object, ...]
"""Clinic and month; for deliveries also the edition."""

ARRIVED = ("handed_over", "delivered")
"""States of a delivery that has left Rapport's hands."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one clinic-month has come.

    Attributes:
        clinic_id: The clinic.
        month: The month, ``YYYY-MM``.
        state: The furthest state that holds for the clinic's data.
        files: Files received.
        verdict: Newest verdict, if there is one.
        edition: Number of the newest edition, 0 if there is none.
        kind: ``report`` or ``notice``, if there is an edition.
        delivered: Recipients whom the newest edition has reached.
    """

    clinic_id: str
    month: str
    state: State
    files: int
    verdict: str | None
    edition: int
    kind: str | None
    delivered: int


@dataclass(frozen=True, slots=True)
class _Ledger:
    """What the ledger says, by clinic and month."""

    files: Mapping[_Place, int]
    verdicts: Mapping[_Place, str]
    editions: Mapping[_Place, tuple[int, str]]
    delivered: Mapping[_Place, int]


def progress(
    warehouse: "Warehouse",
    first_months: Mapping[str, str],
    months: Sequence[str],
    last_months: Mapping[str, str] | None = None,
) -> list[Progress]:
    """Return the grid of clinics and months, clinics in the order given, oldest month first.

    Args:
        warehouse: Where the ledger is.
        first_months: Clinic → first month (``YYYY-MM``) in which it is expected to send.
        months: The months of the grid, ``YYYY-MM``.
        last_months: Clinic → last month, for clinics that send no more.

    Returns:
        One entry for each clinic and month; none for a month before the clinic's first or after
        its last, unless the ledger says something about it.
    """
    last = last_months or {}
    ledger = _read(warehouse, months)
    grid = [
        (_of(ledger, clinic, month), first <= month <= last.get(clinic, month))
        for clinic, first in first_months.items()
        for month in sorted(months)
    ]
    return [one for one, is_expected in grid if is_expected or one.state != "awaited"]


def known_months(warehouse: "Warehouse") -> list[str]:
    """Return every month of which anything was received, held or published, oldest first."""
    found: set[str] = set()
    for table in (exports, editions, held_files):
        found.update(warehouse.read(table, columns=["month"]).month)
    found.update(warehouse.newest_verdicts().month)
    return sorted(found)


def _read(warehouse: "Warehouse", months: Sequence[str]) -> _Ledger:
    place = ["clinic_id", "month"]
    received = warehouse.read(exports, columns=place, month=months)
    judged = warehouse.newest_verdicts(months)
    filed = warehouse.read(editions, columns=[*place, "edition", "kind"], month=months)
    newest = filed.sort_values("edition").drop_duplicates(place, keep="last")
    arrived = warehouse.read(
        deliveries, columns=[*place, "edition", "recipient"], month=months, state=ARRIVED
    ).drop_duplicates()
    return _Ledger(
        files=_counts(received, place),
        verdicts=dict(zip(_keys(judged, place), judged.verdict, strict=True)),
        editions=dict(
            zip(_keys(newest, place), zip(newest.edition, newest.kind, strict=True), strict=True)
        ),
        delivered=_counts(arrived, [*place, "edition"]),
    )


def _keys(frame: pd.DataFrame, columns: list[str]) -> list[_Place]:
    return list(frame[columns].itertuples(index=False, name=None))


def _counts(frame: pd.DataFrame, columns: list[str]) -> dict[_Place, int]:
    return dict(Counter(_keys(frame, columns)))


def _of(ledger: _Ledger, clinic: str, month: str) -> Progress:
    files = ledger.files.get((clinic, month), 0)
    verdict = ledger.verdicts.get((clinic, month))
    edition, kind = ledger.editions.get((clinic, month), (0, None))
    delivered = ledger.delivered.get((clinic, month, edition), 0)
    return Progress(
        clinic_id=clinic,
        month=month,
        state=_state(files, verdict, kind, delivered),
        files=int(files),
        verdict=verdict,
        edition=int(edition),
        kind=kind,
        delivered=int(delivered),
    )


def _state(files: int, verdict: str | None, kind: str | None, delivered: int) -> State:
    if verdict in {"failed", "error"}:
        return "refused"
    if verdict == "passed":
        if kind != "report":
            return "validated"
        return "delivered" if delivered else "reported"
    return "received" if files else "awaited"
