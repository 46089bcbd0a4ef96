"""The tables of evidence: append-only, each entry chained to the one before by its hash."""

import sqlalchemy as sa

from rapport.warehouse.columns import chain, metadata, text, whole

exports = sa.Table(
    "exports",
    metadata,
    *chain(),
    text("clinic_id"),
    text("month"),
    text("export_id"),
    text("content_sha256"),
    text("received_name"),
    whole("size_bytes"),
    sa.UniqueConstraint("clinic_id", "month", "content_sha256"),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    *chain(),
    text("clinic_id"),
    text("month"),
    sa.Column(
        "verdict",
        sa.Text,
        sa.CheckConstraint("verdict in ('passed','failed','error','not_applicable')", "verdict"),
        nullable=False,
    ),
    whole("rows_received"),
    whole("rows_accepted"),
    whole("rows_quarantined"),
    whole("rows_superseded"),
    whole("rows_duplicate"),
    whole("rows_test"),
    whole("rules_asked"),
    whole("rules_broken"),
    text("broken_rules"),
    text("result_json"),
    text("inputs_sha256"),
    text("rules_sha256"),
    text("registry_sha256"),
    text("code_version"),
    text("files_sha256", null=True),
    text("clinic_sha256", null=True),
    text("accepted_sha256", null=True),
    sa.Index(None, "clinic_id", "month", "sequence"),
)

closings = sa.Table(
    "closings",
    metadata,
    *chain(),
    text("month"),
    whole("verdicts_until"),
    text("figures_sha256"),
    text("instruments_sha256"),
    text("registry_sha256"),
    text("code_version"),
    sa.Index(None, "month", "sequence"),
)

editions = sa.Table(
    "editions",
    metadata,
    *chain(),
    text("clinic_id"),
    text("month"),
    whole("edition"),
    sa.Column(
        "kind", sa.Text, sa.CheckConstraint("kind in ('report','notice')", "kind"), nullable=False
    ),
    text("pdf_sha256"),
    whole("pdf_bytes"),
    whole("pages"),
    text("path"),
    text("facts_sha256"),
    text("inputs_json"),
    text("code_version"),
    text("figures_json", null=True),
    sa.UniqueConstraint("clinic_id", "month", "edition"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    *chain(),
    text("clinic_id"),
    text("month"),
    whole("edition"),
    text("recipient"),
    text("channel"),
    text("state"),
    text("pdf_sha256"),
    sa.UniqueConstraint("clinic_id", "month", "edition", "recipient", "channel", "state"),
)

erasures = sa.Table(
    "erasures",
    metadata,
    *chain(),
    text("clinic_id"),
    text("patient_hmac"),
    text("key_id"),
    text("reason"),
    text("requested_by"),
    text("approved_by", null=True),
    whole("n_files"),
    whole("n_rows"),
    whole("n_months"),
    sa.Index(None, "clinic_id", "sequence"),
)

redactions = sa.Table(
    "redactions",
    metadata,
    *chain(),
    text("clinic_id"),
    text("export_id"),
    text("from_sha256"),
    text("to_sha256"),
    whole("n_rows"),
    sa.UniqueConstraint("clinic_id", "export_id", "from_sha256", "to_sha256"),
)

CHAINED = (exports, verdicts, closings, editions, deliveries, erasures, redactions)
"""The append-only tables."""
