"""What is known of a patient at the start of treatment, and which anxiety measure was looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision; a month that is closed again fills the columns."""
    for name in ("anxiety_measure", "covariates"):
        op.add_column("treatment_outcomes", sa.Column(name, sa.Text(), nullable=True))
