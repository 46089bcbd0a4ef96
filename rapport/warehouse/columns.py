"""The kinds of columns that tables of the warehouse have, and the schema they belong to."""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[str]:
    """Return a column of text; not null unless ``null``, part of the primary key if ``key``."""
    return sa.Column(name, sa.Text, nullable=null, primary_key=key)


def whole(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    """Return a column of whole numbers, which the database never counts up by itself."""
    return sa.Column(name, sa.Integer, nullable=null, primary_key=key, autoincrement=False)


def number(name: str) -> sa.Column[float]:
    """Return a column of numbers that may be missing."""
    return sa.Column(name, sa.Double, nullable=True)


def chain() -> tuple[sa.Column[int], sa.Column[str], sa.Column[str], sa.Column[str]]:
    """Return the columns of an append-only table: number, moment, two hashes."""
    return (
        whole("sequence", key=True),
        text("recorded_at"),
        text("previous_sha256"),
        sa.Column("entry_sha256", sa.Text, nullable=False, unique=True),
    )
