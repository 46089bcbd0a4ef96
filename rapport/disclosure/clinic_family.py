"""The groups of one clinic and one family of figures, and what is hidden of them: plain arrays."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rapport.disclosure.partition import Flags, Numbers

WINDOWS = ("month", "trailing_12", "earlier")
MONTH, TRAILING, EARLIER = range(3)


@dataclass(frozen=True)
class Counts:
    """Counts of groups of patients; the last two axes are groups × figures.

    Attributes:
        patients: Distinct patients.
        exclusive: Patients of no other group of the same total.
        observations: Observations.
        sums: Sums of values.
        flags: Whether the figure may not be shown by itself.
        waits: Whether it may not be shown beside what former reports have shown of it.
        must_tell: Of a window: whether it may be shown only if the month beside it is.
        must_hide: Of a window: whether it may be shown only if the month beside it is not.
    """

    patients: Numbers
    exclusive: Numbers
    observations: Numbers
    sums: Numbers
    flags: Flags
    waits: Flags
    must_tell: Flags
    must_hide: Flags

    @property
    def unsafe(self) -> Flags:
        """Whether some figure of a group may not be shown; without the axis of figures."""
        return np.asarray(self.flags.any(axis=-1))

    @property
    def waiting(self) -> Flags:
        """Whether some figure of a group waits; without the axis of figures."""
        return np.asarray(self.waits.any(axis=-1))


@dataclass(frozen=True)
class ClinicFamily:
    """All groups of one clinic and one family of figures.

    Attributes:
        figures: Ids of the figures.
        therapists: Counts with axes window × therapist × figure.
        clinic: Counts with axes window × 1 × figure.
        trend: Counts with axes month × figure of the figures with a trend; ``None`` without.
        trend_figures: Ids of the figures with a trend.
        ceilings: Patients that a therapist can have at most, by a figure of another family:
            window × therapist × 1; infinite if there is none.
        past: What former reports said of the months.
    """

    figures: tuple[str, ...]
    therapists: Counts
    clinic: Counts
    trend: Counts | None
    trend_figures: tuple[str, ...]
    ceilings: Numbers
    past: "Past | None" = None

    @property
    def therapists_of_one_month(self) -> Flags:
        """Therapists for whom the month is the whole window, in some figure."""
        return _is_whole_window(self.therapists)

    @property
    def clinic_of_one_month(self) -> bool:
        """Whether the month is the clinic's whole window, in some figure."""
        return bool(_is_whole_window(self.clinic)[0])


@dataclass(frozen=True)
class Past:
    """What former reports said of the months of the window, one flag a month.

    Attributes:
        is_known: Whether the month has been shown; hiding it now protects nothing.
        is_kept: Whether it was hidden beside a window that was shown, and has to stay so.
        apart: Months since the clinic's window was last shown; 0 if it was not.
        gained: Figure → distinct patients of those months.
    """

    is_known: Flags
    is_kept: Flags
    apart: int
    gained: Mapping[str, int]


def _is_whole_window(counts: Counts) -> Flags:
    n = counts.observations
    return np.asarray(((n[EARLIER] == 0) & (n[MONTH] > 0)).any(axis=-1))


@dataclass
class Hidden:
    """What is hidden so far; grows, never shrinks.

    Attributes:
        therapists: Axes window (month, trailing) × therapist.
        clinic: One flag a window.
        trend: One flag a month of the window.
        waits: Whether the clinic's window may not be shown beside former ones; unlike one that
            is hidden for its own sake, it leaves its months to be judged as if it were shown.
    """

    therapists: Flags
    clinic: Flags
    trend: Flags
    waits: bool = False

    def size(self) -> int:
        """Return how much is hidden."""
        return int(self.therapists.sum() + self.clinic.sum() + self.trend.sum() + self.waits)

    @property
    def told_clinic(self) -> Flags:
        """One flag a window: whether this month's own figures of the clinic are not told."""
        return np.asarray(self.clinic | [False, self.waits])
