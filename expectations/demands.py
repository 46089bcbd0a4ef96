"""The four kinds of demand a rule can make, each one expectation of Great Expectations.

All of them are map expectations: they are answered row by row, so that Great Expectations itself
says which rows break them. An expectation about a whole column (a mean, a count of distinct
values) would pass an empty frame and name no row; such a thing is measured first, and then asked of
the frame of measures.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from expectations.rule import Rule

_Numbers = npt.NDArray[np.float64]
_Mask = npt.NDArray[np.bool_]

UNANSWERED = "\x00(no answer)"
"""Stands in for a missing text: in no vocabulary, and refused by every pattern."""


@dataclass(frozen=True, slots=True)
class Among:
    """Every value is one of these texts (or numbers, for the typed frames)."""

    has_limit: ClassVar[bool] = False
    unanswered: ClassVar[str] = UNANSWERED

    values: tuple[str, ...] | tuple[float, ...]

    def expectation(self, rule: Rule) -> Any:  # noqa: ANN401 - Great Expectations is untyped
        """Return ``expect_column_values_to_be_in_set``."""
        from great_expectations import expectations as gxe

        return gxe.ExpectColumnValuesToBeInSet(
            column=rule.column,
            value_set=list(self.values),
            meta=rule.meta,
            severity=rule.severity.value,
        )

    def in_words(self, rule: Rule) -> str:
        """Return the values, at most eight of them."""
        shown = [f"`{value}`" for value in self.values[:8]]
        if len(self.values) == 1:
            return f"is {shown[0]}"
        return "is one of " + ", ".join(shown) + (" …" if len(self.values) > len(shown) else "")


@dataclass(frozen=True, slots=True)
class Written:
    r"""Every value is written in this way, from its first character to its last.

    Attributes:
        pattern: Regular expression for the whole text; ``[0-9]`` and not ``\d``, which would let
            the digits of other scripts pass.
        meaning: The pattern in words.
    """

    has_limit: ClassVar[bool] = False
    unanswered: ClassVar[str] = UNANSWERED

    pattern: str
    meaning: str

    def expectation(self, rule: Rule) -> Any:  # noqa: ANN401 - Great Expectations is untyped
        """Return ``expect_column_values_to_match_regex``, anchored at both ends."""
        from great_expectations import expectations as gxe

        return gxe.ExpectColumnValuesToMatchRegex(
            column=rule.column,
            regex=rf"\A(?!\x00)(?:{self.pattern})\Z",
            meta=rule.meta,
            severity=rule.severity.value,
        )

    def in_words(self, rule: Rule) -> str:
        """Return the pattern's meaning."""
        return f"is {self.meaning}"


def _not_above(small: str, great: str, rule: Rule) -> Any:  # noqa: ANN401 - untyped library
    from great_expectations import expectations as gxe

    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=great,
        column_B=small,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        meta=rule.meta,
        severity=rule.severity.value,
    )


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Every value reaches the limit that stands beside it."""

    has_limit: ClassVar[bool] = True
    unanswered: ClassVar[float] = -math.inf

    def expectation(self, rule: Rule) -> Any:  # noqa: ANN401 - Great Expectations is untyped
        """Return a column-pair expectation: value ≥ limit."""
        return _not_above(rule.limit_column, rule.column, rule)

    def breaks(self, values: _Numbers, limits: _Numbers) -> _Mask:
        """Return which values do not reach their limit; a missing one breaks nothing."""
        broken: _Mask = values < limits
        return broken

    def in_words(self, rule: Rule) -> str:
        """Return the limit."""
        return f"is at least {rule.limit_in_words}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """No value goes beyond the limit that stands beside it."""

    has_limit: ClassVar[bool] = True
    unanswered: ClassVar[float] = math.inf

    def expectation(self, rule: Rule) -> Any:  # noqa: ANN401 - Great Expectations is untyped
        """Return a column-pair expectation: value ≤ limit."""
        return _not_above(rule.column, rule.limit_column, rule)

    def breaks(self, values: _Numbers, limits: _Numbers) -> _Mask:
        """Return which values go beyond their limit; a missing one breaks nothing."""
        broken: _Mask = values > limits
        return broken

    def in_words(self, rule: Rule) -> str:
        """Return the limit."""
        return f"is at most {rule.limit_in_words}"
