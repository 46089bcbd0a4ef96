"""Estimates of models for the month's tables: from coded frames to rows, one module a subject."""

from rapport.statistics.estimating.everything import estimate_all

__all__ = ["estimate_all"]
