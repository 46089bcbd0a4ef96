"""Which document this is, and what it was made from."""

from collections.abc import Mapping
from typing import Any

from rapport.clinics import Clinic
from rapport.errors import Fault, RenderingError
from rapport.months import Month
from rapport.rendering.data_quality import Receipts
from rapport.rendering.facts import Imprint, ReplacedEdition

SHORT_HASH = 12

_VERDICT_HASHES = (
    ("Rule catalogue", "rules_sha256"),
    ("Clinic registry", "registry_sha256"),
    ("Inputs of the verdict", "inputs_sha256"),
)


def imprint_of(
    clinic: Clinic, month: Month, edition: int, replaces: ReplacedEdition | None
) -> Imprint:
    """Return the imprint, still without the report id.

    Raises:
        RenderingError: The edition does not follow the one that it replaces.
    """
    if edition != (replaces.edition + 1 if replaces else 1):
        raise RenderingError(
            Fault(
                "EDITION",
                f"Edition {edition} does not follow the edition that it replaces.",
                "Publish again; the ledger of editions gives the next number.",
            )
        )
    words = f"Edition {edition}"
    return Imprint(
        report_id="",
        clinic_id=clinic.id,
        clinic_name=clinic.name,
        sector=clinic.sector,
        month=str(month),
        month_in_words=month.in_words,
        month_end=month.last_day.isoformat(),
        edition=edition,
        edition_in_words=f"{words}: revised, replaces edition {replaces.edition}"
        if replaces
        else words,
        revision=replaces.changes if replaces else (),
    )


def report_id(imprint: Imprint, facts_hash: str) -> str:
    """Return ``clinic/month/e1/`` and the first digits of the hash of the facts."""
    return f"{imprint.clinic_id}/{imprint.month}/e{imprint.edition}/{facts_hash[:SHORT_HASH]}"


def provenance_of(
    receipts: Receipts, replaces: ReplacedEdition | None, code_version: str
) -> tuple[tuple[str, str], ...]:
    """Return what an auditor needs to find the way back: hashes and versions, by name."""
    verdict = receipts.verdict or {}
    hashes = [(name, str(verdict[key])) for name, key in _VERDICT_HASHES if verdict.get(key)]
    readings = receipts.readings.sort_values(["export_id", "content_sha256"], kind="stable")
    files = [
        (f"File {export}", str(sha))
        for export, sha in zip(readings["export_id"], readings["content_sha256"], strict=True)
    ]
    return (*provenance_in_short(receipts, replaces, code_version), *hashes, *files)


def provenance_in_short(
    receipts: Receipts, replaces: ReplacedEdition | None, code_version: str
) -> tuple[tuple[str, str], ...]:
    """Return the versions and the verdict.

    Nothing here depends on when or where the month was judged: the same files, code and settings
    make the same document.
    """
    rows = [("Code version", code_version)]
    verdict = receipts.verdict
    if verdict:
        rows.append(("Judged by code", str(verdict["code_version"])))
        rows.append(("Verdict", f"{verdict['verdict']}, {verdict['rules_asked']} rules asked"))
    if replaces:
        rows.append((f"Replaced edition {replaces.edition}", replaces.pdf_sha256))
    return tuple(rows)


def newest(verdict: Mapping[str, Any] | None) -> str:
    """Return the word of a verdict row; ``none`` if there is none."""
    return str(verdict["verdict"]) if verdict else "none"
