"""The steps of a month, each from store to store: collect, score, close, publish, deliver.

Validation stands between collecting and scoring, in ``expectations``: what it decides comes in as
frames, and is recorded here in one transaction.
"""

from rapport.monthly.slices import ClinicMonth

__all__ = ["ClinicMonth"]
