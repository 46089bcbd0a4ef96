"""Wiring: the Dagster code location and the command line. Binds everything to real values."""
