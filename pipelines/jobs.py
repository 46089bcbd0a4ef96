"""The three steps of a month as jobs: collect, close, publish."""

import dagster as dg

from assets.partitions import CLINIC_MONTHS, MONTHS

INTAKE = dg.AssetSelection.assets("raw_exports", "survey_responses", "scale_scores")
FIGURES = dg.AssetSelection.assets(
    "treatment_outcomes", "therapist_aggregates", "clinic_aggregates", "sector_benchmarks"
)
REPORTS = dg.AssetSelection.assets("clinic_reports", "deliveries")
DOSSIER = dg.AssetSelection.assets("evidence_dossier")

collect = dg.define_asset_job(
    "collect",
    selection=INTAKE
    | dg.AssetSelection.checks_for_assets("raw_exports", "survey_responses", "scale_scores"),
    partitions_def=CLINIC_MONTHS,
    description="Take in a clinic-month: keep its files, read, validate, score.",
)

close = dg.define_asset_job(
    "close",
    selection=FIGURES
    | dg.AssetSelection.checks_for_assets(
        "therapist_aggregates", "clinic_aggregates", "sector_benchmarks"
    ),
    partitions_def=MONTHS,
    description="Close a month: outcomes, aggregates and benchmarks of every passed clinic-month.",
)

publish = dg.define_asset_job(
    "publish",
    selection=REPORTS | dg.AssetSelection.checks_for_assets("clinic_reports"),
    partitions_def=CLINIC_MONTHS,
    description="Render and hand over the reports of clinic-months.",
)

document = dg.define_asset_job(
    "document",
    selection=DOSSIER,
    partitions_def=MONTHS,
    description="Write the month's evidence dossier, after its reports.",
)

ALL = [collect, close, publish, document]
