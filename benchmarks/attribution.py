"""Whose time it was: functions are wrapped, and each moment goes to the innermost one that runs.

A stage's seconds are therefore its own, without those of the stages it calls; all stages together
make up the whole. Wrapping costs about a microsecond a call, so only functions are wrapped that
are called at most a few thousand times.
"""

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from unittest.mock import patch

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Place:
    """A function as its caller finds it, and the stage that its time belongs to.

    Attributes:
        stage: Name of the stage.
        module: Module in which the caller looks it up.
        attribute: Name there; ``Class.method`` for a method.
    """

    stage: str
    module: str
    attribute: str

    @property
    def owner(self) -> Any:  # noqa: ANN401 - patched by name only
        """The module or class that holds the function."""
        inside, _, _ = self.attribute.rpartition(".")
        module = import_module(self.module)
        return getattr(module, inside) if inside else module

    @property
    def name(self) -> str:
        """The function's name in its owner."""
        return self.attribute.rpartition(".")[2]


@dataclass
class Attribution:
    """Seconds by stage.

    Attributes:
        clock: Returns seconds, never going back.
        seconds: Stage → its own seconds so far.
    """

    clock: Clock = time.perf_counter
    seconds: dict[str, float] = field(default_factory=dict)
    _stack: list[str] = field(default_factory=list)
    _since: float = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Give what happens inside to ``name``, except what an inner stage takes."""
        self._settle()
        self._stack.append(name)
        try:
            yield
        finally:
            self._settle()
            self._stack.pop()

    def wrapped(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Return a function that does the same as ``function``, on the time of ``name``."""

        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - hands on any signature
            with self.stage(name):
                return function(*args, **kwargs)

        return timed

    @contextmanager
    def attached(self, places: Sequence[Place]) -> Iterator[None]:
        """Wrap the functions at these places while the context lasts.

        Raises:
            AttributeError: There is no function at a place.
        """
        with ExitStack() as undo:
            for place in places:
                own = self.wrapped(getattr(place.owner, place.name), place.stage)
                undo.enter_context(patch.object(place.owner, place.name, own))
            yield

    def _settle(self) -> None:
        """Book the time since the last change on the stage that was running."""
        now = self.clock()
        if self._stack:
            running = self._stack[-1]
            self.seconds[running] = self.seconds.get(running, 0.0) + now - self._since
        self._since = now
