"""Recomputing what was recorded: chain, bytes in landing, stored rows, filed reports."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rapport.errors import Fault, RapportError
from rapport.evidence.chain import Anchor, verify_anchor, verify_chain
from rapport.evidence.erasures import redactions_of
from rapport.evidence.stored_rows import verify_rows
from rapport.warehouse.tables import editions, exports

if TYPE_CHECKING:
    from rapport.warehouse.store import Warehouse


def verify_home(
    warehouse: "Warehouse",
    landing_root: Path,
    reports_root: Path,
    dossiers_root: Path | None = None,
) -> list[Fault]:
    """Recompute every hash of ledger, landing, stored rows and reports; return what differs.

    Args:
        warehouse: Where the ledger is.
        landing_root: Folder of received bytes.
        reports_root: Folder that the editions' paths start from.
        dossiers_root: Folder of evidence dossiers; the heads of the chain that they recorded are
            held against the ledger, which also shows a tail that was cut off.
    """
    return [
        *verify_chain(warehouse),
        *(verify_dossiers(warehouse, dossiers_root) if dossiers_root else []),
        *verify_landing(warehouse, landing_root),
        *verify_rows(warehouse),
        *verify_reports(warehouse, reports_root),
    ]


def verify_dossiers(warehouse: "Warehouse", dossiers_root: Path) -> list[Fault]:
    """Hold the ledger against the heads of the chain in every ``dossier.json`` of a folder."""
    faults = []
    for file in sorted(dossiers_root.rglob("dossier.json")):
        name = str(file.relative_to(dossiers_root))
        try:
            heads = json.loads(file.read_bytes())["chain_heads"]
            anchors = {table: Anchor(**anchor) for table, anchor in heads.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            faults.append(
                Fault(
                    "DOSSIER_UNREADABLE",
                    "An evidence dossier cannot be read, or names no heads of the chain.",
                    "Restore it from a backup, and find out who changed it.",
                    file=name,
                )
            )
            continue
        faults += [replace(fault, file=name) for fault in verify_anchor(warehouse, anchors)]
    return faults


def verify_landing(warehouse: "Warehouse", landing_root: Path) -> list[Fault]:
    """Check that landing holds each received file's bytes, and none that were changed.

    In the place of a file with rows of erased patients stands its copy; the file itself must not
    lie there any more.
    """
    from rapport.sources import Landing

    landing = Landing(landing_root)
    faults = list(landing.verify())
    copies = redactions_of(warehouse)
    received = warehouse.read(exports, columns=["clinic_id", "export_id", "content_sha256"])
    files = set(received.itertuples(index=False, name=None))
    needed = {copies[file].to_sha256 if file in copies else str(file[2]) for file in files}
    for sha256 in sorted(needed):
        try:
            if not landing.place_of(sha256).is_file():
                landing.open_bytes(sha256)
        except RapportError as error:
            faults += error.faults
    erased = {str(from_sha256) for _, _, from_sha256 in copies} - needed
    return faults + [_erased(one) for one in sorted(erased) if landing.place_of(one).exists()]


def _erased(sha256: str) -> Fault:
    return Fault(
        "ERASED_BYTES_PRESENT",
        "A file with rows of an erased patient lies in landing again.",
        "Erase the patient again with `rapport erase`; it may have come back from a backup.",
        file=sha256,
    )


def verify_reports(warehouse: "Warehouse", reports_root: Path) -> list[Fault]:
    """Check that every recorded edition is on disk, with the bytes that were recorded."""
    recorded = warehouse.read(editions, columns=["path", "pdf_sha256"])
    judged = [
        _edition_fault(reports_root, str(path), str(sha256))
        for path, sha256 in zip(recorded.path, recorded.pdf_sha256, strict=True)
    ]
    return [fault for fault in judged if fault is not None]


def _edition_fault(reports_root: Path, path: str, sha256: str) -> Fault | None:
    try:
        found = _sha256(reports_root / path)
    except OSError:
        return Fault(
            "REPORT_MISSING",
            "A filed report edition is not there or cannot be read.",
            "Restore the reports from a backup; an edition is never deleted.",
            file=path,
        )
    if found == sha256:
        return None
    return Fault(
        "REPORT_ALTERED",
        "A filed report edition is not the one that was recorded.",
        "Restore the reports from a backup, and find out who changed this one.",
        file=path,
    )


def verify_pdf(pdf: Path, warehouse: "Warehouse") -> list[Fault]:
    """Check that a PDF is, byte for byte, an edition in the ledger.

    Raises:
        RapportError: The file cannot be read.
    """
    try:
        found = _sha256(pdf)
    except OSError as error:
        raise RapportError(
            Fault(
                "PDF_UNREADABLE",
                f"The report cannot be read ({error.strerror}).",
                "Name a PDF file that you may read.",
                file=str(pdf),
            )
        ) from None
    if not warehouse.read(editions, columns=["sequence"], pdf_sha256=found).empty:
        return []
    return [
        Fault(
            "PDF_UNKNOWN",
            "This file is no report edition in this home's ledger, or was changed since.",
            "Ask the clinic for the file as it was delivered, and check in the home it came from.",
            file=pdf.name,
        )
    ]


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
