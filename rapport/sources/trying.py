"""Trying again: faults of the network alone, with growing waits, within one limit of time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from rapport.clinics.places import RemotePlace
from rapport.errors import RapportError
from rapport.sources.failing import UnreachableError, unreachable

T = TypeVar("T")

LONGEST_WAIT = 60.0
"""Longest wait between two attempts, in seconds."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of the time that something may take.

    Attributes:
        seconds: How long it may take in all.
        end: When that is over, on the clock of :func:`time.monotonic`.
    """

    seconds: float
    end: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the deadline that is ``seconds`` from now."""
        return cls(seconds, time.monotonic() + seconds)

    def left(self) -> float:
        """Return the seconds that are left, more than 0.

        Raises:
            UnreachableError: None is.
        """
        if self.is_over:
            raise self.passed()
        return self.end - time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self.end

    def passed(self) -> UnreachableError:
        """Return the failure that this deadline has passed."""
        return unreachable(f"It took longer than {self.seconds:g} seconds in all.")


def tried(attempt: Callable[[Deadline], T], place: RemotePlace) -> T:
    """Return what ``attempt`` returns; tried again only after a fault of the network.

    Args:
        attempt: One try; it is told when all tries together must be over.
        place: Says how many tries there are, how long one waits and how long all may take.

    Raises:
        SourceError: The last try failed, or one failed in a way that no other try would mend.
    """
    import tenacity

    deadline = Deadline.after(place.whole_seconds)
    trying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(UnreachableError),
        stop=tenacity.stop_after_attempt(place.attempts)
        | tenacity.stop_before_delay(place.whole_seconds),
        wait=tenacity.wait_exponential(multiplier=place.wait_seconds, max=LONGEST_WAIT),
        reraise=True,
    )
    return trying(attempt, deadline)


def within(deadline: Deadline, do: Callable[[], T]) -> T:
    """Return what ``do`` returns, or fail when the time is over, whatever it is waiting for.

    It runs in a thread of its own: a name that is being resolved, or a server that sends a byte a
    minute, cannot be interrupted. Such a thread is left behind and keeps no process alive.

    Raises:
        UnreachableError: The time is over.
        RapportError: What ``do`` raised.
        RuntimeError: ``do`` broke off with anything else; its traceback has been printed.
    """
    results: list[T] = []
    failures: list[RapportError] = []

    def run() -> None:
        try:
            results.append(do())
        except RapportError as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True, name="rapport-source")
    thread.start()
    thread.join(deadline.left())
    if failures:
        raise failures[0]
    if thread.is_alive():
        raise deadline.passed()
    if not results:
        raise RuntimeError("a source broke off in a way that nobody foresaw")
    return results[0]
