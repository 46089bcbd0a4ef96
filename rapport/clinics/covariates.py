"""Covariates: what a clinic knows of its patients at the start of treatment, declared by column.

They hold equal, beside the first score, what else differs between patients when outcomes are
compared. A value off the declaration refuses its row; nothing is cut, rounded or guessed. One name
is reserved: ``problem``, the problem descriptor, whose codes stand for ICD-10 codes and which also
decides which anxiety measure a treatment is judged by.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PROBLEM = "problem"
"""The covariate that is the problem descriptor."""

_ICD_10 = re.compile(r"[A-Z][0-9]{2}(\.[0-9A-Z]{1,4})?", re.ASCII)

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?", re.ASCII)

CovariateName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
"""Rapport's name for it: clinics that use one name, kind and set of words can be compared by it."""

_Column = Annotated[str, Field(min_length=1, max_length=16384)]
_Word = Annotated[str, Field(pattern=r"^\w[\w .,+<>/–-]{0,63}$")]
_Reason = Literal["not_asked", "skipped", "refused", "technical"]


class _Covariate(BaseModel):
    """What every covariate has; unknown keys are faults.

    Attributes:
        column: Column of the export, on rows of sessions or on the patient's record.
        missing_codes: Code → reason; missing in this column alone, beside those of the export.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: _Column
    missing_codes: dict[str, _Reason] = Field(default_factory=dict)


class NumberCovariate(_Covariate):
    """A number, such as the age in years.

    Attributes:
        minimum, maximum: Smallest and largest value that can be; one beyond them refuses its row.
    """

    kind: Literal["number"]
    minimum: float
    maximum: float

    @model_validator(mode="after")
    def _range_is_one(self) -> Self:
        if not (math.isfinite(self.minimum) and math.isfinite(self.maximum)):
            raise ValueError("minimum and maximum must be numbers")
        if self.minimum >= self.maximum:
            raise ValueError("minimum must be below maximum")
        return self

    @property
    def words(self) -> tuple[str, ...]:
        """The words that may stand there: none, it is a number."""
        return ()

    def holds(self, text: str) -> bool:
        """Whether a text, in canonical form, is a number within the range."""
        return is_number(text) and self.minimum <= float(text) <= self.maximum


class CategoryCovariate(_Covariate):
    """A category, such as employment.

    Attributes:
        codes: The clinic's code → word; a code that is not listed refuses its row.
    """

    kind: Literal["category"]
    codes: dict[str, _Word] = Field(min_length=1)

    @model_validator(mode="after")
    def _words_are_no_numbers(self) -> Self:
        if any(is_number(word) for word in self.words):
            raise ValueError("codes: a word must not be a number; declare a number, or write words")
        return self

    @property
    def words(self) -> tuple[str, ...]:
        """The words that may stand there, in order."""
        return tuple(sorted(set(self.codes.values())))

    def holds(self, text: str) -> bool:
        """Whether a text is a declared word."""
        return text in self.words


def is_number(text: str) -> bool:
    """Whether a text is a number in canonical form: ``34``, ``-0.5``."""
    return _NUMBER.fullmatch(text) is not None


Covariate = Annotated[NumberCovariate | CategoryCovariate, Field(discriminator="kind")]

Signature = tuple[str, ...]
"""What two clinics must share to be compared by a covariate: its kind, and the words of it."""


def signature(covariate: Covariate) -> Signature:
    """Return the kind of a covariate and the words that may stand there."""
    return (covariate.kind, *covariate.words)


def faults_in(covariates: Mapping[str, Covariate]) -> str | None:
    """Say what is wrong with one export's covariates; ``None`` if nothing is."""
    problem = covariates.get(PROBLEM)
    if problem is None:
        return None
    if not isinstance(problem, CategoryCovariate):
        return "covariates: problem is a category, whose codes stand for ICD-10 codes"
    if not all(_ICD_10.fullmatch(word) for word in problem.words):
        return "covariates: the codes of problem must stand for ICD-10 codes, such as F40.1"
    return None


def joint_signatures(parts: Iterable[Mapping[str, Covariate]]) -> dict[str, Signature]:
    """Return the covariates of all exports of a clinic by name.

    Raises:
        ValueError: Two exports declare one name differently.
    """
    found: dict[str, Signature] = {}
    for part in parts:
        for name, covariate in part.items():
            if found.setdefault(name, signature(covariate)) != signature(covariate):
                raise ValueError(f"covariates: {name} is declared differently in two exports")
    return found
