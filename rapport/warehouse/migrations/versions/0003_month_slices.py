"""Tables whose slices are one month each."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    _create_treatment_outcomes()
    _create_measure_changes()
    _create_therapist_aggregates()
    _create_clinic_aggregates()
    _create_sector_benchmarks()


def _create_treatment_outcomes() -> None:
    op.create_table(
        "treatment_outcomes",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("therapist_id", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Text(), nullable=False),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("n_attended", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_finished", sa.Boolean(), nullable=False),
        sa.Column("is_paired", sa.Boolean(), nullable=False),
        sa.Column("is_case_at_start", sa.Boolean(), nullable=True),
        sa.Column("is_recovered", sa.Boolean(), nullable=False),
        sa.Column("is_reliably_improved", sa.Boolean(), nullable=False),
        sa.Column("is_reliably_recovered", sa.Boolean(), nullable=False),
        sa.Column("is_reliably_deteriorated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "month", "clinic_id", "patient_id", "episode", name=op.f("pk_treatment_outcomes")
        ),
    )


def _create_measure_changes() -> None:
    op.create_table(
        "measure_changes",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("therapist_id", sa.Text(), nullable=False),
        sa.Column("n_scores", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pre", sa.Double(), nullable=True),
        sa.Column("post", sa.Double(), nullable=True),
        sa.Column("improvement", sa.Double(), nullable=True),
        sa.Column("change_class", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "month",
            "clinic_id",
            "patient_id",
            "episode",
            "instrument",
            name=op.f("pk_measure_changes"),
        ),
    )


def _create_therapist_aggregates() -> None:
    op.create_table(
        "therapist_aggregates",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("therapist_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("n_patients", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("n_observations", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("numerator", sa.Double(), nullable=True),
        sa.Column("denominator", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("suppression", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "month",
            "clinic_id",
            "therapist_id",
            "period",
            "figure",
            name=op.f("pk_therapist_aggregates"),
        ),
    )


def _create_clinic_aggregates() -> None:
    op.create_table(
        "clinic_aggregates",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("n_patients", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("n_observations", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("numerator", sa.Double(), nullable=True),
        sa.Column("denominator", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("suppression", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "month", "clinic_id", "period", "figure", name=op.f("pk_clinic_aggregates")
        ),
    )


def _create_sector_benchmarks() -> None:
    op.create_table(
        "sector_benchmarks",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("n_patients", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("n_observations", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("numerator", sa.Double(), nullable=True),
        sa.Column("denominator", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("suppression", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "month", "sector", "period", "figure", name=op.f("pk_sector_benchmarks")
        ),
    )
