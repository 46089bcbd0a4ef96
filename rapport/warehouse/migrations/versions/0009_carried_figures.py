"""Where a figure's numbers come from, when they are those of an earlier report."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision; every figure that is there is its month's own."""
    for table in ("therapist_aggregates", "clinic_aggregates", "sector_benchmarks"):
        op.add_column(table, sa.Column("carried_from", sa.Text(), nullable=True))
