"""The real relationship (RRI) beside the working alliance: how far two measures go together.

Within patients: do sessions with a more real relationship than usual have a better alliance than
usual? Between: do patients with the one have the other? Nothing is computed from a form whose key
is uncertain: a correlation of wrongly reversed items would look like a finding.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rapport.errors import Fault, StatisticsError
from rapport.statistics.alliance_outcome import Correlation, correlation, fisher_interval

UNCERTAIN_KEY = (
    "The key of this form is not certain: which items are reversed has to be set by the clinic "
    "before anything is computed from it."
)
NO_WITHIN = "No correlation within patients: too few repeated sessions, or no variation."
NO_BETWEEN = "No correlation between patients: fewer than four patients, or no variation."


@dataclass(frozen=True)
class Beside:
    """Two measures of one relationship, rated by one rater.

    Attributes:
        within: Repeated-measures correlation over sessions; ``n`` counts sessions.
        between: Correlation of patients' means; ``n`` counts patients.
        between_disattenuated: The same freed of unreliability; ``None`` without reliabilities.
        difference: Mean of real relationship minus alliance on item means; both have 1 to 5.
        n_patients, n_sessions: Patients and sessions with both measures.
        reasons: Why numbers are missing, in sentences; empty if none is.
    """

    within: Correlation
    between: Correlation
    between_disattenuated: Correlation | None
    difference: float
    n_patients: int
    n_sessions: int
    reasons: tuple[str, ...]


def real_relationship_beside_alliance(
    sessions: pd.DataFrame,
    *,
    is_key_certain: bool,
    reliabilities: tuple[float, float] | None = None,
) -> Beside:
    """Correlate real relationship and alliance within and between patients.

    Args:
        sessions: One row a session: ``patient``, ``real_relationship``, ``alliance`` (item
            means by the same rater); rows without both are left out.
        is_key_certain: Whether the form's key and reversed items are certain, or set by the
            clinic's own configuration.
        reliabilities: Of the two patient means, each in (0, 1]; only if known.

    Returns:
        The correlations; NaN with a reason where there is none.

    Raises:
        StatisticsError: A reliability is out of range.

    Source:
        Within: Bakdash & Marusich (2017), Front Psychol 8:456; attenuation: Spearman (1904),
        Am J Psychol 15:72-101. The measure: Gelso et al. (2005), J Couns Psychol 52:640-649.
    """
    if reliabilities is not None and not all(0 < one <= 1 for one in reliabilities):
        raise StatisticsError(
            Fault("RELIABILITY", "A reliability must lie in (0, 1].", "Use 0.9, say, or none.")
        )
    used = sessions.dropna(subset=["patient", "real_relationship", "alliance"])
    n_patients = int(used["patient"].nunique())
    if not is_key_certain:
        nothing = Correlation(math.nan, math.nan, math.nan, math.nan, 0)
        return Beside(nothing, nothing, None, math.nan, n_patients, len(used), (UNCERTAIN_KEY,))
    within = repeated_measures_correlation(
        used["patient"], used["real_relationship"], used["alliance"]
    )
    means = used.groupby("patient")[["real_relationship", "alliance"]].mean()
    between = correlation(means["real_relationship"], means["alliance"])
    reasons = [NO_WITHIN] if math.isnan(within.r) else []
    reasons += [NO_BETWEEN] if math.isnan(between.r) else []
    return Beside(
        within=within,
        between=between,
        between_disattenuated=None
        if reliabilities is None
        else disattenuated(between, *reliabilities),
        difference=float((used["real_relationship"] - used["alliance"]).mean()),
        n_patients=n_patients,
        n_sessions=len(used),
        reasons=tuple(reasons),
    )


def repeated_measures_correlation(
    patient: pd.Series, first: pd.Series, second: pd.Series
) -> Correlation:
    """Correlate two measures over sessions, each patient's own means taken out.

    Args:
        patient: Label of each row's patient.
        first: One measure, same index, any unit.
        second: The other.

    Returns:
        r = Σxy/√(Σx²Σy²) of deviations from patients' means, with Fisher's interval on
        n − k − 1 degrees of freedom (z ± 1.96/√(df − 1)); NaN with fewer than two of them or
        where a measure never varies within patients. ``n`` counts rows.

    Source:
        Bland & Altman (1995), BMJ 310:446; Bakdash & Marusich (2017), Front Psychol 8:456.

    Example:
        >>> patient = pd.Series(list("aaabbb"))
        >>> x, y = pd.Series([1.0, 2, 3, 5, 6, 7]), pd.Series([2.0, 1, 3, 0, 2, 1])
        >>> round(repeated_measures_correlation(patient, x, y).r, 3)
        0.5
    """
    both = pd.DataFrame({"patient": patient, "x": first, "y": second}).dropna()
    own = both[["x", "y"]] - both.groupby("patient")[["x", "y"]].transform("mean")
    x, y = own["x"].to_numpy(float), own["y"].to_numpy(float)
    df = len(both) - int(both["patient"].nunique()) - 1
    size = (both[["x", "y"]].astype(float) ** 2).sum().to_numpy()
    squares = np.array([x @ x, y @ y])
    if df < 2 or np.any(squares <= 1e-12 * size):  # noqa: PLR2004 - Fisher's n − 3; rounding
        return Correlation(math.nan, math.nan, math.nan, math.nan, len(both))
    r = float(np.clip(x @ y / math.sqrt(squares[0] * squares[1]), -1.0, 1.0))
    return Correlation(r, *fisher_interval(r, df - 1), r * r, len(both))


def disattenuated(found: Correlation, first: float, second: float) -> Correlation:
    """Free a correlation of the unreliability of both measures, by ``r/√(r₁ r₂)``.

    Args:
        found: The correlation of the measures.
        first: Reliability of one measure, in (0, 1].
        second: Reliability of the other.

    Returns:
        Correlation and limits divided alike, and not cut: a value above 1 says that the
        reliabilities are too low for these data.

    Source:
        Spearman (1904), Am J Psychol 15:72-101; limits: Hunter & Schmidt (2004), Methods of
        Meta-Analysis, chapter 3.
    """
    root = math.sqrt(first * second)
    r, low, high = found.r / root, found.low / root, found.high / root
    return Correlation(r, low, high, r * r, found.n)
