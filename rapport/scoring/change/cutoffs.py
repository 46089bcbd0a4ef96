"""Where "clinical" ends and "functional" begins: the cut-offs a, b and c."""

import math
from typing import Literal

from rapport.errors import Fault, StatisticsError

CutOffType = Literal["a", "b", "c"]


def clinical_cut_off(
    kind: CutOffType,
    *,
    improvement_sign: int,
    mean_clinical: float | None = None,
    sd_clinical: float | None = None,
    mean_functional: float | None = None,
    sd_functional: float | None = None,
) -> float:
    """Return a cut-off in points.

    Args:
        kind: ``a`` – two SD from the clinical mean towards health (no norms needed); ``b`` – two
            SD from the functional mean towards illness; ``c`` – between both means, weighted by
            the SDs (preferred where the two overlap and norms exist).
        improvement_sign: +1 where a rise is better, −1 where a fall is.
        mean_clinical: Mean of the clinical group (for a, c).
        sd_clinical: Its standard deviation, > 0 (for a, c).
        mean_functional: Mean of the functional group (for b, c).
        sd_functional: Its standard deviation, > 0 (for b, c).

    Formula:
        a = M_c ± 2·SD_c; b = M_f ∓ 2·SD_f; c = (SD_c·M_f + SD_f·M_c) / (SD_c + SD_f).

    Raises:
        StatisticsError: A figure is missing or outside its range, or the functional mean does not
            lie on the healthy side of the clinical one.

    Source:
        Jacobson & Truax (1991), J. Consult. Clin. Psychol. 59, 12-19.

    Example:
        >>> round(clinical_cut_off("c", improvement_sign=-1, mean_clinical=35.48,
        ...     sd_clinical=8.16, mean_functional=7.69, sd_functional=7.52), 2)
        21.02
    """
    if kind == "a":
        mean, sd = _group("clinical", mean_clinical, sd_clinical)
        return mean + improvement_sign * 2 * sd
    if kind == "b":
        mean, sd = _group("functional", mean_functional, sd_functional)
        return mean - improvement_sign * 2 * sd
    mean_c, sd_c = _group("clinical", mean_clinical, sd_clinical)
    mean_f, sd_f = _group("functional", mean_functional, sd_functional)
    if not improvement_sign * (mean_f - mean_c) > 0:
        raise StatisticsError(
            Fault(
                "CUT_OFF",
                "The functional mean does not lie on the healthy side of the clinical mean.",
                "Check the direction of the instrument and which group is which.",
            )
        )
    return (sd_c * mean_f + sd_f * mean_c) / (sd_c + sd_f)


def _group(name: str, mean: float | None, sd: float | None) -> tuple[float, float]:
    if mean is None or sd is None or not math.isfinite(mean) or not (math.isfinite(sd) and sd > 0):
        raise StatisticsError(
            Fault(
                "CUT_OFF",
                f"Mean and standard deviation of the {name} group are needed for this cut-off.",
                f"Give both for the {name} group; the standard deviation above 0.",
            )
        )
    return mean, sd
