"""Every table of the warehouse: the only schema there is.

Names are plural nouns and the names of the Dagster assets that fill them. A *slice* is the part of
a table that one partition owns (a clinic-month, or a month); it is replaced whole. The tables of
evidence stand in :mod:`rapport.warehouse.ledger_tables` and are named here too. Tables of rows that
are read back whole are *packed*: see :data:`PACKED`.
"""

import sqlalchemy as sa

from rapport.warehouse.columns import metadata, number, text, whole
from rapport.warehouse.ledger_tables import (
    CHAINED,
    closings,
    deliveries,
    editions,
    erasures,
    exports,
    redactions,
    verdicts,
)

__all__ = [
    "CHAINED",
    "CLINIC_MONTH_SLICES",
    "ITEM_COLUMNS",
    "MAX_ITEMS",
    "MONTH_SLICES",
    "PACKED",
    "REMEMBERED",
    "clinic_aggregates",
    "closings",
    "deliveries",
    "editions",
    "erasures",
    "export_readings",
    "exports",
    "held_files",
    "looks",
    "measure_changes",
    "metadata",
    "packed_rows",
    "quarantine",
    "redactions",
    "scale_scores",
    "sector_benchmarks",
    "sessions",
    "survey_responses",
    "therapist_aggregates",
    "treatment_outcomes",
    "verdicts",
]

MAX_ITEMS = 48
"""Most items an instrument may have: the responses table has one column for each."""

ITEM_COLUMNS = tuple(f"item_{number:02d}" for number in range(1, MAX_ITEMS + 1))

packed_rows = sa.MetaData()
"""What the packed slices hold: tables of rows that the database keeps as one file a slice."""


# ── clinic × month slices ─────────────────────────────────────────────────────────────────────

export_readings = sa.Table(
    "export_readings",
    metadata,
    text("clinic_id", key=True),
    text("month", key=True),
    text("content_sha256", key=True),
    text("export_id"),
    text("format"),
    text("refusal_rule", null=True),
    text("refusal_place", null=True),
    whole("rows_received"),
    whole("rows_accepted"),
    whole("rows_quarantined"),
    whole("rows_superseded"),
    whole("rows_duplicate"),
    whole("rows_test"),
    whole("n_other_month", null=True),
    whole("n_known_before", null=True),
    whole("n_lacking", null=True),
)

held_files = sa.Table(
    "held_files",
    metadata,
    text("clinic_id", key=True),
    text("month", key=True),
    whole("place", key=True),
    text("export_id"),
    text("file"),
    text("reason"),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    text("clinic_id", key=True),
    text("month", key=True),
    text("content_sha256", key=True),
    whole("line", key=True),
    text("column", key=True),
    text("rule", key=True),
    text("remedy"),
)

sessions = sa.Table(
    "sessions",
    packed_rows,
    text("clinic_id", key=True),
    text("month", key=True),
    text("patient_id", key=True),
    text("episode", key=True),
    whole("session", key=True),
    text("therapist_id"),
    text("session_date"),
    text("mode", null=True),
    text("attendance", null=True),
    text("ending", null=True),
    text("covariates", null=True),
    text("content_sha256"),
    whole("line"),
)

survey_responses = sa.Table(
    "survey_responses",
    packed_rows,
    text("clinic_id", key=True),
    text("month", key=True),
    text("patient_id", key=True),
    text("episode", key=True),
    whole("session", key=True),
    text("instrument", key=True),
    text("rater", key=True),
    text("therapist_id"),
    text("session_date"),
    text("content_sha256"),
    whole("line"),
    *(number(name) for name in ITEM_COLUMNS),
    text("missing_reasons", null=True),
)

scale_scores = sa.Table(
    "scale_scores",
    packed_rows,
    text("clinic_id", key=True),
    text("month", key=True),
    text("patient_id", key=True),
    text("episode", key=True),
    whole("session", key=True),
    text("instrument", key=True),
    text("rater", key=True),
    text("scale", key=True),
    text("therapist_id"),
    text("session_date"),
    text("instrument_version"),
    number("score"),
    number("item_mean"),
    whole("n_items"),
    whole("n_answered"),
    sa.Column("is_prorated", sa.Boolean, nullable=False),
    text("no_score_reason", null=True),
)


def _packed(rows: sa.Table) -> sa.Table:
    """The table of the database that keeps the slices of ``rows``, each as one Parquet file."""
    return sa.Table(
        rows.name,
        metadata,
        text("clinic_id", key=True),
        text("month", key=True),
        whole("n_rows"),
        text("parquet_sha256"),
        sa.Column("parquet", sa.LargeBinary, nullable=False),
        sa.Index(None, "month"),
    )


PACKED = {rows: _packed(rows) for rows in (sessions, survey_responses, scale_scores)}
"""Table of rows → the table of the database that keeps its slices."""

# ── month slices ──────────────────────────────────────────────────────────────────────────────

treatment_outcomes = sa.Table(
    "treatment_outcomes",
    metadata,
    text("month", key=True),
    text("clinic_id", key=True),
    text("patient_id", key=True),
    text("episode", key=True),
    text("therapist_id"),
    text("ended_on"),
    text("ending"),
    whole("n_attended"),
    sa.Column("is_finished", sa.Boolean, nullable=False),
    sa.Column("is_paired", sa.Boolean, nullable=False),
    sa.Column("is_case_at_start", sa.Boolean, nullable=True),
    sa.Column("is_recovered", sa.Boolean, nullable=False),
    sa.Column("is_reliably_improved", sa.Boolean, nullable=False),
    sa.Column("is_reliably_recovered", sa.Boolean, nullable=False),
    sa.Column("is_reliably_deteriorated", sa.Boolean, nullable=False),
    text("anxiety_measure", null=True),
    text("covariates", null=True),
)

measure_changes = sa.Table(
    "measure_changes",
    metadata,
    text("month", key=True),
    text("clinic_id", key=True),
    text("patient_id", key=True),
    text("episode", key=True),
    text("instrument", key=True),
    text("therapist_id"),
    whole("n_scores"),
    number("pre"),
    number("post"),
    number("improvement"),
    text("change_class", null=True),
)


def _figures(name: str, *keys: str) -> sa.Table:
    """A table of figures as they may be published: hidden cells hold no number at all.

    ``carried_from`` names the month whose report first printed the numbers, where those of this
    month may not be told beside them; it is empty where the numbers are this month's own.
    """
    return sa.Table(
        name,
        metadata,
        text("month", key=True),
        *(text(key, key=True) for key in keys),
        text("period", key=True),
        text("figure", key=True),
        whole("n_patients", null=True),
        whole("n_observations", null=True),
        number("numerator"),
        number("denominator"),
        number("value"),
        number("low"),
        number("high"),
        text("unit"),
        text("method"),
        text("suppression", null=True),
        text("carried_from", null=True),
    )


therapist_aggregates = _figures("therapist_aggregates", "clinic_id", "therapist_id")
clinic_aggregates = _figures("clinic_aggregates", "clinic_id")
sector_benchmarks = _figures("sector_benchmarks", "sector")

# ── what is only remembered ───────────────────────────────────────────────────────────────────

looks = sa.Table(
    "looks",
    metadata,
    text("files_sha256", key=True),
    sa.Column("files", sa.LargeBinary, nullable=False),
)
"""What the sensor has requested already: marks of files, as one content under its hash."""

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
