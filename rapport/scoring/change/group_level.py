"""How much of a group truly changed, and truly is functional, by Hageman and Arrindell."""

from dataclasses import dataclass
from statistics import NormalDist

from rapport.errors import Fault, StatisticsError
from rapport.scoring.change.reference import Reference
from rapport.scoring.change.samples import PairedSample


@dataclass(frozen=True, slots=True)
class GroupChange:
    """Estimated shares of the group, 0 to 1, free of measurement error under normality.

    Attributes:
        n: People with both scores.
        share_improved: Share whose true change is an improvement.
        share_functional: Share whose true last score is on the healthy side of the cut-off;
            ``None`` without a cut-off.
    """

    n: int
    share_improved: float
    share_functional: float | None


def group_change(
    sample: PairedSample,
    reference: Reference,
    *,
    improvement_sign: int,
    cut_off: float | None = None,
) -> GroupChange:
    """Estimate a group's true change.

    Args:
        sample: The pairs.
        reference: With ``sd_post`` and ``correlation`` of the same pairs.
        improvement_sign: +1 where a rise is better, −1 where a fall is.
        cut_off: In points.

    Formula:
        Φ(sign·M_change / (SD_change·√r_dd)); Φ(sign·(M₂ − cut-off) / (SD₂·√r₂)).

    Raises:
        StatisticsError: Fewer than two pairs, or all variation is measurement error.

    Source:
        Hageman & Arrindell (1999), Behaviour Research and Therapy 37, 1169-1193.
    """
    spread = _true_spread(sample.sd_change, reference.reliability_of_change)
    improved = NormalDist().cdf(improvement_sign * float(sample.change.mean()) / spread)
    functional = None
    if cut_off is not None:
        spread = _true_spread(sample.sd_post, reference.reliability_at_last)
        functional = NormalDist().cdf(improvement_sign * (sample.mean_post - cut_off) / spread)
    return GroupChange(n=sample.n_used, share_improved=improved, share_functional=functional)


def _true_spread(sd: float, reliability: float) -> float:
    """Return SD·√reliability, the spread of true scores."""
    if not reliability > 0:
        raise StatisticsError(
            Fault(
                "NO_TRUE_CHANGE",
                "The scores vary no more than measurement error alone would make them.",
                "Give more pairs, or leave the group level out.",
            )
        )
    return float(sd * reliability**0.5)
