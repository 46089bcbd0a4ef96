"""A block of observations: the rows of a coded frame, as observations of one figure."""

import pandas as pd

from rapport.statistics.figures import FIGURES

KEYS = ["therapist", "patient", "when"]
SESSION_KEYS = ["clinic", "patient", "episode", "session", "when"]
EPISODE_KEYS = ["clinic", "patient", "episode", "when"]

CODES = {figure: code for code, figure in enumerate(FIGURES)}
"""Figure id → position among the figures that are sums over observations."""


def block(frame: pd.DataFrame, figure: str, value: "pd.Series | float") -> pd.DataFrame:
    """Return one observation a row.

    Args:
        frame: Coded rows, with ``therapist``, ``patient``, ``when``.
        figure: Figure id.
        value: The value of each row, or one for all.

    Returns:
        ``therapist``, ``patient``, ``when``, ``figure`` (code) and ``value``.
    """
    found = frame[KEYS].copy()
    found["figure"] = CODES[figure]
    found["value"] = value if isinstance(value, float) else value.astype(float)
    return found
