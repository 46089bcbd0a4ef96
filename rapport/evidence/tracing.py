"""From a printed figure back to files, rows, rules, code and configuration.

A trace starts from a PDF's bytes: the ledger says which edition they are, the edition says which
clinic-month, and the figure's id says which administrations or sessions it was computed from. Rows
stand as file and line, never as a patient. Of a suppressed figure only the files are told: how
many rows stand behind it is what is hidden.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from rapport.errors import EvidenceError, Fault
from rapport.evidence.resting_on import rests_on
from rapport.months import Month, months_through, trailing
from rapport.statistics.figures import CATALOGUE
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.warehouse.store import Warehouse

_PLACE = ["content_sha256", "line"]


@dataclass(frozen=True)
class Document:
    """The edition that a PDF is.

    Attributes:
        edition: Its row in the ledger.
        verdict: The clinic-month's newest verdict, or nothing.
        figures: Every published figure behind it, with the column ``who`` (``clinic``, a
            therapist's id, or the sector's name).
    """

    edition: Mapping[str, Any]
    verdict: Mapping[str, Any] | None
    figures: pd.DataFrame


@dataclass(frozen=True)
class Trace:
    """Where one figure comes from.

    Attributes:
        figure: The published row; ``carried_from`` names the report that printed it first, and
            the files are then those of its window, as they stand now.
        files: One row a file: ``content_sha256``, ``month``, ``export_id``, ``lines`` (how many,
            missing for a suppressed figure), ``ranges`` (which, such as ``2-9, 12``).
        is_hidden: Whether the figure is suppressed.
    """

    figure: Mapping[str, Any]
    files: pd.DataFrame
    is_hidden: bool


def open_document(home: "Home", pdf: Path) -> Document:
    """Find the edition of which these are the bytes.

    Raises:
        EvidenceError: No edition has these bytes: the file was altered, or is not from here.
    """
    sha = hashlib.sha256(pdf.read_bytes()).hexdigest()
    found = home.warehouse.read(tables.editions, pdf_sha256=sha)
    if found.empty:
        raise EvidenceError(
            Fault(
                "NOT_AN_EDITION",
                "No edition in the ledger has these bytes.",
                "Take the file from the reports folder of this home; a changed copy leads nowhere.",
                file=pdf.name,
            )
        )
    edition = records(found)[0]
    verdicts = home.warehouse.newest_verdicts([edition["month"]])
    own = records(verdicts[verdicts.clinic_id == edition["clinic_id"]])
    return Document(edition, own[0] if own else None, _figures(home, edition))


def _figures(home: "Home", edition: Mapping[str, Any]) -> pd.DataFrame:
    """Return the figures of the clinic, its therapists, its sector and of all clinics together."""
    read, month, clinic = home.warehouse.read, edition["month"], edition["clinic_id"]
    sector = home.registry.clinic(clinic).sector
    parts = [
        read(tables.clinic_aggregates, month=month, clinic_id=clinic).assign(who="clinic"),
        read(tables.therapist_aggregates, month=month, clinic_id=clinic).rename(
            columns={"therapist_id": "who"}
        ),
        read(tables.sector_benchmarks, month=month, sector=[sector, "all"]).rename(
            columns={"sector": "who"}
        ),
    ]
    return pd.concat(parts, ignore_index=True)


def trace(home: "Home", document: Document, *, figure: str, who: str, period: str) -> Trace:
    """Trace one figure of a document.

    Args:
        home: The home.
        document: The document, from :func:`open_document`.
        figure: Figure id, such as ``alliance.patient.total``.
        who: ``clinic``, a therapist's id, or the sector's name.
        period: ``month``, ``trailing_12`` or a month.

    Raises:
        EvidenceError: The document has no such figure.
    """
    rows = document.figures
    chosen = rows[(rows.figure == figure) & (rows.who == who) & (rows.period == period)]
    if chosen.empty:
        raise EvidenceError(_no_such_figure(rows, figure))
    row = records(chosen)[0]
    is_hidden = isinstance(row["suppression"], str)
    month = Month.parse(document.edition["month"])
    is_carried = period == "trailing_12" and isinstance(row["carried_from"], str)
    month = Month.parse(row["carried_from"]) if is_carried else month
    window = _window(period, month)
    if is_hidden:
        return Trace(row, _every_file(home, _clinics_of(home, row), window), is_hidden)
    behind = _rows_behind(home, row, window, month)
    ledger = home.warehouse.read(tables.exports, content_sha256=sorted(set(behind.content_sha256)))
    return Trace(row, _files(behind, ledger), is_hidden)


def _every_file(home: "Home", clinics: Sequence[str], window: Sequence[str]) -> pd.DataFrame:
    """Return all files of the window: which of them a hidden figure rests on is hidden too."""
    ledger = home.warehouse.read(tables.exports, clinic_id=clinics, month=window)
    return ledger[["month", "content_sha256", "export_id"]].assign(lines=None, ranges="")


def _no_such_figure(rows: pd.DataFrame, figure: str) -> Fault:
    known = rows[rows.figure == figure]
    told = sorted(set(zip(known.who, known.period, strict=True)))
    where = ", ".join(f"{who} in {period}" for who, period in told[:8])
    return Fault(
        "NO_SUCH_FIGURE",
        "This document has no such figure.",
        f"It has it for: {where}." if told else "`rapport trace PDF` lists all that it has.",
    )


def _window(period: str, month: Month) -> list[str]:
    if period == "trailing_12":
        return [str(one) for one in trailing(month, 12)]
    return [str(month) if period == "month" else period]


def _rows_behind(
    home: "Home", row: Mapping[str, Any], window: Sequence[str], month: Month
) -> pd.DataFrame:
    """Return the places (file and line) of the rows that a figure was computed from."""
    clinics = _clinics_of(home, row)
    needed = rests_on(str(row["figure"]))
    if needed.kind == "forms":
        found = home.warehouse.read_passed(tables.survey_responses, window, clinics=clinics)
        found = found[found.instrument.isin(needed.instruments)]
    elif needed.kind == "episodes":
        known = [str(m) for m in months_through(Month.parse(home.settings.start_month), month)]
        found = _of_ended_episodes(home.warehouse, needed.instruments, clinics, window, known)
    else:
        found = home.warehouse.read_passed(tables.sessions, window, clinics=clinics)
    if "therapist_id" in found and row["who"] not in ("clinic", "public", "private", "all"):
        found = found[found.therapist_id == row["who"]]
    return found[[*_PLACE, "month"]].drop_duplicates()


def _clinics_of(home: "Home", row: Mapping[str, Any]) -> list[str]:
    if isinstance(row["clinic_id"], str):
        return [row["clinic_id"]]
    every = home.registry.clinics.values()
    return [one.id for one in every if row["who"] in ("all", one.sector)]


def _of_ended_episodes(
    warehouse: "Warehouse",
    instruments: Sequence[str],
    clinics: Sequence[str],
    window: Sequence[str],
    known: Sequence[str],
) -> pd.DataFrame:
    """Return the rows of the episodes that ended in the window: its measures, or its sessions."""
    sessions = warehouse.read_passed(tables.sessions, known, clinics=clinics)
    key = ["clinic_id", "patient_id", "episode"]
    is_end = sessions.ending.notna() & (sessions.ending != "ongoing") & sessions.month.isin(window)
    ended = sessions.loc[is_end, key].drop_duplicates()
    if not instruments:
        return sessions.merge(ended, on=key, validate="many_to_one")
    responses = warehouse.read_passed(tables.survey_responses, known, clinics=clinics)
    responses = responses[responses.instrument.isin(instruments)]
    return responses.merge(ended, on=key, validate="many_to_one")


def _files(behind: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return one row a file, with its export's name and which lines were used."""
    grouped = behind.groupby(["month", "content_sha256"])["line"]
    files = grouped.agg(lines="nunique", ranges=_ranges).reset_index()
    names = ledger.drop_duplicates(["month", "content_sha256"])
    return files.merge(
        names[["month", "content_sha256", "export_id"]],
        on=["month", "content_sha256"],
        how="left",
        validate="one_to_one",
    )


def _ranges(lines: "pd.Series[int]") -> str:
    """Write line numbers as ranges: ``2-9, 12``."""
    ordered = sorted({int(line) for line in lines})
    found: list[list[int]] = []
    for line in ordered:
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def definition_of(figure: str) -> tuple[str, str, str]:
    """Return definition, method and source of a figure; empty words for an unknown one."""
    known = CATALOGUE.get(figure)
    return (known.definition, known.method, known.source) if known else ("", "", "")
