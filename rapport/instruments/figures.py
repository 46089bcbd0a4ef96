"""Figures about an instrument, each with its status and its source.

Nothing here knows how to score. A figure says how sure it is: ``checked`` against a source,
``cited`` from the publication named and not re-checked, ``uncertain``, or ``policy`` – a decision
of this project or of a clinic's own configuration, which no publication backs. An uncertain
figure is shown as a doubt and is never used to score or to classify.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["checked", "cited", "uncertain", "policy"]
"""How sure a figure is."""

Comparison = Literal["at_least", "above", "at_most", "below"]
"""On which side of a cut-off a score counts; ``at_least`` and ``at_most`` include the cut-off."""

Sentence = Annotated[str, Field(min_length=3, max_length=600)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Declared(BaseModel):
    """Immutable, and strict about unknown keys: a misspelt key is a fault, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sourced(Declared):
    """Something that is known from somewhere.

    Attributes:
        status: How sure it is.
        source: Where it comes from: publication, or who decided it.
        note: What a careful reader should know besides.
    """

    status: Status
    source: Sentence
    note: Sentence | None = None

    @property
    def is_usable(self) -> bool:
        """Whether scores and classes may rest on it: everything but ``uncertain``."""
        return self.status != "uncertain"


class Figure(Sourced):
    """One number about an instrument, in points of the scale that it belongs to."""

    value: Number


class CutOff(Figure):
    """A score that separates two groups.

    Attributes:
        comparison: Which side of ``value`` is the side that ``meaning`` describes.
        meaning: What a score on that side means, in words.
        scale: ``total``, or the subscale it belongs to.
    """

    comparison: Comparison
    meaning: Sentence
    scale: str = "total"


class Band(Sourced):
    """A range of total scores with a published name; both ends are included."""

    label: Sentence
    minimum: Number
    maximum: Number


class Norm(Sourced):
    """Mean and standard deviation of a scale in a described group.

    Attributes:
        population: Who was asked.
        mean: Mean score in points.
        sd: Standard deviation in points, > 0.
        n: How many people.
        scale: ``total``, or the subscale it belongs to.
    """

    population: Sentence
    mean: Number
    sd: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    n: Annotated[int, Field(gt=0)] | None = None
    scale: str = "total"


class Reliability(Sourced):
    """A published reliability coefficient, or the range of several.

    Attributes:
        kind: Which coefficient.
        low: The coefficient, or the lowest reported.
        high: The highest reported; the same as ``low`` if there is one figure.
        scale: ``total``, or the subscale it belongs to.
    """

    kind: Literal["alpha", "omega", "retest", "icc"]
    low: Annotated[float, Field(ge=0, le=1)]
    high: Annotated[float, Field(ge=0, le=1)]
    scale: str = "total"


class Unscored(Sourced):
    """Questions that are printed after the last item and belong to no score.

    Attributes:
        count: How many, from 1 to 9.
    """

    count: Annotated[int, Field(ge=1, le=9)]


class Licence(Sourced):
    """Under which terms the questionnaire may be used. Its wording is never shipped."""

    terms: Sentence
