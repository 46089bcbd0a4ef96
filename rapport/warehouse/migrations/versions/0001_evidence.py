"""Evidence: the append-only, chained tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    _create_exports()
    _create_verdicts()
    _create_editions()
    _create_deliveries()


def _create_exports() -> None:
    op.create_table(
        "exports",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.Text(), nullable=False),
        sa.Column("entry_sha256", sa.Text(), nullable=False),
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("export_id", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("received_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_exports")),
        sa.UniqueConstraint(
            "clinic_id",
            "month",
            "content_sha256",
            name=op.f("uq_exports_clinic_id_month_content_sha256"),
        ),
        sa.UniqueConstraint("entry_sha256", name=op.f("uq_exports_entry_sha256")),
    )


def _create_verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.Text(), nullable=False),
        sa.Column("entry_sha256", sa.Text(), nullable=False),
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("rows_received", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows_accepted", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows_quarantined", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows_superseded", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows_duplicate", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows_test", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules_asked", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules_broken", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("broken_rules", sa.Text(), nullable=False),
        sa.Column("result_json", sa.Text(), nullable=False),
        sa.Column("inputs_sha256", sa.Text(), nullable=False),
        sa.Column("rules_sha256", sa.Text(), nullable=False),
        sa.Column("registry_sha256", sa.Text(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "verdict in ('passed','failed','error','not_applicable')",
            name=op.f("ck_verdicts_verdict"),
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_verdicts")),
        sa.UniqueConstraint("entry_sha256", name=op.f("uq_verdicts_entry_sha256")),
    )
    op.create_index(
        op.f("ix_verdicts_clinic_id_month_sequence"),
        "verdicts",
        ["clinic_id", "month", "sequence"],
        unique=False,
    )


def _create_editions() -> None:
    op.create_table(
        "editions",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.Text(), nullable=False),
        sa.Column("entry_sha256", sa.Text(), nullable=False),
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pdf_sha256", sa.Text(), nullable=False),
        sa.Column("pdf_bytes", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pages", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("facts_sha256", sa.Text(), nullable=False),
        sa.Column("inputs_json", sa.Text(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('report','notice')", name=op.f("ck_editions_kind")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_editions")),
        sa.UniqueConstraint(
            "clinic_id", "month", "edition", name=op.f("uq_editions_clinic_id_month_edition")
        ),
        sa.UniqueConstraint("entry_sha256", name=op.f("uq_editions_entry_sha256")),
    )


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.Text(), nullable=False),
        sa.Column("entry_sha256", sa.Text(), nullable=False),
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("pdf_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "clinic_id",
            "month",
            "edition",
            "recipient",
            "channel",
            "state",
            name=op.f("uq_deliveries_clinic_id_month_edition_recipient_channel_state"),
        ),
        sa.UniqueConstraint("entry_sha256", name=op.f("uq_deliveries_entry_sha256")),
    )
