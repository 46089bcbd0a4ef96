"""What was known when: hashes of accepted rows, closings in the ledger, what a re-export lacks.

Columns added to chained tables may be empty, and an empty field is not part of an entry's hash:
the chains that were written before stay sound.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_REFUSE = """
create trigger closings_no_{event} before {event} on closings
begin select raise(abort, 'closings is append-only'); end
"""

_FOLLOW = """
create trigger closings_follows before insert on closings
when new.sequence <> (select coalesce(max(sequence), 0) + 1 from closings)
  or new.previous_sha256 <> coalesce(
       (select entry_sha256 from closings order by sequence desc limit 1), '{first}')
begin select raise(abort, 'closings takes only the next entry of its chain'); end
"""

_POSTGRESQL = (
    "create trigger closings_no_change before update or delete on closings"
    " for each row execute function rapport_refuse_change()",
    "create trigger closings_no_truncate before truncate on closings"
    " for each statement execute function rapport_refuse_change()",
    "create trigger closings_follows before insert on closings"
    " for each row execute function rapport_follow_chain()",
)


def upgrade() -> None:
    """Bring the schema to this revision."""
    for name in ("files_sha256", "clinic_sha256", "accepted_sha256"):
        op.add_column("verdicts", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("editions", sa.Column("figures_json", sa.Text(), nullable=True))
    for name in ("n_other_month", "n_known_before", "n_lacking"):
        op.add_column("export_readings", sa.Column(name, sa.Integer(), nullable=True))
    op.create_table(
        "closings",
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.Text(), nullable=False),
        sa.Column("entry_sha256", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("verdicts_until", sa.Integer(), nullable=False),
        sa.Column("figures_sha256", sa.Text(), nullable=False),
        sa.Column("instruments_sha256", sa.Text(), nullable=False),
        sa.Column("registry_sha256", sa.Text(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_closings")),
        sa.UniqueConstraint("entry_sha256", name=op.f("uq_closings_entry_sha256")),
    )
    op.create_index(op.f("ix_closings_month_sequence"), "closings", ["month", "sequence"])
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _POSTGRESQL if postgresql else _sqlite():
        op.execute(statement)


def _sqlite() -> tuple[str, ...]:
    refuse = (_REFUSE.format(event=event) for event in ("update", "delete"))
    return (*refuse, _FOLLOW.format(first="0" * 64))
