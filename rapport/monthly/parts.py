"""Parts: clinic-months that are worked on together, so many that memory stays flat.

A month of five hundred clinics is taken in and scored part by part. Each part is written before the
next one begins, in one transaction: whoever is interrupted leaves whole clinic-months, and memory
follows the size of a part, not the number of files. Months come one after the other, because a
month is held against the ones before it.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.home import Home

PART_BYTES = 8_000_000
"""Bytes of files that are taken in together: about 2.5 million answers, and a third of a gigabyte
while they are judged. Smaller parts would ask Great Expectations more often than is worth it."""

_PACKED_NAMES = (".gz", ".zip", ".xlsx", ".zsav")
_PACKED_TIMES = 12
"""How many times its size a packed file holds: what tables of short numbers usually shrink by."""

PART_FORMS = 200_000
"""Forms that are scored together."""


def parts_by_bytes(home: "Home", slices: Sequence[ClinicMonth]) -> list[list[ClinicMonth]]:
    """Split clinic-months by the bytes of the files that the ledger has of them.

    Clinics that share a scheme of patient ids stay together: what one of them says of a patient
    counts for the other.
    """
    ledger = home.warehouse.read(
        tables.exports,
        columns=["clinic_id", "month", "received_name", "size_bytes"],
        clinic_id=clinic_ids(slices),
        month=months(slices),
    )
    sizes: dict[ClinicMonth, int] = {}
    for row in records(ledger):
        one = ClinicMonth(row["clinic_id"], row["month"])
        is_packed = row["received_name"].lower().endswith(_PACKED_NAMES)
        size = row["size_bytes"] * (_PACKED_TIMES if is_packed else 1)
        sizes[one] = sizes.get(one, 0) + size

    def together(one: ClinicMonth) -> Hashable:
        scheme = home.registry.clinic(one.clinic_id).patient_id_scheme
        return ("clinic", one.clinic_id) if scheme is None else ("scheme", scheme)

    return list(in_parts(slices, sizes, PART_BYTES, together=together))


def parts_by_forms(
    home: "Home", slices: Sequence[ClinicMonth], most: int = PART_FORMS
) -> list[list[ClinicMonth]]:
    """Split clinic-months by the number of forms that were accepted.

    Args:
        home: The home.
        slices: The clinic-months.
        most: Forms of a part, unless one clinic-month has more.
    """
    stored = tables.PACKED[tables.survey_responses].c
    query = sa.select(stored.clinic_id, stored.month, stored.n_rows).where(
        stored.month.in_(months(slices))
    )
    with home.warehouse.engine.connect() as connection:
        rows = connection.execute(query).all()
    return list(in_parts(slices, {ClinicMonth(c, m): n for c, m, n in rows}, most))


def in_parts(
    slices: Sequence[ClinicMonth],
    sizes: Mapping[ClinicMonth, int],
    most: int,
    *,
    together: Callable[[ClinicMonth], Hashable] = lambda one: one.clinic_id,
) -> Iterator[list[ClinicMonth]]:
    """Yield clinic-months in parts of one month each, the oldest month first.

    Args:
        slices: The clinic-months.
        sizes: The size of each; 0 for those that are not named.
        most: Size that a part does not exceed, unless what must stay together is larger.
        together: Clinic-months of one month with the same answer stay together.
    """
    for month in months(slices):
        groups: dict[Hashable, list[ClinicMonth]] = {}
        for one in slices:
            if one.month == month:
                groups.setdefault(together(one), []).append(one)
        part: list[ClinicMonth] = []
        size = 0
        for group in groups.values():
            more = sum(sizes.get(one, 0) for one in group)
            if part and size + more > most:
                yield part
                part, size = [], 0
            part, size = [*part, *group], size + more
        if part:
            yield part
