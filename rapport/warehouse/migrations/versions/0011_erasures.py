"""The right to erasure: who asked for what to be erased, and which copies stand for which files."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("erasures", "redactions")

_REFUSE = """
create trigger {table}_no_{event} before {event} on {table}
begin select raise(abort, '{table} is append-only'); end
"""

_FOLLOW = """
create trigger {table}_follows before insert on {table}
when new.sequence <> (select coalesce(max(sequence), 0) + 1 from {table})
  or new.previous_sha256 <> coalesce(
       (select entry_sha256 from {table} order by sequence desc limit 1), '{first}')
begin select raise(abort, '{table} takes only the next entry of its chain'); end
"""

_POSTGRESQL = (
    "create trigger {table}_no_change before update or delete on {table}"
    " for each row execute function rapport_refuse_change()",
    "create trigger {table}_no_truncate before truncate on {table}"
    " for each statement execute function rapport_refuse_change()",
    "create trigger {table}_follows before insert on {table}"
    " for each row execute function rapport_follow_chain()",
)


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "erasures",
        *_chain("erasures"),
        _text("clinic_id"),
        _text("patient_hmac"),
        _text("key_id"),
        _text("reason"),
        _text("requested_by"),
        sa.Column("approved_by", sa.Text(), nullable=True),
        *(_whole(name) for name in ("n_files", "n_rows", "n_months")),
    )
    op.create_index(op.f("ix_erasures_clinic_id_sequence"), "erasures", ["clinic_id", "sequence"])
    key = ("clinic_id", "export_id", "from_sha256", "to_sha256")
    op.create_table(
        "redactions",
        *_chain("redactions"),
        *(_text(name) for name in key),
        _whole("n_rows"),
        sa.UniqueConstraint(*key, name=op.f("uq_redactions_" + "_".join(key))),
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        for statement in _POSTGRESQL if is_postgresql else (*_refusals(), _FOLLOW):
            op.execute(statement.format(table=table, first="0" * 64))


def _refusals() -> tuple[str, ...]:
    return tuple(_REFUSE.replace("{event}", event) for event in ("update", "delete"))


def _chain(table: str) -> tuple[sa.Column[int] | sa.Column[str] | sa.Constraint, ...]:
    return (
        _whole("sequence"),
        _text("recorded_at"),
        _text("previous_sha256"),
        _text("entry_sha256"),
        sa.PrimaryKeyConstraint("sequence", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("entry_sha256", name=op.f(f"uq_{table}_entry_sha256")),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)
