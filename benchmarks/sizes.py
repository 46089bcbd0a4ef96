"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """What one run of the benchmarks measures.

    Attributes:
        files: Export files of the data path, one a clinic.
        small, large: Item responses of the data path.
        repeats: How often each small thing is measured; the least counts.
        large_repeats: How often the large data path is.
        reports: Reports of the comparison of one process with two.
        clinics: Clinics of the month.
        crowd: Files in the folder that the sensor looks at.
    """

    files: int = 500
    small: int = 1_000_000
    large: int = 10_000_000
    repeats: int = 3
    large_repeats: int = 2
    reports: int = 24
    clinics: int = 60
    crowd: int = 100_000

    @property
    def many_files(self) -> tuple[int, int, int]:
        """Numbers of files, each of the same size, over which memory is to be flat."""
        return max(self.files // 2, 1), self.files, 2 * self.files


QUICK = Sizes(
    files=10,
    small=10_000,
    large=100_000,
    repeats=2,
    large_repeats=1,
    reports=4,
    clinics=3,
    crowd=1_000,
)
"""Sizes that show that everything runs, and little else."""

RESPONSES_PER_CLINIC = 2_000
"""Item responses of a clinic in the month: fifty sessions with four forms."""
