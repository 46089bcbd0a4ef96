"""The stages of a month, and the functions in which each of them happens."""

from collections.abc import Mapping

from benchmarks.attribution import Place

COLLECT = "keep bytes, ledger"
READ = "read strictly"
FACTS = "find facts"
JUDGE = "ask rules, around GX"
GX = "Great Expectations"
QUARANTINE = "quarantine"
TYPE = "type what is accepted"
VERDICTS = "verdicts"
STORE = "store"
FETCH = "fetch from store"
CHAIN = "evidence chain"
SCORE = "score"
OUTCOMES = "outcomes"
AGGREGATE = "aggregate"
DISCLOSE = "disclosure"
ASSEMBLE = "assemble reports"
RENDER = "render"
DELIVER = "deliver"
DOSSIER = "dossier"
CHECKS = "asset checks"
OTHER = "between the stages"
ORCHESTRATION = "Dagster"

PLACES = (
    Place(COLLECT, "rapport.monthly.collecting", "collect"),
    Place(COLLECT, "rapport.monthly.collecting", "kept_deliveries"),
    Place(READ, "expectations.files", "read_export"),
    Place(READ, "expectations.files", "concat_rows"),
    Place(FACTS, "expectations.intake", "add_facts"),
    Place(JUDGE, "expectations.intake", "judge"),
    Place(JUDGE, "expectations.files", "judge"),
    Place(GX, "expectations.judging", "ask"),
    Place(QUARANTINE, "expectations.intake", "refused_rows"),
    Place(QUARANTINE, "expectations.files", "refused_files"),
    Place(TYPE, "expectations.intake", "reconcile"),
    Place(TYPE, "expectations.intake", "export_readings"),
    Place(TYPE, "expectations.intake", "sessions_of"),
    Place(TYPE, "expectations.intake", "responses_of"),
    Place(VERDICTS, "expectations.taking_in", "take_in"),
    Place(STORE, "rapport.monthly.recording", "record"),
    Place(STORE, "rapport.warehouse.slices", "replace"),
    Place(FETCH, "rapport.warehouse.store", "fetch"),
    Place(FETCH, "rapport.warehouse.store", "fetch_packed"),
    Place(CHAIN, "rapport.warehouse.ledger", "append"),
    Place(SCORE, "rapport.monthly.scoring", "score"),
    Place(OUTCOMES, "rapport.monthly.closing", "close_outcomes"),
    Place(OUTCOMES, "rapport.scoring.outcomes", "treatment_outcomes"),
    Place(AGGREGATE, "rapport.monthly.closing", "close_aggregates"),
    Place(AGGREGATE, "rapport.statistics", "aggregate"),
    Place(DISCLOSE, "rapport.disclosure", "publish"),
    Place(ASSEMBLE, "rapport.rendering.assemble", "assemble_report"),
    Place(ASSEMBLE, "rapport.rendering.assemble", "assemble_notice"),
    Place(RENDER, "rapport.monthly.publishing", "publish"),
    Place(DELIVER, "rapport.monthly.delivering", "deliver"),
    Place(DOSSIER, "rapport.monthly.dossier", "write_dossier"),
    Place(CHECKS, "rapport.monthly.findings", "exports_arrived"),
    Place(CHECKS, "rapport.monthly.findings", "responses_pass"),
    Place(CHECKS, "rapport.monthly.findings", "rows_are_conserved"),
    Place(CHECKS, "rapport.monthly.findings", "scores_within_range"),
    Place(CHECKS, "rapport.monthly.findings", "reports_are_filed"),
    Place(CHECKS, "rapport.monthly.findings", "hidden_figures"),
)
"""Where the time of each stage is taken, as the assets and their functions call them."""

SHARES: Mapping[str, tuple[str, ...]] = {
    "orchestration": (ORCHESTRATION, CHECKS),
    "validation": (FACTS, JUDGE, GX, QUARANTINE, VERDICTS),
    "evidence": (COLLECT, CHAIN, DOSSIER),
    "rendering": (ASSEMBLE, RENDER),
    "reading and storing": (READ, TYPE, STORE, FETCH, DELIVER),
    "measuring": (SCORE, OUTCOMES, AGGREGATE, DISCLOSE),
}
"""What the stages of a month are counted as; asset checks are counted as orchestration."""
