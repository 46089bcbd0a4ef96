"""Hold: what a collection left alone in a clinic-month, and why, until the next one."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from rapport.monthly.slices import ClinicMonth
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.sources import Held

MOST_KEPT = 100
"""Most files of a clinic-month that are told one by one."""


def keep_held(home: "Home", held: Mapping[ClinicMonth, Sequence["Held"]]) -> None:
    """Replace what is known to be held of these clinic-months; nothing held is kept as nothing."""
    rows = [
        (one.clinic_id, one.month, place, *told)
        for one, found in held.items()
        for place, told in enumerate(_told(found))
    ]
    names = [column.name for column in tables.held_files.columns]
    home.warehouse.replace_slices(
        {tables.held_files: pd.DataFrame(rows, columns=names)}, [one.key for one in held]
    )


def _told(found: Sequence["Held"]) -> list[tuple[str, str, str]]:
    told = [(one.export_id, one.file, one.reason) for one in found[:MOST_KEPT]]
    if len(found) > MOST_KEPT:
        told.append(("", "", f"{len(found) - MOST_KEPT} more files are held."))
    return told


def held_files(home: "Home", months: Sequence[str]) -> pd.DataFrame:
    """Return what the last collection of each clinic-month left alone.

    Returns:
        One row a file: ``clinic_id``, ``month``, ``place``, ``export_id``, ``file``, ``reason``;
        export and file are empty where a source could not be looked through at all.
    """
    return home.warehouse.read(tables.held_files, month=list(months))
