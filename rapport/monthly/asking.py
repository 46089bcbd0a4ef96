"""From what a person asks for (months, clinics) to clinic-months, or a fault that says why not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rapport.errors import Fault, SettingsError
from rapport.monthly.slices import ClinicMonth
from rapport.months import Month, months_through

if TYPE_CHECKING:
    from rapport.home import Home


def asked_slices(
    home: "Home", *, month: str, through: str | None = None, clinics: Sequence[str] | None = None
) -> list[ClinicMonth]:
    """Return the clinic-months from ``month`` through ``through``, of these or of all clinics.

    Raises:
        SettingsError: The months are out of order or before the configured first one, a clinic
            is unknown, or none is registered.
        RapportError: A month is not written YYYY-MM.
    """
    first, last = Month.parse(month), Month.parse(through or month)
    known_from = Month.parse(home.settings.start_month)
    faults = []
    if last < first:
        faults.append(
            Fault("MONTH_ORDER", "The last month lies before the first.", "Swap the two.")
        )
    if first < known_from:
        faults.append(
            Fault(
                "BEFORE_START",
                f"This home begins with {known_from}.",
                "Ask for a later month, or set start_month in rapport.yaml before the first run.",
            )
        )
    if faults:
        raise SettingsError(faults)
    chosen = [home.registry.clinic(one).id for one in clinics or home.registry.clinics]
    if not chosen:
        raise SettingsError(
            Fault("NO_CLINICS", "No clinic is registered.", "Describe one in clinics.yaml.")
        )
    names = [str(one) for one in months_through(first, last)]
    return [ClinicMonth(clinic, name) for clinic in dict.fromkeys(chosen) for name in names]
