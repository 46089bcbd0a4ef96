"""Publish: one PDF edition a clinic-month, filed under a name that is never used again.

A clinic-month is published anew only if its report would say something else; an edition that was
filed stays as it is for ever.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import rapport
from rapport.errors import Fault, RenderingError
from rapport.files import write_whole
from rapport.monthly.drafting import Draft, drafts_due
from rapport.monthly.editions import (
    KNOWN_OF_AN_EDITION,
    Edition,
    newest_editions,
    sha256_of,
    sha256_of_bytes,
)
from rapport.monthly.slices import ClinicMonth
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.rendering.data_quality import RuleWords

__all__ = ["Edition", "newest_editions", "publish", "sha256_of", "sha256_of_bytes"]


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
    due = drafts_due(home, slices, rules, filed)
    faults: list[Fault] = []
    rendered = render_each(
        [draft.facts for draft in due.values()], processes=home.settings.report_processes
    )
    for one, document in zip(due, rendered, strict=True):
        if isinstance(document, RenderingError):
            faults += [
                replace(fault, file=f"{one.clinic_id} {one.month}") for fault in document.faults
            ]
        else:
            filed[one] = _file(home, due[one], document.pdf, document.pages)
    if faults:
        raise RenderingError(faults)
    return filed


def _file(home: "Home", draft: Draft, pdf: bytes, pages: int) -> Edition:
    """Write PDF and ledger: a crash between leaves a file that nobody lists.

    Of two who file the same edition at once, the second changes nothing, or, with another content,
    is refused before it touches the file.
    """
    from rapport.rendering.facts import ReportFacts
    from rapport.rendering.revising import figures_said

    one, facts = draft.slice, draft.facts
    number, kind = facts.imprint.edition, "report" if isinstance(facts, ReportFacts) else "notice"
    edition = Edition(
        edition=number,
        kind=kind,
        path=f"{one.month}/{one.clinic_id}_{one.month}_edition-{number}.pdf",
        pdf_sha256=sha256_of_bytes(pdf),
        pages=pages,
        facts_sha256=draft.said,
        inputs_json=json.dumps({**dict(facts.provenance), **draft.rests_on}, sort_keys=True),
        figures_json=figures_said(facts),
        is_new=True,
    )
    home.warehouse.append(
        tables.editions,
        [
            {
                **one.key,
                **{name: getattr(edition, name) for name in KNOWN_OF_AN_EDITION},
                "pdf_bytes": len(pdf),
                "code_version": rapport.__version__,
            }
        ],
        alongside=lambda: write_whole(home.reports / edition.path, pdf),
    )
    return edition
