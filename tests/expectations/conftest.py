"""Fixtures of the tests about rules: the instrument catalogue, and a way to take files in."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from expectations.intake import Intake, take_in
from rapport.clinics import Clinic, Registry
from rapport.instruments import Instrument, load_catalogue
from rapport.monthly.slices import ClinicMonth
from rapport.sources import Delivery
from tests.expectations.small_clinic import clinic_named, delivery


@pytest.fixture(scope="session")
def catalogue() -> Mapping[str, Instrument]:
    return load_catalogue(None)


Taken = Callable[..., Intake]


@pytest.fixture
def taken(catalogue: Mapping[str, Instrument]) -> Taken:
    """Take files of one or several clinics in; texts are files of ``alpha``."""

    def take(
        *files: str | Delivery,
        clinics: Sequence[Clinic] = (),
        expected: Sequence[ClinicMonth] = (),
    ) -> Intake:
        known = clinics or [clinic_named()]
        return take_in(
            [one if isinstance(one, Delivery) else delivery(one) for one in files],
            registry=Registry({one.id: one for one in known}, "0" * 64),
            catalogue=catalogue,
            expected=expected,
        )

    return take
