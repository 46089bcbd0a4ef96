"""Why answers of a form are missing, where the clinic or its software says so."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision; nothing is known of what was read before."""
    op.add_column("survey_responses", sa.Column("missing_reasons", sa.Text(), nullable=True))
