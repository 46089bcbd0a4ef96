"""Fetch: which clinic-months are asked for by the calendar, because no folder can be watched."""

from typing import TYPE_CHECKING

from rapport.clinics.places import AskedPlace, FolderPlace
from rapport.monthly.slices import ClinicMonth
from rapport.months import Month, months_through

if TYPE_CHECKING:
    from rapport.clinics import Clinic
    from rapport.home import Home


def fetched_by_calendar(home: "Home", running: Month) -> list[ClinicMonth]:
    """Return the latest clinic-months of every source that is no folder, oldest month first.

    Args:
        home: The home; its settings say how many ended months are asked for again.
        running: The month that is running.
    """
    return [
        ClinicMonth(clinic.id, str(month))
        for clinic in home.registry.clinics.values()
        if not isinstance(clinic.place, FolderPlace)
        for month in months_through(_first(home, clinic, running), _last(clinic, running))
    ]


def _first(home: "Home", clinic: "Clinic", running: Month) -> Month:
    starts = (Month.parse(home.settings.start_month), Month.parse(clinic.first_month))
    return max(running.plus(-home.settings.fetch_months), *starts)


def _last(clinic: "Clinic", running: Month) -> Month:
    """Return the running month, or the one before it where only ended months are asked for."""
    waits = isinstance(clinic.place, AskedPlace) and not clinic.place.while_running
    return running.plus(-1) if waits else running
