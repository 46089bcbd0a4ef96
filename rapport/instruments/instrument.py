"""The instrument: everything that is known about one questionnaire, and where it comes from."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from rapport.instruments.figures import (
    Band,
    CutOff,
    Declared,
    Figure,
    Licence,
    Norm,
    Reliability,
    Sentence,
    Unscored,
)
from rapport.instruments.keys import (
    Item,
    ItemFlag,
    Key,
    MissingRule,
    Reversal,
    Scale,
    ScaleName,
    Total,
)

Rater = Literal["patient", "therapist"]
Construct = Literal[
    "alliance",
    "relationship",
    "rupture",
    "symptoms",
    "functioning",
    "wellbeing",
    "life_satisfaction",
]
Direction = Literal["higher_is_better", "lower_is_better"]

OUTCOME_CONSTRUCTS = frozenset({"symptoms", "functioning", "wellbeing", "life_satisfaction"})
"""Constructs that say how a patient fares, as against the work between the two."""


class Instrument(Declared):
    """One questionnaire in one version.

    Attributes:
        id: Stable id, lower case with dashes: ``phq-9``.
        name: Name in print.
        version: Version of this description; goes with every score made by it.
        raters: Who may fill it in.
        measures: What it measures; ``construct`` in data files.
        n_items: Number of scored items.
        unscored: Questions printed after them that are not scored (PHQ-9: one, on difficulty).
        scale: The allowed answers.
        item_scales: Item → its own scale, where it differs.
        direction: Whether a higher score is better or worse.
        key: Subscales.
        reversal: Reversed items.
        total: How a total is made; ``None`` if the instrument has no total.
        missing_rule: What happens to forms with gaps.
        cut_offs: Name → cut-off; ``caseness`` is the clinical one.
        bands: Published severity bands.
        reliable_change: Smallest reliable change of the total, in points.
        subscale_reliable_change: The same of subscales.
        minimal_important_change: Smallest change that patients or clinicians call relevant.
        norms: Means and standard deviations of described groups.
        reliability: Published coefficients.
        flags: Name → answers that somebody should see; ``risk`` is the risk item flag.
        licence: Terms of use.
        citation: The publication of the instrument.
        doubts: What is not known for sure, in words.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
    name: Sentence
    version: Annotated[str, Field(min_length=1, max_length=20)]
    raters: tuple[Rater, ...] = Field(min_length=1)
    measures: Construct = Field(alias="construct")
    n_items: Item
    unscored: Unscored | None = None
    scale: Scale
    item_scales: Mapping[Item, Scale] = Field(default_factory=dict)
    direction: Direction
    key: Key
    reversal: Reversal
    total: Total | None
    missing_rule: MissingRule
    cut_offs: Mapping[ScaleName, CutOff] = Field(default_factory=dict)
    bands: tuple[Band, ...] = ()
    reliable_change: Figure | None = None
    subscale_reliable_change: Mapping[ScaleName, Figure] = Field(default_factory=dict)
    minimal_important_change: Figure | None = None
    norms: tuple[Norm, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    flags: Mapping[ScaleName, ItemFlag] = Field(default_factory=dict)
    licence: Licence
    citation: Sentence
    doubts: tuple[Sentence, ...] = ()

    @field_validator("raters")
    @classmethod
    def _raters_differ(cls, raters: tuple[Rater, ...]) -> tuple[Rater, ...]:
        if len(set(raters)) != len(raters):
            raise ValueError("a rater stands twice")
        return raters

    @model_validator(mode="after")
    def _items_exist(self) -> Self:
        named = {
            *self.reversal.items,
            *self.item_scales,
            *(i for items in self.subscales.values() for i in items),
            *(i for flag in self.flags.values() for i in flag.items),
        }
        if unknown := sorted(item for item in named if item > self.n_items):
            listed = ", ".join(map(str, unknown))
            raise ValueError(
                f"items are named that the instrument does not have: {listed} "
                f"(n_items is {self.n_items})"
            )
        return self

    @model_validator(mode="after")
    def _key_partitions(self) -> Self:
        keyed = sorted(i for items in self.subscales.values() for i in items)
        if self.subscales and self.key.is_partition and keyed != list(range(1, self.n_items + 1)):
            raise ValueError("key: subscales must hold every item exactly once")
        if self.missing_rule.kind == "item_mean_rounded" and not self.subscales:
            raise ValueError("missing_rule: item_mean_rounded needs subscales")
        return self

    @model_validator(mode="after")
    def _scales_exist(self) -> Self:
        named = {
            *self.missing_rule.max_missing,
            *self.subscale_reliable_change,
            *(cut.scale for cut in self.cut_offs.values()),
            *(norm.scale for norm in self.norms),
            *(found.scale for found in self.reliability),
        }
        if unknown := named - {*self.scales, "total"}:
            raise ValueError(f"these scales do not exist: {', '.join(sorted(unknown))}")
        return self

    @property
    def construct(self) -> Construct:  # type: ignore[override]  # pydantic's deprecated constructor
        """What the instrument measures."""
        return self.measures

    @property
    def subscales(self) -> Mapping[str, tuple[int, ...]]:
        """Subscale → its items, counted from 1; composites not included."""
        return self.key.subscales

    @property
    def reversed(self) -> tuple[int, ...]:
        """The reversed items, counted from 1."""
        return self.reversal.items

    @property
    def scales(self) -> Mapping[str, tuple[int, ...]]:
        """Every scale that is scored → its items: ``total`` first, subscales, composites."""
        whole = {"total": tuple(range(1, self.n_items + 1))} if self.total else {}
        joined = {
            name: tuple(sorted(i for part in parts for i in self.subscales[part]))
            for name, parts in self.key.composites.items()
        }
        return {**whole, **self.subscales, **joined}

    @property
    def total_range(self) -> tuple[float, float] | None:
        """Lowest and highest total, transformed; ``None`` if the instrument has no total."""
        if self.total is None:
            return None
        if self.total.table is not None:
            return min(self.total.table.values()), max(self.total.table.values())
        times = self.total.factor * (1 if self.total.method == "mean" else self.n_items)
        return self.scale.minimum * times, self.scale.maximum * times

    @property
    def is_outcome(self) -> bool:
        """Whether it measures how the patient fares."""
        return self.measures in OUTCOME_CONSTRUCTS

    @property
    def improvement_sign(self) -> int:
        """+1 if a rise is an improvement, −1 if a fall is."""
        return 1 if self.direction == "higher_is_better" else -1

    def scale_of(self, item: int) -> Scale:
        """Return the answer scale of one item, counted from 1."""
        return self.item_scales.get(item, self.scale)

    def allowed_answers(self, item: int | None = None) -> tuple[str, ...]:
        """Return the allowed answers as canonical texts, of one item or of the common scale."""
        return (self.scale if item is None else self.scale_of(item)).answers()
