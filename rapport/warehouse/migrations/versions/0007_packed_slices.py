"""Sessions, responses and scores: one packed row a clinic-month; and what the sensor remembers.

What stood in the tables of rows is not carried over: collect the months again. Their files are in
landing, and the ledger says which.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = ("sessions", "survey_responses", "scale_scores")


def upgrade() -> None:
    """Bring the schema to this revision."""
    for table in _TABLES:
        op.drop_table(table)
        op.create_table(
            table,
            sa.Column("clinic_id", sa.Text(), nullable=False),
            sa.Column("month", sa.Text(), nullable=False),
            sa.Column("n_rows", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("parquet_sha256", sa.Text(), nullable=False),
            sa.Column("parquet", sa.LargeBinary(), nullable=False),
            sa.PrimaryKeyConstraint("clinic_id", "month", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_month"), table, ["month"], unique=False)
    op.create_table(
        "looks",
        sa.Column("files_sha256", sa.Text(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("files_sha256", name=op.f("pk_looks")),
    )
