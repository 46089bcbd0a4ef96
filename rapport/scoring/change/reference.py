"""What must be known about an instrument and its group before change can be called reliable."""

import math
from dataclasses import dataclass

from rapport.errors import Fault, StatisticsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Spread and reliability of an instrument in the group at hand, in points.

    Attributes:
        sd_pre: Standard deviation of first scores, > 0 (published, or of the group at hand): with
            ``reliability`` it makes the error of measurement.
        reliability: Reliability at the first score, 0 ≤ r < 1.
        mean_pre: Mean of first scores; needed by GLN, HLL, EN, NK and HA.
        mean_post: Mean of last scores; needed by HLL and HA.
        sd_post: Standard deviation of last scores; needed by HA.
        correlation: Correlation of first and last scores; needed by HA.
        reliability_post: Reliability at the last score, for NK and HA. If not given, NK takes
            ``reliability``; HA takes what the error of measurement leaves of the last scores.
        sd_group: Standard deviation of first scores of the group at hand, for HA, where ``sd_pre``
            is published for another group; ``sd_pre`` if not given.

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
    sd_group: float | None = None

    def __post_init__(self) -> None:
        faults = [
            Fault("REFERENCE", f"{name} is outside its range.", f"Give {name} {words}.")
            for name, is_sound, words in (
                ("sd_pre", _is_positive(self.sd_pre), "above 0"),
                ("reliability", 0 <= self.reliability < 1, "from 0 to below 1"),
                ("sd_post", self.sd_post is None or _is_positive(self.sd_post), "above 0"),
                ("sd_group", self.sd_group is None or _is_positive(self.sd_group), "above 0"),
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
    def sd_first(self) -> float:
        """Standard deviation of first scores in the group at hand, S₁, in points."""
        return self.sd_pre if self.sd_group is None else self.sd_group

    @property
    def reliability_of_change(self) -> float:
        """Reliability of difference scores, r_dd; NaN where differences do not vary.

        It belongs to the group at hand, and so do the moments in it: S₁, S₂ and r₁₂ are the
        group's, also where the error of measurement comes from a published SD and reliability.
        Mixing a published S₁ with the group's S₂ and r₁₂ would describe no group at all.

        Formula:
            r_dd = (S₁²r₁ + S₂²r₂ − 2S₁S₂r₁₂) / (S₁² + S₂² − 2S₁S₂r₁₂), with
            r_i = (S_i² − SEM²) / S_i², one SEM for both (with the group's own SD, r₁ is
            ``reliability``); r₂ = ``reliability_post`` where it is given.

        Source:
            Hageman & Arrindell (1999), Behaviour Research and Therapy 37, 1169-1193.
        """
        first, last = self.sd_first, self.needed("sd_post")
        shared = 2 * first * last * self.needed("correlation")
        observed = first**2 + last**2 - shared
        if not observed > 0:
            return float("nan")
        true_first = first**2 - self.standard_error**2
        return (true_first + last**2 * self.reliability_at_last - shared) / observed

    @property
    def reliability_at_last(self) -> float:
        """Reliability at the last score: as given, or (S₂² − SEM²) / S₂², which may be below 0.

        Source:
            Hageman & Arrindell (1999), who take one error of measurement for both scores.
        """
        if self.reliability_post is not None:
            return self.reliability_post
        sd_post = self.needed("sd_post")
        return (sd_post**2 - self.standard_error**2) / sd_post**2

    def true_sd(self, sd: float) -> float:
        """Return the spread of true scores in a group, √(SD² − SEM²); 0 where error is all.

        Args:
            sd: Standard deviation of observed scores in the group, in points.
        """
        return math.sqrt(max(0.0, sd**2 - self.standard_error**2))

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
