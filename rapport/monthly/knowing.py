"""Who is known where: patients accepted so far, for clinics that share a scheme of patient ids."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rapport.exports.elsewhere import KnownPatients
from rapport.monthly.slices import ClinicMonth
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.home import Home


def known_patients(home: "Home", slices: Sequence[ClinicMonth]) -> KnownPatients:
    """Return whom other clinic-months than these know, up to the latest of their months.

    Later months are left out, so that an old month that is taken in again says what it said.

    Args:
        home: The home; its registry says which clinics share a scheme.
        slices: The clinic-months that are to be taken in; what they said before does not count.
    """
    clinics = home.registry.clinics
    schemes = {clinics[one.clinic_id].patient_id_scheme for one in slices} - {None}
    sharing = [name for name, one in clinics.items() if one.patient_id_scheme in schemes]
    if not sharing:
        return KnownPatients()
    columns = ["clinic_id", "month", "patient_id"]
    rows = home.warehouse.read(tables.sessions, columns=columns, clinic_id=sharing)
    last, own = max(one.month for one in slices), set(slices)
    pairs = {
        (clinic_id, patient)
        for clinic_id, month, patient in rows.drop_duplicates().itertuples(index=False, name=None)
        if month <= last and ClinicMonth(clinic_id, month) not in own
    }
    return KnownPatients.of(pairs, clinics)
