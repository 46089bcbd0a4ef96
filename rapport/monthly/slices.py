"""The clinic-month as a value: the unit in which clinics deliver and Rapport works."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ClinicMonth:
    """One clinic, one calendar month (``YYYY-MM``)."""

    clinic_id: str
    month: str

    @property
    def key(self) -> dict[str, str]:
        """The natural key of this clinic-month's slices in the warehouse."""
        return {"clinic_id": self.clinic_id, "month": self.month}


def clinic_ids(slices: Iterable[ClinicMonth]) -> list[str]:
    """Return the distinct clinics, in order of first appearance."""
    return list(dict.fromkeys(one.clinic_id for one in slices))


def months(slices: Iterable[ClinicMonth]) -> list[str]:
    """Return the distinct months, oldest first."""
    return sorted({one.month for one in slices})


def grid(clinics: Sequence[str], of_months: Sequence[str]) -> list[ClinicMonth]:
    """Return every clinic × month."""
    return [ClinicMonth(clinic, month) for clinic in clinics for month in of_months]
