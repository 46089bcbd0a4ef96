"""Every table of the warehouse, in one place: the only schema there is.

Names are plural nouns and the names of the Dagster assets that fill them. A *slice* is the part of
a table that one partition owns (a clinic-month, or a month); it is replaced whole. The tables of
evidence (``exports``, ``verdicts``, ``closings``, ``editions``, ``deliveries``) are append-only and
chained. Tables of rows that are read back whole are *packed*: see :data:`PACKED`.
"""

import sqlalchemy as sa

MAX_ITEMS = 48
"""Most items an instrument may have: the responses table has one column for each."""

ITEM_COLUMNS = tuple(f"item_{number:02d}" for number in range(1, MAX_ITEMS + 1))

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


packed_rows = sa.MetaData()
"""What the packed slices hold: tables of rows that the database keeps as one file a slice."""


def _text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null, primary_key=key)


def _whole(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null, primary_key=key, autoincrement=False)


def _number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double, nullable=True)


def _chain() -> tuple[sa.Column[int], sa.Column[str], sa.Column[str], sa.Column[str]]:
    """Columns of an append-only table: sequence, when, hash of the entry before, own hash."""
    return (
        _whole("sequence", key=True),
        _text("recorded_at"),
        _text("previous_sha256"),
        sa.Column("entry_sha256", sa.Text, nullable=False, unique=True),
    )


# ── evidence: append-only, chained ────────────────────────────────────────────────────────────

exports = sa.Table(
    "exports",
    metadata,
    *_chain(),
    _text("clinic_id"),
    _text("month"),
    _text("export_id"),
    _text("content_sha256"),
    _text("received_name"),
    _whole("size_bytes"),
    sa.UniqueConstraint("clinic_id", "month", "content_sha256"),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    *_chain(),
    _text("clinic_id"),
    _text("month"),
    sa.Column(
        "verdict",
        sa.Text,
        sa.CheckConstraint("verdict in ('passed','failed','error','not_applicable')", "verdict"),
        nullable=False,
    ),
    _whole("rows_received"),
    _whole("rows_accepted"),
    _whole("rows_quarantined"),
    _whole("rows_superseded"),
    _whole("rows_duplicate"),
    _whole("rows_test"),
    _whole("rules_asked"),
    _whole("rules_broken"),
    _text("broken_rules"),
    _text("result_json"),
    _text("inputs_sha256"),
    _text("rules_sha256"),
    _text("registry_sha256"),
    _text("code_version"),
    _text("files_sha256", null=True),
    _text("clinic_sha256", null=True),
    _text("accepted_sha256", null=True),
    sa.Index(None, "clinic_id", "month", "sequence"),
)

closings = sa.Table(
    "closings",
    metadata,
    *_chain(),
    _text("month"),
    _whole("verdicts_until"),
    _text("figures_sha256"),
    _text("instruments_sha256"),
    _text("registry_sha256"),
    _text("code_version"),
    sa.Index(None, "month", "sequence"),
)

editions = sa.Table(
    "editions",
    metadata,
    *_chain(),
    _text("clinic_id"),
    _text("month"),
    _whole("edition"),
    sa.Column(
        "kind", sa.Text, sa.CheckConstraint("kind in ('report','notice')", "kind"), nullable=False
    ),
    _text("pdf_sha256"),
    _whole("pdf_bytes"),
    _whole("pages"),
    _text("path"),
    _text("facts_sha256"),
    _text("inputs_json"),
    _text("code_version"),
    _text("figures_json", null=True),
    sa.UniqueConstraint("clinic_id", "month", "edition"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    *_chain(),
    _text("clinic_id"),
    _text("month"),
    _whole("edition"),
    _text("recipient"),
    _text("channel"),
    _text("state"),
    _text("pdf_sha256"),
    sa.UniqueConstraint("clinic_id", "month", "edition", "recipient", "channel", "state"),
)

erasures = sa.Table(
    "erasures",
    metadata,
    *_chain(),
    _text("clinic_id"),
    _text("patient_hmac"),
    _text("key_id"),
    _text("reason"),
    _text("requested_by"),
    _text("approved_by", null=True),
    _whole("n_files"),
    _whole("n_rows"),
    _whole("n_months"),
    sa.Index(None, "clinic_id", "sequence"),
)

redactions = sa.Table(
    "redactions",
    metadata,
    *_chain(),
    _text("clinic_id"),
    _text("export_id"),
    _text("from_sha256"),
    _text("to_sha256"),
    _whole("n_rows"),
    sa.UniqueConstraint("clinic_id", "export_id", "from_sha256", "to_sha256"),
)

# ── clinic × month slices ─────────────────────────────────────────────────────────────────────

export_readings = sa.Table(
    "export_readings",
    metadata,
    _text("clinic_id", key=True),
    _text("month", key=True),
    _text("content_sha256", key=True),
    _text("export_id"),
    _text("format"),
    _text("refusal_rule", null=True),
    _text("refusal_place", null=True),
    _whole("rows_received"),
    _whole("rows_accepted"),
    _whole("rows_quarantined"),
    _whole("rows_superseded"),
    _whole("rows_duplicate"),
    _whole("rows_test"),
    _whole("n_other_month", null=True),
    _whole("n_known_before", null=True),
    _whole("n_lacking", null=True),
)

held_files = sa.Table(
    "held_files",
    metadata,
    _text("clinic_id", key=True),
    _text("month", key=True),
    _whole("place", key=True),
    _text("export_id"),
    _text("file"),
    _text("reason"),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    _text("clinic_id", key=True),
    _text("month", key=True),
    _text("content_sha256", key=True),
    _whole("line", key=True),
    _text("column", key=True),
    _text("rule", key=True),
    _text("remedy"),
)

sessions = sa.Table(
    "sessions",
    packed_rows,
    _text("clinic_id", key=True),
    _text("month", key=True),
    _text("patient_id", key=True),
    _text("episode", key=True),
    _whole("session", key=True),
    _text("therapist_id"),
    _text("session_date"),
    _text("mode", null=True),
    _text("attendance", null=True),
    _text("ending", null=True),
    _text("covariates", null=True),
    _text("content_sha256"),
    _whole("line"),
)

survey_responses = sa.Table(
    "survey_responses",
    packed_rows,
    _text("clinic_id", key=True),
    _text("month", key=True),
    _text("patient_id", key=True),
    _text("episode", key=True),
    _whole("session", key=True),
    _text("instrument", key=True),
    _text("rater", key=True),
    _text("therapist_id"),
    _text("session_date"),
    _text("content_sha256"),
    _whole("line"),
    *(_number(name) for name in ITEM_COLUMNS),
    _text("missing_reasons", null=True),
)

scale_scores = sa.Table(
    "scale_scores",
    packed_rows,
    _text("clinic_id", key=True),
    _text("month", key=True),
    _text("patient_id", key=True),
    _text("episode", key=True),
    _whole("session", key=True),
    _text("instrument", key=True),
    _text("rater", key=True),
    _text("scale", key=True),
    _text("therapist_id"),
    _text("session_date"),
    _text("instrument_version"),
    _number("score"),
    _number("item_mean"),
    _whole("n_items"),
    _whole("n_answered"),
    sa.Column("is_prorated", sa.Boolean, nullable=False),
    _text("no_score_reason", null=True),
)


def _packed(rows: sa.Table) -> sa.Table:
    """The table of the database that keeps the slices of ``rows``, each as one Parquet file."""
    return sa.Table(
        rows.name,
        metadata,
        _text("clinic_id", key=True),
        _text("month", key=True),
        _whole("n_rows"),
        _text("parquet_sha256"),
        sa.Column("parquet", sa.LargeBinary, nullable=False),
        sa.Index(None, "month"),
    )


PACKED = {rows: _packed(rows) for rows in (sessions, survey_responses, scale_scores)}
"""Table of rows → the table of the database that keeps its slices."""

# ── month slices ──────────────────────────────────────────────────────────────────────────────

treatment_outcomes = sa.Table(
    "treatment_outcomes",
    metadata,
    _text("month", key=True),
    _text("clinic_id", key=True),
    _text("patient_id", key=True),
    _text("episode", key=True),
    _text("therapist_id"),
    _text("ended_on"),
    _text("ending"),
    _whole("n_attended"),
    sa.Column("is_finished", sa.Boolean, nullable=False),
    sa.Column("is_paired", sa.Boolean, nullable=False),
    sa.Column("is_case_at_start", sa.Boolean, nullable=True),
    sa.Column("is_recovered", sa.Boolean, nullable=False),
    sa.Column("is_reliably_improved", sa.Boolean, nullable=False),
    sa.Column("is_reliably_recovered", sa.Boolean, nullable=False),
    sa.Column("is_reliably_deteriorated", sa.Boolean, nullable=False),
    _text("anxiety_measure", null=True),
    _text("covariates", null=True),
)

measure_changes = sa.Table(
    "measure_changes",
    metadata,
    _text("month", key=True),
    _text("clinic_id", key=True),
    _text("patient_id", key=True),
    _text("episode", key=True),
    _text("instrument", key=True),
    _text("therapist_id"),
    _whole("n_scores"),
    _number("pre"),
    _number("post"),
    _number("improvement"),
    _text("change_class", null=True),
)


def _figures(name: str, *keys: str) -> sa.Table:
    """A table of figures as they may be published: hidden cells hold no number at all.

    ``carried_from`` names the month whose report first printed the numbers, where those of this
    month may not be told beside them; it is empty where the numbers are this month's own.
    """
    return sa.Table(
        name,
        metadata,
        _text("month", key=True),
        *(_text(key, key=True) for key in keys),
        _text("period", key=True),
        _text("figure", key=True),
        _whole("n_patients", null=True),
        _whole("n_observations", null=True),
        _number("numerator"),
        _number("denominator"),
        _number("value"),
        _number("low"),
        _number("high"),
        _text("unit"),
        _text("method"),
        _text("suppression", null=True),
        _text("carried_from", null=True),
    )


therapist_aggregates = _figures("therapist_aggregates", "clinic_id", "therapist_id")
clinic_aggregates = _figures("clinic_aggregates", "clinic_id")
sector_benchmarks = _figures("sector_benchmarks", "sector")

# ── what is only remembered ───────────────────────────────────────────────────────────────────

looks = sa.Table(
    "looks",
    metadata,
    _text("files_sha256", key=True),
    sa.Column("files", sa.LargeBinary, nullable=False),
)
"""What the sensor has requested already: marks of files, as one content under its hash."""

CHAINED = (exports, verdicts, closings, editions, deliveries, erasures, redactions)
"""The append-only tables."""

CLINIC_MONTH_SLICES = (
    export_readings, held_files, quarantine, sessions, survey_responses, scale_scores,
)  # fmt: skip
"""Tables whose slices are one clinic-month each."""

MONTH_SLICES = (
    treatment_outcomes,
    measure_changes,
    therapist_aggregates,
    clinic_aggregates,
    sector_benchmarks,
)
"""Tables whose slices are one month each."""

REMEMBERED = (looks,)
"""Tables that only save work: without what is in them, everything is found out again."""
