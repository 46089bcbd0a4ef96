"""Pre-post effect sizes of one group, positive when better, each with its interval."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from rapport.errors import Fault, StatisticsError
from rapport.scoring.change.samples import PairedSample


@dataclass(frozen=True, slots=True)
class Effect:
    """One standardised mean change, unitless.

    Attributes:
        value: Mean improvement in units of the named standard deviation.
        corrected: The same times Hedges' J = 1 − 3/(4·(n − 1) − 1), for small samples.
        standard_error: Of ``value``.
        low: Lower end of the interval, ``value`` − z·SE.
        high: Upper end.
    """

    value: float
    corrected: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class EffectSizes:
    """Effect sizes of one group of pairs.

    Attributes:
        n: People with both scores.
        correlation: Of first and last scores.
        d_z: By the standard deviation of the change.
        d_pre: By the standard deviation of the first scores (Glass, Becker).
        d_av: By √((SD₁² + SD₂²)/2).
        d_rm: d_z·√(2(1 − r)), comparable with independent groups.
    """

    n: int
    correlation: float
    d_z: Effect
    d_pre: Effect
    d_av: Effect
    d_rm: Effect


def effect_sizes(
    sample: PairedSample, *, improvement_sign: int, confidence: float = 0.95
) -> EffectSizes:
    """Return the effect sizes of a group of pairs.

    Args:
        sample: The pairs, at least two, not all alike.
        improvement_sign: +1 where a rise is better, −1 where a fall is.
        confidence: Of the intervals, 0 < c < 1.

    Formula:
        SE(d) = √(2(1 − r)/n + d²/(2(n − 1))) for d_pre, d_av, d_rm (Becker 1988; Morris 2000);
        SE(d_z) = √(1/n + d_z²/(2(n − 1))). Interval: d ± z·SE.

    Raises:
        StatisticsError: Fewer than two pairs, or scores that do not vary.

    Source:
        Becker (1988), Br. J. Math. Stat. Psychol. 41, 257-278; Lakens (2013), Front. Psychol.
        4, 863; Hedges & Olkin (1985).
    """
    _require_spread(sample)
    improvement = improvement_sign * float(sample.change.mean())
    r, n = sample.correlation, sample.n_used
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    d_z = improvement / sample.sd_change
    shared = 2 * (1 - r)
    average = math.sqrt((sample.sd_pre**2 + sample.sd_post**2) / 2)
    return EffectSizes(
        n=n,
        correlation=r,
        d_z=_effect(d_z, 1.0, n, z),
        d_pre=_effect(improvement / sample.sd_pre, shared, n, z),
        d_av=_effect(improvement / average, shared, n, z),
        d_rm=_effect(d_z * math.sqrt(shared), shared, n, z),
    )


def hedges_correction(df: int) -> float:
    """Return J = 1 − 3/(4·df − 1), the correction for small samples, df ≥ 1."""
    return 1 - 3 / (4 * df - 1)


def _effect(d: float, shared: float, n: int, z: float) -> Effect:
    error = math.sqrt(shared / n + d**2 / (2 * (n - 1)))
    return Effect(
        value=d,
        corrected=d * hedges_correction(n - 1),
        standard_error=error,
        low=d - z * error,
        high=d + z * error,
    )


def _require_spread(sample: PairedSample) -> None:
    if not all(sd > 0 for sd in (sample.sd_pre, sample.sd_post, sample.sd_change)):
        raise StatisticsError(
            Fault(
                "NO_SPREAD",
                "An effect size needs two or more pairs whose scores and changes vary.",
                "Give more pairs, or report the mean change in points.",
            )
        )
