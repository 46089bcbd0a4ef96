"""The gate: only clinic-months whose newest verdict is ``passed`` are read for a figure.

The verdict is looked up in the same statement that reads the rows, so that nobody can ask first
and read later. Whoever computes figures reads through :func:`passed_rows`.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from rapport.warehouse.tables import verdicts


def newest_verdicts(
    months: Sequence[str] | None, clinics: Sequence[str] | None = None
) -> sa.Select[Any]:
    """Select the newest verdict of each clinic-month, all its columns, ordered by both."""
    newest = sa.select(sa.func.max(verdicts.c.sequence)).group_by(
        verdicts.c.clinic_id, verdicts.c.month
    )
    if months is not None:
        newest = newest.where(verdicts.c.month.in_(months))
    if clinics is not None:
        newest = newest.where(verdicts.c.clinic_id.in_(clinics))
    return (
        sa.select(verdicts)
        .where(verdicts.c.sequence.in_(newest))
        .order_by(verdicts.c.clinic_id, verdicts.c.month)
    )


def passed(months: Sequence[str], clinics: Sequence[str] | None = None) -> sa.Select[Any]:
    """Select ``clinic_id, month`` of the clinic-months that may be used."""
    newest = newest_verdicts(months, clinics).subquery()
    return (
        sa.select(newest.c.clinic_id, newest.c.month)
        .where(newest.c.verdict == "passed")
        .order_by(newest.c.clinic_id, newest.c.month)
    )


def passed_rows(
    table: sa.Table,
    columns: Sequence[sa.Column[Any]],
    months: Sequence[str],
    clinics: Sequence[str] | None = None,
) -> sa.Select[Any]:
    """Select columns of the rows of ``table`` that may be used, ordered by its key.

    Raises:
        ValueError: The table is not sliced by clinic and month.
    """
    if not {"clinic_id", "month"} <= set(table.columns.keys()):
        raise ValueError(f"{table.name} is not sliced by clinic and month: no gate fits it")
    usable = passed(months, clinics).subquery()
    joined = table.join(
        usable,
        sa.and_(table.c.clinic_id == usable.c.clinic_id, table.c.month == usable.c.month),
    )
    return sa.select(*columns).select_from(joined).order_by(*table.primary_key.columns)
