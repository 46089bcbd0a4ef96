"""The real door, for many faults at once: each case is a clinic of its own, taken in with the rest.

A case says what a clinic sends and what must become of it: rows accepted, duplicate, superseded or
declared as tests; rows refused, each with line, rule and column; files refused, each with its rule
and place. :func:`through_the_door` takes all cases in together, as a month of many clinics is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from expectations.intake import Intake, take_in
from rapport.clinics import Clinic, Registry
from rapport.instruments import load_catalogue
from rapport.sources import Delivery

MONTH = "2026-02"
COLUMNS = ("patient", "therapist", "session", "date", *(f"g{n}" for n in range(1, 8)))
HEAD = ",".join(COLUMNS)
GOOD = "p1,T1,1,2026-02-03,0,1,2,3,0,1,2"
GOOD_2 = "p2,T2,4,2026-02-28,3,3,3,3,3,3,3"
EXPORT: Mapping[str, Any] = {
    "id": "sessions",
    "path": "sessions_{month}*",
    "format": "delimited",
    "patient": "patient",
    "therapist": "therapist",
    "session": "session",
    "date": "date",
    "missing_codes": {"-9": "skipped"},
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "g{item}"}],
    "ignored": ["note_*"],
}

Place = tuple[int, str, str]
"""Line, rule and column of one refused row, or of one refused file (line 0: the whole file)."""


@dataclass(frozen=True)
class Outcome:
    """What became of what a clinic sent; rows that are not named are none."""

    accepted: int = 0
    refused: frozenset[Place] = frozenset()
    files: frozenset[Place] = frozenset()
    duplicate: int = 0
    superseded: int = 0
    test: int = 0
    quarantined: int = 0

    def __str__(self) -> str:
        parts = [f"{name}={value}" for name, value in vars(self).items() if value]
        return ", ".join(parts) or "nothing"


def rows(accepted: int = 0, *refused: Place, **states: int) -> Outcome:
    """So many rows accepted, and these refused."""
    lines = {line for line, _, _ in refused}
    states.setdefault("quarantined", len(lines))
    return Outcome(accepted, frozenset(refused), **states)


def refused(rule: str, line: int | None = None, column: str = "", *more: Place) -> Outcome:
    """The file refused whole, for this rule at this place."""
    return Outcome(files=frozenset({(line or 0, rule, column), *more}))


@dataclass(frozen=True)
class Case:
    """What a clinic sends, how its export is declared, and what must become of it."""

    content: bytes | tuple[bytes, ...]
    outcome: Outcome
    export: Mapping[str, Any] = field(default_factory=dict)
    clinic: Mapping[str, Any] = field(default_factory=dict)

    @property
    def contents(self) -> tuple[bytes, ...]:
        """The files, in order of receipt."""
        return (self.content,) if isinstance(self.content, bytes) else self.content


def case(
    content: bytes | tuple[bytes, ...],
    outcome: Outcome,
    **export: Any,  # noqa: ANN401 - keys of a mapping
) -> Case:
    """A case that differs from the usual export by some keys of its mapping."""
    own = export.pop("clinic_entry", {})
    return Case(content, outcome, export, own)


def lines(*texts: str, end: str = "\n", encoding: str = "utf-8") -> bytes:
    """Lines of text as a file."""
    return (end.join(texts) + end).encode(encoding)


def sheet(*texts: str, **how: str) -> bytes:
    """A file of the usual header and these rows."""
    return lines(HEAD, *texts, **how)


def good(**changes: str) -> str:
    """The first good row, with changes by column; quoted where a comma or quote needs it."""
    cells = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | changes
    return ",".join(
        f'"{text}"' if {",", "\n", "\r"} & set(text) else text for text in cells.values()
    )


def clinic_of(name: str, one: Case) -> Clinic:
    """The clinic of a case."""
    entry = {
        "id": name,
        "name": name,
        "sector": "public",
        "timezone": "Europe/Warsaw",
        "source": name,
        "first_month": "2025-11",
        "therapists": ["T1", "T2", "NA", "None", "ŁK"],
        "exports": [{**EXPORT, **one.export}],
    }
    return Clinic.model_validate({**entry, **one.clinic})


def taken(cases: Mapping[str, Case]) -> tuple[Intake, dict[str, str]]:
    """Take all cases in together; return the intake, and the clinic of each case."""
    names = {title: f"case-{number:03d}" for number, title in enumerate(cases)}
    clinics = {names[title]: clinic_of(names[title], one) for title, one in cases.items()}
    files = [
        Delivery(names[title], MONTH, "sessions", f"sessions_{MONTH}_{number}.csv", content)
        for title, one in cases.items()
        for number, content in enumerate(one.contents)
    ]
    registry = Registry(clinics, "0" * 64)
    return take_in(files, registry=registry, catalogue=load_catalogue()), names


def through_the_door(cases: Mapping[str, Case]) -> dict[str, Outcome]:
    """Return what became of each case."""
    intake, names = taken(cases)
    return {
        title: _outcome(
            intake.readings[intake.readings.clinic_id == name],
            intake.quarantine[intake.quarantine.clinic_id == name],
        )
        for title, name in names.items()
    }


def _outcome(readings: pd.DataFrame, quarantine: pd.DataFrame) -> Outcome:
    is_refused = readings.refusal_rule.notna()
    stopped = set(readings.content_sha256[is_refused])
    counts = readings[~is_refused].filter(like="rows_").sum().astype(int)
    places = [
        (digest in stopped, (int(line), str(rule), str(column)))
        for digest, line, rule, column in quarantine[
            ["content_sha256", "line", "rule", "column"]
        ].itertuples(index=False, name=None)
    ]
    states = {n: int(counts.get(f"rows_{n}", 0)) for n in _STATES}
    if int(counts.get("rows_received", 0)) != sum(states.values()):
        raise AssertionError("rows in are not the sum of the five states")
    return Outcome(
        refused=frozenset(place for whole, place in places if not whole),
        files=frozenset(place for whole, place in places if whole),
        **states,
    )


_STATES: Sequence[str] = ("accepted", "quarantined", "superseded", "duplicate", "test")
