"""How clinics and therapists change: merged, split, closed; here only from or until a day."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from rapport.clinics.registry import Clinic

MonthName = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
ClinicId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=48)]


class Transfer(BaseModel):
    """One patient who went on in another clinic under the same id.

    Attributes:
        patient: The patient's pseudonym.
        from_clinic: Id of the clinic that the patient comes from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    patient: Annotated[str, Field(min_length=1, max_length=64)]
    from_clinic: ClinicId


class TakenOver(BaseModel):
    """A clinic whose patients go on here: it merged into this one, or this one split off.

    Attributes:
        clinic: Id of the clinic that they come from.
        from_month: First month (``YYYY-MM``) in which they are seen here; written ``from``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    clinic: ClinicId
    from_month: Annotated[MonthName, Field(alias="from")]


class Term(BaseModel):
    """When a therapist works in a clinic, where that is not always.

    Attributes:
        from_day: First day here; written ``from``.
        until: Last day here.
        moved_to: Id of the clinic that the therapist went to, for whoever reads the registry.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    from_day: Annotated[date | None, Field(alias="from")] = None
    until: date | None = None
    moved_to: ClinicId | None = None

    @model_validator(mode="after")
    def _days_are_in_order(self) -> Self:
        if self.from_day is None and self.until is None:
            raise ValueError("a term needs from, until, or both")
        if self.from_day and self.until and self.until < self.from_day:
            raise ValueError("until lies before from")
        return self

    def holds(self, first: date, last: date) -> bool:
        """Whether the therapist works here on some day from ``first`` through ``last``."""
        return (self.from_day is None or self.from_day <= last) and (
            self.until is None or first <= self.until
        )


def change_faults(clinics: "Sequence[Clinic]") -> Iterator[str]:
    """Yield what does not fit together in what clinics say of each other's patients."""
    known = {clinic.id: clinic for clinic in clinics}
    for clinic in clinics:
        named = [one.clinic for one in clinic.takes_over]
        for other in [*named, *(t.moved_to for t in clinic.terms.values() if t.moved_to)]:
            if other not in known or other == clinic.id:
                yield f"clinics: {clinic.id} names {other}, which is no other clinic"
        for other in named:
            back = known[other].takes_over if other in known else ()
            if clinic.id in [one.clinic for one in back] and clinic.id < other:
                yield f"clinics: {clinic.id} and {other} take each other over"
