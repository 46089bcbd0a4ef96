"""How answers become scores: answer scale, key, reversed items, missing-item rule, totals.

These are the parts of an instrument that scoring reads; each carries its status and source.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rapport.instruments.figures import Declared, Number, Sentence, Sourced, Status

Item = Annotated[int, Field(ge=1, le=48)]
ScaleName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class Scale(Sourced):
    """The answers that an item allows: ``minimum``, ``minimum + step`` … ``maximum``."""

    minimum: Number
    maximum: Number
    step: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0

    @model_validator(mode="after")
    def _steps_reach_the_maximum(self) -> Self:
        low, high, step = (Decimal(str(x)) for x in (self.minimum, self.maximum, self.step))
        if low >= high or (high - low) % step:
            raise ValueError("scale: whole steps must lead from minimum up to maximum")
        return self

    def answers(self) -> tuple[str, ...]:
        """Return every allowed answer as text, in order: ``("0", "1", "2", "3")``.

        On a scale with decimal steps the whole numbers stand in both spellings, ``7`` and ``7.0``.
        """
        low, high, step = (Decimal(str(x)) for x in (self.minimum, self.maximum, self.step))
        texts: list[str] = []
        for index in range(int((high - low) / step) + 1):
            value = low + index * step
            if value == value.to_integral_value():
                texts.append(str(int(value)))
            if step != step.to_integral_value():
                texts.append(str(value.quantize(step)))
        return tuple(dict.fromkeys(texts))


class Key(Sourced):
    """Which items make which scale.

    Attributes:
        subscales: Name → its items, counted from 1. Empty if the instrument has one scale.
        composites: Name → subscales whose items it joins (CORE-OM: ``non_risk``).
        is_partition: Whether every item belongs to exactly one subscale.
    """

    subscales: Mapping[ScaleName, tuple[Item, ...]] = Field(default_factory=dict)
    composites: Mapping[ScaleName, tuple[ScaleName, ...]] = Field(default_factory=dict)
    is_partition: bool = True

    @model_validator(mode="after")
    def _names_and_items_are_sound(self) -> Self:
        for name, items in self.subscales.items():
            if not items or len(set(items)) != len(items):
                raise ValueError(f"key: {name} is empty, or holds an item twice")
        joined = {part for parts in self.composites.values() for part in parts}
        if unknown := joined - set(self.subscales):
            raise ValueError(f"key: composites name unknown subscales {', '.join(sorted(unknown))}")
        if "total" in {*self.subscales, *self.composites}:
            raise ValueError("key: 'total' is the name of the whole, not of a subscale")
        return self


class Reversal(Sourced):
    """The items that are scored as ``minimum + maximum − answer``; none if ``items`` is empty."""

    items: tuple[Item, ...] = ()


class MissingRule(Sourced):
    """What happens when items are not answered.

    Attributes:
        kind: ``complete`` – every item of a scale is needed; ``prorate`` – the mean of the
            answered items stands for the missing ones; ``item_mean_rounded`` – each missing item
            takes the mean of the answered items of its subscale, rounded half-up to a whole answer.
        max_missing: Scale name → how many of its items may be missing. A scale that is not named
            allows none.
        needs_subscales: Whether a total is given only if every subscale could be scored.
        rounds_total: Whether a prorated total is rounded half-up to a whole number.
    """

    kind: Literal["complete", "prorate", "item_mean_rounded"]
    max_missing: Mapping[ScaleName, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    needs_subscales: bool = False
    rounds_total: bool = False

    @model_validator(mode="after")
    def _says_how_many(self) -> Self:
        if (self.kind == "complete") == bool(self.max_missing):
            raise ValueError("missing_rule: max_missing belongs to every kind but 'complete'")
        return self

    def allowed(self, scale: str) -> int:
        """Return how many items of ``scale`` may be missing; 0 where the rule is uncertain."""
        return self.max_missing.get(scale, 0) if self.is_usable else 0


class Total(Sourced):
    """How the (reversed) items of a scale are put together.

    Attributes:
        method: ``sum`` of the items, or their ``mean``.
        factor: The sum or mean is multiplied by it (WHO-5: 4; CORE: 10).
        table: Raw total → published metric score, instead of a factor (SWEMWBS).
    """

    method: Literal["sum", "mean"] = "sum"
    factor: Annotated[float, Field(gt=0)] = 1.0
    table: Mapping[int, Number] | None = None


class ItemFlag(Declared):
    """An answer that somebody should see whatever the total: the risk items.

    Attributes:
        items: The items looked at.
        at_least: The flag is up when one of them is answered (after reversal) so high or higher.
        meaning: What it means, in words.
        status: How sure this rule is.
        source: Where the rule comes from.
    """

    items: tuple[Item, ...] = Field(min_length=1)
    at_least: Number
    meaning: Sentence
    status: Status
    source: Sentence
