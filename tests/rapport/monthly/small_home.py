"""A home with one small clinic, or a few, and the steps of its month, without Dagster and PDFs.

Everything is the real thing but the drawing of pages: a document's bytes are its facts as text, so
that a step takes a tenth of a second and not two.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from expectations.taking_in import take_in_and_record
from expectations.words import rule_words
from rapport.home import Home, make_home, open_home
from rapport.monthly import ClinicMonth, closing, collecting, publishing, scoring
from rapport.monthly.publishing import Edition
from rapport.months import Month
from rapport.rendering.pdf import RenderedReport

MONTH = "2025-02"
ITEMS = [f"phq{item}" for item in range(1, 10)]
HEADER = ["pid", "ther", "sess", "day", "end", *ITEMS]
EPOCH = datetime(2025, 3, 1, tzinfo=UTC)

Row = dict[str, str]
Entry = dict[str, Any]


def a_row(patient: int, session: int, *, month: str = MONTH, answer: int = 1, **more: str) -> Row:
    """One session of a patient, every question answered alike."""
    return {
        "pid": f"P{patient:03d}",
        "ther": f"T{patient % 2 + 1}",
        "sess": str(session),
        "day": f"{month}-{(patient + 7 * session) % 28 + 1:02d}",
        "end": "0",
        **{name: str((answer + place) % 4) for place, name in enumerate(ITEMS)},
        **more,
    }


def rows_of(patients: int, sessions: int = 2, *, month: str = MONTH, answer: int = 1) -> list[Row]:
    """Rows of some patients, each with some sessions."""
    return [
        a_row(patient, session, month=month, answer=answer)
        for patient in range(patients)
        for session in range(1, sessions + 1)
    ]


def as_csv(rows: Sequence[Row]) -> str:
    """Write rows as the clinic's software does."""
    lines = [",".join(HEADER), *(",".join(row[name] for name in HEADER) for row in rows)]
    return "\n".join(lines) + "\n"


def mapping(**changes: object) -> dict[str, Any]:
    """How the clinic's export is to be read."""
    return {
        "id": "sessions",
        "path": "sessions_{month}*.csv",
        "format": "delimited",
        "patient": "pid",
        "therapist": "ther",
        "session": "sess",
        "date": "day",
        "ending": {"column": "end", "codes": {"0": "ongoing", "1": "planned"}},
        "forms": [{"instrument": "phq-9", "rater": "patient", "items": "phq{item}"}],
        **changes,
    }


def clinic(name: str = "alpha", *, export: dict[str, Any] | None = None, **more: object) -> Entry:
    """A clinic's registry entry."""
    return {
        "id": name,
        "name": name.title(),
        "sector": "public",
        "timezone": "Europe/London",
        "source": name,
        "first_month": "2025-01",
        "recipients": [f"manager@{name}.example.org"],
        "therapists": ["T1", "T2"],
        "exports": [export or mapping()],
        **more,
    }


def register(home: Home, *clinics: Entry) -> Home:
    """Write the registry, and open the home anew."""
    (home.root / "clinics.yaml").write_text(yaml.safe_dump({"clinics": list(clinics)}))
    home.warehouse.close()
    return open_home(home.root)


def small_home(root: Path, *clinics: Entry) -> Home:
    """Make a home with these clinics, or with one called alpha."""
    made = make_home(root)
    (root / "rapport.yaml").write_text("report_processes: 1\n")
    return register(made, *(clinics or [clinic()]))


def upload(home: Home, name: str, rows: Sequence[Row] | str, *, of: str = "alpha") -> Path:
    """Put a file into a clinic's folder, whole and finished."""
    file = home.inbox / of / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(rows if isinstance(rows, str) else as_csv(rows))
    return file


def set_clock(home: Home, clock: Callable[[], datetime]) -> None:
    """Let the ledger write the times of a clock that the test turns."""
    home.warehouse._clock = clock


class Clock:
    """A clock that goes on by a minute whenever it is asked, and by hand."""

    def __init__(self) -> None:
        self.now = EPOCH

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def take_in(home: Home, *months: str, of: str = "alpha") -> str:
    """Collect, validate and score; return the last month's verdict."""
    slices = [ClinicMonth(of, month) for month in months or (MONTH,)]
    collecting.collect(home, slices)
    take_in_and_record(home, slices)
    scoring.score(home, slices)
    return verdict(home, slices[-1])


def verdict(home: Home, one: ClinicMonth) -> str:
    """Return the newest verdict."""
    newest = home.warehouse.newest_verdicts([one.month])
    return str(newest[newest.clinic_id == one.clinic_id].verdict.item())


def close(home: Home, month: str = MONTH) -> None:
    """Close a month."""
    closing.close_outcomes(home, Month.parse(month))
    closing.close_aggregates(home, Month.parse(month))


@contextmanager
def without_pages() -> Iterator[None]:
    """Let a document's bytes be its facts as text."""

    def render_each(facts: Sequence[Any], *, processes: int) -> list[RenderedReport]:
        del processes
        return [
            RenderedReport(json.dumps(asdict(one), sort_keys=True).encode(), 1) for one in facts
        ]

    with mock.patch("rapport.rendering.pool.render_each", render_each):
        yield


def publish(home: Home, month: str = MONTH, *, of: str = "alpha") -> Edition:
    """Publish a clinic-month; return its newest edition."""
    with without_pages():
        one = ClinicMonth(of, month)
        return publishing.publish(home, [one], rule_words())[one]
