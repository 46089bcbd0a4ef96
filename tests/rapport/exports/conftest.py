"""A small clinic and its exports, for every test of this room."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
import pytest

from rapport.clinics import Clinic, ExportMapping
from rapport.exports import Reading, concat_rows, read_export
from rapport.exports.canonical import responses_of, sessions_of
from rapport.exports.facts import FACTS, add_facts
from rapport.exports.reconcile import reconcile
from rapport.instruments import Instrument, load_catalogue
from rapport.sources import Delivery

KEYS = ["patient", "therapist", "session", "date"]
ITEMS = [f"g{item}" for item in range(1, 8)]
HEADER = [*KEYS, *ITEMS]
MAPPING = {
    "id": "sessions",
    "path": "sessions_{month}*.csv",
    "format": "delimited",
    "patient": "patient",
    "therapist": "therapist",
    "session": "session",
    "date": "date",
    "missing_codes": {"-9": "skipped"},
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "g{item}"}],
    "ignored": ["note_*"],
}


@dataclass(frozen=True)
class Desk:
    """Reads made-up exports of one clinic as the pipeline does."""

    catalogue: Mapping[str, Instrument] = field(repr=False)

    header = tuple(HEADER)

    def clinic(self, *exports: Mapping[str, object]) -> Clinic:
        """Return the clinic, with one export or several, each given by what differs."""
        mappings = [MAPPING | dict(export) for export in exports or ({},)]
        return Clinic.model_validate(
            {
                "id": "hill",
                "name": "Hill Clinic",
                "sector": "public",
                "timezone": "Europe/Warsaw",
                "source": "hill",
                "first_month": "2025-11",
                "therapists": ["T1", "T2", "NA", "ŁK"],
                "exports": mappings,
            }
        )

    def row(self, patient: str = "p1", session: str = "1", **changes: str) -> list[str]:
        """Return one flawless row, with changes by column."""
        cells = dict(zip(HEADER, [patient, "T1", session, "2026-02-03", *"0123012"], strict=True))
        cells |= changes
        return list(cells.values())

    def csv(
        self, *rows: Sequence[str], header: Sequence[str] = HEADER, delimiter: str = ","
    ) -> bytes:
        """Write rows as a CSV file in UTF-8."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
        writer.writerows([header, *rows])
        return text.getvalue().encode()

    def read(self, content: bytes, *, file: str = "sessions.csv", **changes: object) -> Reading:
        """Read one file by the mapping, with changes."""
        clinic = self.clinic(changes)
        return self.read_as(content, clinic, clinic.exports[0].id, file=file)

    def read_as(
        self, content: bytes, clinic: Clinic, export_id: str, *, file: str = "sessions.csv"
    ) -> Reading:
        """Read one file as one of a clinic's exports."""
        mapping: ExportMapping = next(one for one in clinic.exports if one.id == export_id)
        delivery = Delivery(clinic.id, "2026-02", export_id, file, content)
        return read_export(delivery, mapping=mapping, clinic=clinic, catalogue=self.catalogue)

    def judged(
        self, *readings: Reading, clinic: Clinic | None = None
    ) -> tuple[pd.DataFrame, "pd.Series[str]"]:
        """Return rows with facts, and their states if every fact but a yes refuses a row."""
        rows = add_facts(
            concat_rows(readings),
            clinics={"hill": clinic or self.clinic()},
            catalogue=self.catalogue,
        )
        broken = (rows[[f"fact.{name}" for name in FACTS]] == "no").any(axis=1)
        for name in rows.columns:
            form, _, item = name.rpartition(".")
            if item.isdigit():
                allowed = self.catalogue[form.partition(".")[0]].allowed_answers(int(item))
                broken |= rows[name].notna() & ~rows[name].isin(allowed)
        return rows, reconcile(rows, broken)

    def states(self, *contents: bytes, **changes: object) -> list[str]:
        """Return the state of every row of some files, received in this order."""
        clinic = self.clinic(changes)
        readings = [
            self.read_as(content, clinic, clinic.exports[0].id, file=f"{place}.csv")
            for place, content in enumerate(contents)
        ]
        return self.judged(*readings, clinic=clinic)[1].tolist()

    def canonical(
        self, rows: pd.DataFrame, states: "pd.Series[str]"
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the sessions and the administrations of judged rows."""
        return sessions_of(rows, states), responses_of(rows, states, self.catalogue)


@pytest.fixture(scope="session")
def desk() -> Desk:
    """Reads made-up exports."""
    return Desk(load_catalogue())
