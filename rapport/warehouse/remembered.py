"""What the verdicts of clinic-months that passed remember of them: measures by name, for later.

Only that part of a verdict's result is taken out of the database; the rest of it, one entry for
every check, is many times longer.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from rapport.warehouse.gate import newest_verdicts

if TYPE_CHECKING:
    from rapport.warehouse.store import Warehouse

_PART = "measures"


def passed_measures(
    warehouse: "Warehouse", months: Sequence[str], clinics: Sequence[str]
) -> list[tuple[str, str, dict[str, float]]]:
    """Return ``clinic_id, month, measures`` of clinic-months whose newest verdict is ``passed``.

    Args:
        warehouse: The warehouse.
        months: Which months, ``YYYY-MM``.
        clinics: Which clinics.

    Returns:
        Ordered by clinic and month; clinic-months whose verdict remembers nothing are left out.
    """
    newest = newest_verdicts(months, clinics).order_by(None).subquery()
    query = (
        sa.select(newest.c.clinic_id, newest.c.month, _part(warehouse, newest.c.result_json))
        .where(newest.c.verdict == "passed")
        .order_by(newest.c.clinic_id, newest.c.month)
    )
    with warehouse.engine.connect() as connection:
        rows = connection.execute(query).all()
    return [(clinic, month, json.loads(text)) for clinic, month, text in rows if text]


def _part(warehouse: "Warehouse", column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Select the remembered measures as JSON text, in the database's own way."""
    if warehouse.engine.dialect.name == "postgresql":
        return sa.cast(sa.cast(column, sa.JSON)[_PART], sa.Text)
    return sa.func.json_extract(column, f"$.{_PART}")
