"""Asking a linear programme for the ends of many sums of months, with as few programmes as can be.

A solution speaks of all sums at once: two solutions in which a sum has two values show that it is
not pinned. So the first are asked for in the direction of all sums together, with signs drawn at
random, and only what is left after that is asked for by itself.
"""

from collections.abc import Iterator, Sequence

import highspy
import numpy as np

from benchmarks.disclosure_programme import BOTH, EPSILON, Cell, Programme, solve_sum
from benchmarks.disclosure_spans import Span
from rapport.statistics import FIGURES

HALF = 0.5
_DRAWS = 3


class Search:
    """One programme, and the smallest and largest value that any solution has given to each span.

    Attributes:
        solver: The programme.
        settled: Single months of which it has been found out whether a larger group settles them.
    """

    def __init__(self, programme: Programme, targets: Sequence[Span]) -> None:
        """Prepare the sums of the targets.

        Args:
            programme: What is known; a variable a unit, month and figure.
            targets: What is looked for.
        """
        self._programme, self._targets = programme, list(targets)
        self._terms = [self._of(span, "s") for span in targets]
        self.solver = programme.solver()
        self.settled: dict[Span, bool] = {}
        self._asked: dict[tuple[Span, str], bool] = {}
        self._low = np.full(len(self._targets), np.inf)
        self._high = np.full(len(self._targets), -np.inf)
        self._is_whole = np.array([FIGURES[one.figure].kind == "proportion" for one in targets])

    def _of(self, span: Span, what: str, factor: float = 1.0) -> dict[int, float]:
        cells: list[Cell] = [(span.unit, month, span.figure) for month in span.months]
        return {self._programme.variable(what, cell): factor for cell in cells}

    def pinned(self) -> Iterator[tuple[Span, float, float]]:
        """Yield the spans of which all solutions have one value, and that value's ends."""
        random = np.random.default_rng(len(self._targets))
        for _ in range(_DRAWS):
            signs = random.choice([-1.0, 1.0], len(self._targets))
            together: dict[int, float] = {}
            for sign, terms, is_open in zip(signs, self._terms, self._is_open(), strict=True):
                for position in () if is_open else terms:
                    together[position] = together.get(position, 0.0) + sign
            for sense in BOTH if together else ():
                self._add(solve_sum(self.solver, together, sense))
        for place, terms in enumerate(self._terms):
            for sense in BOTH:
                if not self._is_open()[place]:
                    self._add(solve_sum(self.solver, terms, sense))
            if not self._is_open()[place]:
                yield self._targets[place], float(self._low[place]), float(self._high[place])

    def _is_open(self) -> np.ndarray:
        whole = np.floor(self._high + EPSILON) - np.ceil(self._low - EPSILON) >= 1
        return np.where(self._is_whole, whole, self._high - self._low >= EPSILON)

    def _add(self, solution: np.ndarray) -> None:
        values = np.array([sum(solution[at] for at in terms) for terms in self._terms])
        self._low, self._high = np.minimum(self._low, values), np.maximum(self._high, values)

    def is_there(self, span: Span) -> bool:
        """Whether the span may have any observation."""
        return self._most(self._of(span, "n")) > HALF

    def is_nobody(self, span: Span) -> bool:
        """Whether the span certainly says "nobody"."""
        return self._known(span, "nobody", self._of(span, "s"))

    def is_everybody(self, span: Span) -> bool:
        """Whether the span certainly says "everybody"."""
        return self._known(span, "all", self._of(span, "n") | self._of(span, "s", -1.0))

    def _known(self, span: Span, what: str, terms: dict[int, float]) -> bool:
        if (span, what) not in self._asked:
            self._asked[span, what] = self._most(terms) < HALF
        return self._asked[span, what]

    def _most(self, terms: dict[int, float]) -> float:
        solution = solve_sum(self.solver, terms, highspy.ObjSense.kMaximize)
        return float(sum(solution[at] * factor for at, factor in terms.items()))
