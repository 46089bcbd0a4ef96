"""What must be known about an instrument and its group before change can be called reliable."""

import math
from dataclasses import dataclass

from rapport.errors import Fault, StatisticsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Spread and reliability of an instrument in the group at hand, in points.

    Attributes:
        sd_pre: Standard deviation of first scores, > 0 (published, or of the sample).
        reliability: Reliability at the first score, 0 ≤ r < 1.
        mean_pre: Mean of first scores; needed by GLN, HLL, EN, NK and HA.
        mean_post: Mean of last scores; needed by HLL and HA.
        sd_post: Standard deviation of last scores; needed by HA.
        correlation: Correlation of first and last scores; needed by HA.
        reliability_post: Reliability at the last score, for NK; ``reliability`` if not given.

    Raises:
        StatisticsError: A figure is outside its range; all of them at once.
    """

    sd_pre: float
    reliability: float
    mean_pre: float | None = None
    mean_post: float | None = None
    sd_post: float | None = None
    correlation: float | None = None
    reliability_post: float | None = None

    def __post_init__(self) -> None:
        faults = [
            Fault("REFERENCE", f"{name} is outside its range.", f"Give {name} {words}.")
            for name, is_sound, words in (
                ("sd_pre", _is_positive(self.sd_pre), "above 0"),
                ("reliability", 0 <= self.reliability < 1, "from 0 to below 1"),
                ("sd_post", self.sd_post is None or _is_positive(self.sd_post), "above 0"),
                (
                    "reliability_post",
                    self.reliability_post is None or 0 <= self.reliability_post < 1,
                    "from 0 to below 1",
                ),
                (
                    "correlation",
                    self.correlation is None or -1 <= self.correlation <= 1,
                    "from -1 to 1",
                ),
            )
            if not is_sound
        ]
        if faults:
            raise StatisticsError(faults)

    @property
    def standard_error(self) -> float:
        """Standard error of measurement, SD₁·√(1 − r), in points."""
        return self.sd_pre * math.sqrt(1 - self.reliability)

    @property
    def standard_error_of_difference(self) -> float:
        """Standard error of a difference, √2·SEM, in points."""
        return math.sqrt(2) * self.standard_error

    @property
    def standard_error_of_prediction(self) -> float:
        """Standard error of prediction, SD₁·√(1 − r²), in points."""
        return self.sd_pre * math.sqrt(1 - self.reliability**2)

    @property
    def reliability_of_change(self) -> float:
        """Reliability of difference scores, r_dd; NaN where differences do not vary.

        Formula:
            r_dd = (S₁²r₁ + S₂²r₂ − 2S₁S₂r₁₂) / (S₁² + S₂² − 2S₁S₂r₁₂), with
            r_i = (S_i² − SEM²) / S_i².

        Source:
            Hageman & Arrindell (1999), Behaviour Research and Therapy 37, 1169-1193.
        """
        sd_post = self.needed("sd_post")
        shared = 2 * self.sd_pre * sd_post * self.needed("correlation")
        observed = self.sd_pre**2 + sd_post**2 - shared
        if not observed > 0:
            return float("nan")
        return (observed - 2 * self.standard_error**2) / observed

    @property
    def reliability_at_last(self) -> float:
        """Reliability at the last score, (S₂² − SEM²) / S₂² (Hageman & Arrindell 1999)."""
        sd_post = self.needed("sd_post")
        return (sd_post**2 - self.standard_error**2) / sd_post**2

    def needed(self, name: str) -> float:
        """Return an optional figure that a method cannot do without.

        Raises:
            StatisticsError: It was not given.
        """
        value: float | None = getattr(self, name)
        if value is None:
            raise StatisticsError(
                Fault("REFERENCE", f"This method needs {name}.", f"Give {name}, or choose JT.")
            )
        return value


def _is_positive(value: float) -> bool:
    return math.isfinite(value) and value > 0
