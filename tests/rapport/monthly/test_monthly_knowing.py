"""Patients of clinics with one scheme of ids: who is known elsewhere, and from when on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport.exports.elsewhere import digest
from rapport.home import Home
from rapport.monthly import ClinicMonth
from rapport.monthly.knowing import known_patients
from rapport.warehouse import tables
from tests.rapport.monthly.small_home import (
    MONTH,
    clinic,
    register,
    rows_of,
    small_home,
    take_in,
    upload,
)

NEXT = "2025-03"
SCHEME = {"patient_id_scheme": "region"}
P000 = digest("region", "P000")


@pytest.fixture
def sharing(tmp_path: Path) -> Iterator[Home]:
    """Two clinics that share a scheme; alpha's patients of one month are known."""
    made = small_home(tmp_path / "home", clinic("alpha", **SCHEME), clinic("beta", **SCHEME))
    upload(made, f"sessions_{MONTH}.csv", rows_of(6))
    assert take_in(made) == "passed"
    yield made
    made.warehouse.close()


def refused_rules(home: Home, of: str, month: str) -> set[str]:
    rows = home.warehouse.read(tables.quarantine, clinic_id=of, month=month)
    return set(rows["rule"])


def test_patients_accepted_elsewhere_are_known(sharing: Home) -> None:
    known = known_patients(sharing, [ClinicMonth("beta", MONTH)])
    assert known.clinics[P000] == {"alpha"}
    assert len(known.clinics) == 6


def test_what_a_clinic_month_said_itself_does_not_count(sharing: Home) -> None:
    assert known_patients(sharing, [ClinicMonth("alpha", MONTH)]).clinics == {}


def test_later_months_do_not_count(sharing: Home) -> None:
    assert known_patients(sharing, [ClinicMonth("beta", "2025-01")]).clinics == {}
    assert P000 in known_patients(sharing, [ClinicMonth("beta", NEXT)]).clinics


def test_clinics_without_a_scheme_know_nobody(sharing: Home) -> None:
    alone = register(sharing, clinic("alpha"), clinic("beta"))
    assert known_patients(alone, [ClinicMonth("beta", MONTH)]).clinics == {}
    alone.warehouse.close()


def test_i47_a_patient_of_another_clinic_is_refused_until_a_transfer_is_on_record(
    sharing: Home,
) -> None:
    upload(sharing, f"sessions_{NEXT}.csv", rows_of(6, month=NEXT), of="beta")
    assert take_in(sharing, NEXT, of="beta") == "failed"
    assert refused_rules(sharing, "beta", NEXT) == {"PATIENT_OF_OTHER_CLINIC"}
    moved = [{"patient": f"P{n:03d}", "from_clinic": "alpha"} for n in range(6)]
    mended = register(sharing, clinic("alpha", **SCHEME), clinic("beta", **SCHEME, transfers=moved))
    assert take_in(mended, NEXT, of="beta") == "passed"
    assert refused_rules(mended, "beta", NEXT) == set()
    mended.warehouse.close()
