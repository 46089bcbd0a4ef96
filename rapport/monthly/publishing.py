"""Publish: one PDF edition a clinic-month, filed under a name that is never used again.

A clinic-month is published anew only if its report would say something else: the facts are hashed
without what changes by itself (edition, code version), and an equal hash is no new edition. An
edition that was filed stays as it is for ever.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rapport
from rapport.errors import Fault, RenderingError
from rapport.files import write_whole
from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.months import Month
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    import pandas as pd

    from rapport.home import Home
    from rapport.rendering.data_quality import RuleWords
    from rapport.rendering.facts import NoticeFacts, ReplacedEdition, ReportFacts

    Facts = ReportFacts | NoticeFacts


@dataclass(frozen=True)
class Edition:
    """One edition of a clinic-month's report, as the ledger has it.

    Attributes:
        edition: Its number, from 1.
        kind: ``report`` or ``notice``.
        path: Where it stands below the reports folder.
        pdf_sha256: Hash of its bytes.
        pages: Its pages.
        facts_sha256: Hash of what it says.
        is_new: Whether this call filed it.
    """

    edition: int
    kind: str
    path: str
    pdf_sha256: str
    pages: int
    facts_sha256: str
    is_new: bool = False

    @property
    def counts(self) -> dict[str, int | str]:
        """What there is to tell about it."""
        return {"edition": self.edition, "kind": self.kind, "pages": self.pages, "path": self.path}

    @property
    def file_name(self) -> str:
        """The name without its folders."""
        return Path(self.path).name


_KNOWN_OF_AN_EDITION = ("edition", "kind", "path", "pdf_sha256", "pages", "facts_sha256")


def newest_editions(home: "Home", slices: Sequence[ClinicMonth]) -> dict[ClinicMonth, Edition]:
    """Return the newest edition of each clinic-month that has one."""
    rows = home.warehouse.read(
        tables.editions, clinic_id=clinic_ids(slices), month=months(slices)
    ).sort_values("edition")
    return {
        ClinicMonth(row["clinic_id"], row["month"]): Edition(
            **{name: row[name] for name in _KNOWN_OF_AN_EDITION}
        )
        for row in records(rows)
    }


def publish(
    home: "Home", slices: Sequence[ClinicMonth], rules: Mapping[str, "RuleWords"]
) -> dict[ClinicMonth, Edition]:
    """Render and file what is new; return the newest edition of each clinic-month.

    Args:
        home: The home.
        slices: The clinic-months.
        rules: Rule id → its words, for reports that tell of refused rows.

    Raises:
        RenderingError: Reports could not be rendered without losing or inventing something: all
            of their faults at once, after every other report was filed.
    """
    from rapport.rendering.pool import render_each

    filed = newest_editions(home, slices)
    due = {
        one: facts
        for month in months(slices)
        for one, facts in _facts_of(home, [s for s in slices if s.month == month], rules, filed)
    }
    faults: list[Fault] = []
    rendered = render_each(list(due.values()), processes=home.settings.report_processes)
    for one, document in zip(due, rendered, strict=True):
        if isinstance(document, RenderingError):
            faults += [
                replace(fault, file=f"{one.clinic_id} {one.month}") for fault in document.faults
            ]
        else:
            filed[one] = _file(home, one, due[one], document.pdf, document.pages)
    if faults:
        raise RenderingError(faults)
    return filed


def _facts_of(
    home: "Home",
    slices: Sequence[ClinicMonth],
    rules: Mapping[str, "RuleWords"],
    filed: Mapping[ClinicMonth, Edition],
) -> Iterable[tuple[ClinicMonth, "Facts"]]:
    """Yield the facts of each clinic-month of one month whose newest edition says another thing."""
    if not slices:
        return
    shelf = _Shelf.read(home, slices)
    for one in slices:
        before = filed.get(one)
        facts = _assemble(home, one, shelf, rules, None)
        if before is None:
            yield one, facts
        elif said_sha256(facts) != before.facts_sha256:
            yield one, _assemble(home, one, shelf, rules, before)


def said_sha256(facts: "Facts") -> str:
    """Return the hash of what a report says, whichever edition and code version says it."""
    from rapport.rendering.facts import facts_sha256

    imprint = replace(facts.imprint, report_id="", edition=0, edition_in_words="", revision=())
    provenance = tuple(
        (name, value)
        for name, value in facts.provenance
        if name not in ("Code version", "Judged by code") and not name.startswith("Replaced")
    )
    return facts_sha256(replace(facts, imprint=imprint, provenance=provenance))


@dataclass(frozen=True)
class _Shelf:
    """One month's frames of several clinics, read once."""

    month: Month
    clinics: "pd.DataFrame"
    clinics_before: "pd.DataFrame"
    therapists: "pd.DataFrame"
    sectors: "pd.DataFrame"
    readings: "pd.DataFrame"
    quarantine: "pd.DataFrame"
    verdicts: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, home: "Home", slices: Sequence[ClinicMonth]) -> "_Shelf":
        """Read what the reports of these clinic-months, all of one month, are made from."""
        month = Month.parse(slices[0].month)
        of_clinics = {"clinic_id": clinic_ids(slices)}
        read = home.warehouse.read
        verdicts = home.warehouse.newest_verdicts([str(month)])
        return cls(
            month=month,
            clinics=read(tables.clinic_aggregates, month=str(month), **of_clinics),
            clinics_before=read(tables.clinic_aggregates, month=str(month.plus(-1)), **of_clinics),
            therapists=read(tables.therapist_aggregates, month=str(month), **of_clinics),
            sectors=read(tables.sector_benchmarks, month=str(month)),
            readings=read(tables.export_readings, month=str(month), **of_clinics),
            quarantine=read(tables.quarantine, month=str(month), **of_clinics),
            verdicts={str(row["clinic_id"]): row for row in records(verdicts)},
        )


def _assemble(
    home: "Home",
    one: ClinicMonth,
    shelf: _Shelf,
    rules: Mapping[str, "RuleWords"],
    before: Edition | None,
) -> "Facts":
    from rapport.rendering.assemble import assemble_notice, assemble_report

    clinic, verdict = home.registry.clinic(one.clinic_id), shelf.verdicts.get(one.clinic_id)
    common: dict[str, Any] = {
        "clinic": clinic,
        "month": shelf.month,
        "readings": _own(shelf.readings, one),
        "quarantine": _own(shelf.quarantine, one),
        "verdict": verdict,
        "edition": before.edition + 1 if before else 1,
        "replaces": _replaced(before),
        "catalogue": rules,
        "code_version": rapport.__version__,
    }
    if verdict is None or verdict["verdict"] != "passed":
        return assemble_notice(**common)
    sector = shelf.sectors[shelf.sectors.sector == clinic.sector]
    return assemble_report(
        **common,
        clinic_figures=_own(shelf.clinics, one),
        therapist_figures=_own(shelf.therapists, one),
        sector_figures=sector.reset_index(drop=True),
        previous_clinic_figures=_own(shelf.clinics_before, one),
    )


def _own(rows: "pd.DataFrame", one: ClinicMonth) -> "pd.DataFrame":
    return rows[rows.clinic_id == one.clinic_id].reset_index(drop=True)


def _replaced(before: Edition | None) -> "ReplacedEdition | None":
    from rapport.rendering.facts import ReplacedEdition

    if before is None:
        return None
    was = "the notice that there was no report" if before.kind == "notice" else "the figures"
    return ReplacedEdition(
        before.edition,
        before.pdf_sha256,
        (
            f"New or corrected data arrived, or a rule changed: {was} of edition {before.edition} "
            "no longer holds.",
        ),
    )


def _file(home: "Home", one: ClinicMonth, facts: "Facts", pdf: bytes, pages: int) -> Edition:
    """Write the PDF, then the ledger: a crash between leaves a file that nobody lists."""
    from rapport.rendering.facts import ReportFacts

    number, kind = facts.imprint.edition, "report" if isinstance(facts, ReportFacts) else "notice"
    edition = Edition(
        edition=number,
        kind=kind,
        path=f"{one.month}/{one.clinic_id}_{one.month}_edition-{number}.pdf",
        pdf_sha256=sha256_of_bytes(pdf),
        pages=pages,
        facts_sha256=said_sha256(facts),
        is_new=True,
    )
    write_whole(home.reports / edition.path, pdf)
    home.warehouse.append(
        tables.editions,
        [
            {
                **one.key,
                "edition": number,
                "kind": kind,
                "pdf_sha256": edition.pdf_sha256,
                "pdf_bytes": len(pdf),
                "pages": pages,
                "path": edition.path,
                "facts_sha256": edition.facts_sha256,
                "inputs_json": json.dumps(dict(facts.provenance), sort_keys=True),
                "code_version": rapport.__version__,
            }
        ],
    )
    return edition


def sha256_of_bytes(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
