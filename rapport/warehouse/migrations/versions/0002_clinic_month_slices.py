"""Tables whose slices are one clinic-month each."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    _create_export_readings()
    _create_quarantine()
    _create_sessions()
    _create_survey_responses()
    _create_scale_scores()


def _create_export_readings() -> None:
    op.create_table(
        "export_readings",
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("export_id", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("refusal_rule", sa.Text(), nullable=True),
        sa.Column("refusal_place", sa.Text(), nullable=True),
        sa.Column("rows_received", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows_accepted", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows_quarantined", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows_superseded", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows_duplicate", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows_test", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "clinic_id", "month", "content_sha256", name=op.f("pk_export_readings")
        ),
    )


def _create_quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "clinic_id",
            "month",
            "content_sha256",
            "line",
            "column",
            "rule",
            name=op.f("pk_quarantine"),
        ),
    )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("session", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("therapist_id", sa.Text(), nullable=False),
        sa.Column("session_date", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("attendance", sa.Text(), nullable=True),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "clinic_id", "month", "patient_id", "episode", "session", name=op.f("pk_sessions")
        ),
    )
    op.create_index(op.f("ix_sessions_month"), "sessions", ["month"], unique=False)


def _create_survey_responses() -> None:
    op.create_table(
        "survey_responses",
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("session", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("therapist_id", sa.Text(), nullable=False),
        sa.Column("session_date", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_01", sa.Double(), nullable=True),
        sa.Column("item_02", sa.Double(), nullable=True),
        sa.Column("item_03", sa.Double(), nullable=True),
        sa.Column("item_04", sa.Double(), nullable=True),
        sa.Column("item_05", sa.Double(), nullable=True),
        sa.Column("item_06", sa.Double(), nullable=True),
        sa.Column("item_07", sa.Double(), nullable=True),
        sa.Column("item_08", sa.Double(), nullable=True),
        sa.Column("item_09", sa.Double(), nullable=True),
        sa.Column("item_10", sa.Double(), nullable=True),
        sa.Column("item_11", sa.Double(), nullable=True),
        sa.Column("item_12", sa.Double(), nullable=True),
        sa.Column("item_13", sa.Double(), nullable=True),
        sa.Column("item_14", sa.Double(), nullable=True),
        sa.Column("item_15", sa.Double(), nullable=True),
        sa.Column("item_16", sa.Double(), nullable=True),
        sa.Column("item_17", sa.Double(), nullable=True),
        sa.Column("item_18", sa.Double(), nullable=True),
        sa.Column("item_19", sa.Double(), nullable=True),
        sa.Column("item_20", sa.Double(), nullable=True),
        sa.Column("item_21", sa.Double(), nullable=True),
        sa.Column("item_22", sa.Double(), nullable=True),
        sa.Column("item_23", sa.Double(), nullable=True),
        sa.Column("item_24", sa.Double(), nullable=True),
        sa.Column("item_25", sa.Double(), nullable=True),
        sa.Column("item_26", sa.Double(), nullable=True),
        sa.Column("item_27", sa.Double(), nullable=True),
        sa.Column("item_28", sa.Double(), nullable=True),
        sa.Column("item_29", sa.Double(), nullable=True),
        sa.Column("item_30", sa.Double(), nullable=True),
        sa.Column("item_31", sa.Double(), nullable=True),
        sa.Column("item_32", sa.Double(), nullable=True),
        sa.Column("item_33", sa.Double(), nullable=True),
        sa.Column("item_34", sa.Double(), nullable=True),
        sa.Column("item_35", sa.Double(), nullable=True),
        sa.Column("item_36", sa.Double(), nullable=True),
        sa.Column("item_37", sa.Double(), nullable=True),
        sa.Column("item_38", sa.Double(), nullable=True),
        sa.Column("item_39", sa.Double(), nullable=True),
        sa.Column("item_40", sa.Double(), nullable=True),
        sa.Column("item_41", sa.Double(), nullable=True),
        sa.Column("item_42", sa.Double(), nullable=True),
        sa.Column("item_43", sa.Double(), nullable=True),
        sa.Column("item_44", sa.Double(), nullable=True),
        sa.Column("item_45", sa.Double(), nullable=True),
        sa.Column("item_46", sa.Double(), nullable=True),
        sa.Column("item_47", sa.Double(), nullable=True),
        sa.Column("item_48", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint(
            "clinic_id",
            "month",
            "patient_id",
            "episode",
            "session",
            "instrument",
            "rater",
            name=op.f("pk_survey_responses"),
        ),
    )


def _create_scale_scores() -> None:
    op.create_table(
        "scale_scores",
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("session", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("scale", sa.Text(), nullable=False),
        sa.Column("therapist_id", sa.Text(), nullable=False),
        sa.Column("session_date", sa.Text(), nullable=False),
        sa.Column("instrument_version", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("item_mean", sa.Double(), nullable=True),
        sa.Column("n_items", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n_answered", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_prorated", sa.Boolean(), nullable=False),
        sa.Column("no_score_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "clinic_id",
            "month",
            "patient_id",
            "episode",
            "session",
            "instrument",
            "rater",
            "scale",
            name=op.f("pk_scale_scores"),
        ),
    )
    op.create_index(op.f("ix_scale_scores_month"), "scale_scores", ["month"], unique=False)
