"""Numbers as text: half-up rounding, the clinic's decimal mark, one way of writing an interval."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

POINT_LANGUAGES = frozenset({"cy", "en", "ga", "he", "ja", "ko", "ms", "mt", "th", "zh"})
"""Languages written with a decimal point; all others take a comma (Unicode CLDR, symbols)."""

_GROUP = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"
_FROM_FIVE_DIGITS = 10_000


def half_up(value: float, places: int) -> Decimal:
    """Round to ``places`` decimals, halves away from zero.

    The shortest decimal that stands for the float is rounded, so 2.675 becomes 2.68.
    """
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How numbers are written for one clinic."""

    decimal: str

    @classmethod
    def of(cls, locale: str) -> "NumberStyle":
        """Return the style of a locale such as ``pl_PL``."""
        return cls("." if locale.partition("_")[0] in POINT_LANGUAGES else ",")

    def fixed(self, value: float, places: int) -> str:
        """Write ``value`` with ``places`` decimals, rounded by :func:`half_up`."""
        rounded = half_up(value, places)
        text = f"{abs(rounded):.{places}f}".replace(".", self.decimal)
        return (_MINUS if rounded < 0 else "") + text

    def whole(self, count: float) -> str:
        """Write a count; from 10 000 on in groups of three."""
        number = round(count)
        text = (
            f"{number:,}".replace(",", _GROUP) if abs(number) >= _FROM_FIVE_DIGITS else f"{number}"
        )
        return text.replace("-", _MINUS)


def counted(count: float, one: str, many: str, style: NumberStyle) -> str:
    """Write a count with its noun: ``1 form``, ``96 forms``."""
    return f"{style.whole(count)} {one if count == 1 else many}"


def listed(words: tuple[str, ...]) -> str:
    """Join words as a sentence does: ``a, b and c``."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
