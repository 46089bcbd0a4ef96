"""Refusals: which files were refused whole, where and why, and which of them are an alarm."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.home import Home

ALARMING = "WRONG_CLINIC"
"""The rule whose breach is told as an alarm: another clinic's patients were sent here."""

_FILE = ["clinic_id", "month", "content_sha256"]


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """One file that was refused whole.

    Attributes:
        clinic_id: The clinic that sent it.
        month: The month it was sent for, ``YYYY-MM``.
        file: Its name as it was received, made printable.
        rule: The rule it broke.
        line: Line of the first place at fault, from 1; 0 where the file as a whole is.
        column: Column of that place, or empty.
        remedy: What to do about it.
    """

    clinic_id: str
    month: str
    file: str
    rule: str
    line: int
    column: str
    remedy: str

    @property
    def is_alarm(self) -> bool:
        """Whether somebody must be told at once, also if the month passes without the file."""
        return self.rule == ALARMING

    @property
    def place(self) -> str:
        """File, line and column as far as they are known."""
        line = f"line {self.line}" if self.line else ""
        column = f"column {self.column}" if self.column else ""
        return ", ".join(part for part in (self.file, line, column) if part)


def refused_files(home: "Home", months: Sequence[str]) -> list[RefusedFile]:
    """Return the files of some months that were refused whole, alarms first.

    Args:
        home: The home.
        months: The months, ``YYYY-MM``.
    """
    wanted = list(months)
    readings = home.warehouse.read(
        tables.export_readings, columns=[*_FILE, "refusal_rule"], month=wanted
    )
    refused = readings[readings.refusal_rule.notna().to_numpy(dtype=bool)]
    if refused.empty:
        return []
    names = home.warehouse.read(tables.exports, columns=[*_FILE, "received_name"], month=wanted)
    places = home.warehouse.read(
        tables.quarantine, columns=[*_FILE, "line", "column", "rule", "remedy"], month=wanted
    )
    first = places.sort_values("line", kind="stable").drop_duplicates([*_FILE, "rule"])
    told = refused.merge(
        names.drop_duplicates(_FILE), on=_FILE, how="left", validate="many_to_one"
    ).merge(
        first,
        left_on=[*_FILE, "refusal_rule"],
        right_on=[*_FILE, "rule"],
        how="left",
        validate="many_to_one",
    )
    found = [
        RefusedFile(
            clinic_id=row["clinic_id"],
            month=row["month"],
            file=str(row["received_name"]),
            rule=row["refusal_rule"],
            line=int(row["line"]) if pd.notna(row["line"]) else 0,
            column=row["column"] if isinstance(row["column"], str) else "",
            remedy=row["remedy"] if isinstance(row["remedy"], str) else "",
        )
        for row in records(told)
    ]
    return sorted(found, key=lambda one: (not one.is_alarm, one.month, one.clinic_id, one.file))
