"""The ledger of closes: which verdicts a month's figures were computed from, and what came out.

Whoever wants to know whether a month's figures still hold asks which verdicts were recorded since.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

import rapport
from rapport.evidence.fingerprints import frames_sha256, instruments_sha256
from rapport.months import Month
from rapport.warehouse.tables import closings, verdicts

if TYPE_CHECKING:
    from rapport.home import Home

_SAID = (
    "verdicts_until",
    "figures_sha256",
    "instruments_sha256",
    "registry_sha256",
    "code_version",
)


class _OvertakenError(Exception):
    """Another close that knew more verdicts was recorded meanwhile."""


def verdicts_until(home: "Home", month: Month) -> int:
    """Return the number of the newest verdict about a month up to this one; 0 if there is none."""
    query = sa.select(sa.func.max(verdicts.c.sequence)).where(verdicts.c.month <= str(month))
    with home.warehouse.engine.connect() as connection:
        return connection.execute(query).scalar_one() or 0


def record(
    home: "Home", month: Month, figures: Mapping[sa.Table, pd.DataFrame], *, until: int
) -> bool:
    """Replace a month's figures and record the close, both or neither.

    A close that says, from the same verdicts, what the newest one says already is not recorded
    again.

    Args:
        home: The home.
        month: The month.
        figures: Table → all of the month's published figures.
        until: Number of the newest verdict that they may rest on, found out before they were
            computed.

    Returns:
        Whether they were written; not if a close that knew more verdicts has been recorded.
    """
    entry: dict[str, object] = {
        "month": str(month),
        "verdicts_until": until,
        "figures_sha256": frames_sha256({table.name: rows for table, rows in figures.items()}),
        "instruments_sha256": instruments_sha256(home.catalogue),
        "registry_sha256": home.registry.sha256,
        "code_version": rapport.__version__,
    }
    try:
        home.warehouse.replace_slices(
            figures,
            [{"month": str(month)}],
            entries={closings: lambda connection: _unless_said(connection, entry)},
            unless=lambda connection: _check_newest(connection, str(month), until),
        )
    except _OvertakenError:
        return False
    return True


def newest(connection: sa.Connection, month: str) -> Mapping[str, Any] | None:
    """Return a month's newest close, if there is one."""
    query = sa.select(closings).where(closings.c.month == month)
    found = connection.execute(query.order_by(closings.c.sequence.desc()).limit(1))
    row = found.mappings().one_or_none()
    return dict(row) if row else None


def _unless_said(
    connection: sa.Connection, entry: Mapping[str, object]
) -> list[Mapping[str, object]]:
    before = newest(connection, str(entry["month"]))
    return [] if before and all(before[name] == entry[name] for name in _SAID) else [entry]


def _check_newest(connection: sa.Connection, month: str, until: int) -> None:
    before = newest(connection, month)
    if before is not None and before["verdicts_until"] > until:
        raise _OvertakenError


def newest_close(home: "Home", month: Month) -> Mapping[str, Any] | None:
    """Return a month's newest close, if there is one."""
    with home.warehouse.engine.connect() as connection:
        return newest(connection, str(month))
