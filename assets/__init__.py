"""Dagster assets: one table or one document each, thin; the work is in ``rapport``."""

import warnings

import dagster as dg

# Partitioned checks and single-run backfills are marked as preview and beta in Dagster 1.13. The
# versions are pinned and tests hold the behaviour, so that users need not read it at every start.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)
