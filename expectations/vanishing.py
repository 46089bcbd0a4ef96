"""The share of known sessions that a newer export of the whole month lacks, file by file."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expectations.slices import Numbers, Slices

if TYPE_CHECKING:
    from rapport.clinics import Clinic


def vanished_share(files: pd.DataFrame, slices: Slices, owners: Sequence["Clinic"]) -> Numbers:
    """Measure what whole files lack.

    Args:
        files: One row a file: ``export_readings`` columns.
        slices: The clinic-months.
        owners: The clinic of each of them, which may have confirmed what a file lacks.

    Returns:
        For each clinic-month the greatest share of the sessions known before a file that it lacks,
        0 for a file of which the clinic has confirmed it; missing where no file was sent again.
    """
    found = np.full(len(slices), np.nan)
    concerned = files[(files.n_known_before > 0).to_numpy(dtype=bool)]
    columns = zip(
        slices.codes(concerned).tolist(),
        concerned.content_sha256,
        concerned.n_lacking.to_numpy(),
        concerned.n_known_before.to_numpy(),
        strict=True,
    )
    for code, content, lacking, known in columns:
        confirmed = owners[code].confirmed_deletions.get(slices.ones[code].month, ())
        share = 0.0 if content in confirmed else float(lacking / known)
        found[code] = np.fmax(found[code], share)
    return found
