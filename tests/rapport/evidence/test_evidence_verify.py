"""What is kept is what was recorded, or verification says what is not."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from rapport.errors import RapportError
from rapport.evidence.chain import head
from rapport.evidence.verify import verify_home, verify_pdf
from rapport.sources import Landing
from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import editions, exports

PDF = b"%PDF-1.7 edition one"
EXPORT = b"patient,phq1\nP1,2\n"


class Kept:
    """A home's stores, with one export, one edition and one dossier."""

    def __init__(self, warehouse: Warehouse, root: Path) -> None:
        self.warehouse = warehouse
        self.landing, self.reports, self.dossiers = (
            root / name for name in ("landing", "reports", "dossiers")
        )
        self.report = self.reports / "2026-01" / "north.pdf"
        self.dossier = self.dossiers / "2026-01" / "dossier.json"
        self.export = Landing(self.landing).place_of(Landing(self.landing).keep(EXPORT))

    def rules(self) -> list[str]:
        return [
            fault.rule
            for fault in verify_home(self.warehouse, self.landing, self.reports, self.dossiers)
        ]


@pytest.fixture
def kept(warehouse: Warehouse, tmp_path: Path) -> Kept:
    made = Kept(warehouse, tmp_path)
    place = {"clinic_id": "north", "month": "2026-01"}
    for file in (made.report, made.dossier):
        file.parent.mkdir(parents=True)
    made.report.write_bytes(PDF)
    warehouse.append(
        exports,
        [{**place, "export_id": "phq", "content_sha256": hashlib.sha256(EXPORT).hexdigest(),
          "received_name": "phq.csv", "size_bytes": len(EXPORT)}],
    )  # fmt: skip
    warehouse.append(
        editions,
        [{**place, "edition": 1, "kind": "report", "pdf_sha256": hashlib.sha256(PDF).hexdigest(),
          "pdf_bytes": len(PDF), "pages": 1, "path": "2026-01/north.pdf", "facts_sha256": "f",
          "inputs_json": "{}", "code_version": "0.1.0"}],
    )  # fmt: skip
    heads = {name: asdict(anchor) for name, anchor in head(warehouse).items()}
    made.dossier.write_text(json.dumps({"chain_heads": heads}))
    return made


def cut(warehouse: Warehouse, table: str) -> None:
    with warehouse.engine.begin() as connection:
        connection.exec_driver_sql(f"drop trigger {table}_no_delete")
        connection.exec_driver_sql(f"delete from {table}")  # noqa: S608 - a table of ours


def test_a_home_that_was_left_alone_matches(kept: Kept) -> None:
    assert kept.rules() == []


def test_one_changed_byte_in_landing_shows(kept: Kept) -> None:
    kept.export.chmod(0o600)
    kept.export.write_bytes(EXPORT.replace(b"2", b"3"))
    assert kept.rules() == ["LANDING_CHANGED"]


def test_a_content_that_left_landing_shows(kept: Kept) -> None:
    kept.export.unlink()
    assert kept.rules() == ["LANDING_MISSING"]


def test_a_content_replaced_together_with_its_name_shows(kept: Kept) -> None:
    kept.export.unlink()
    Landing(kept.landing).keep(EXPORT.replace(b"2", b"3"))
    assert kept.rules() == ["LANDING_MISSING"]


def test_one_changed_byte_in_a_report_shows(kept: Kept) -> None:
    kept.report.write_bytes(PDF + b"\n")
    assert kept.rules() == ["REPORT_ALTERED"]


def test_a_report_that_is_gone_shows(kept: Kept) -> None:
    kept.report.unlink()
    assert kept.rules() == ["REPORT_MISSING"]


def test_a_cut_ledger_shows_against_a_dossier(kept: Kept) -> None:
    cut(kept.warehouse, "editions")
    assert kept.rules() == ["CHAIN_TRUNCATED"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"chain_heads": {"exports": {"x": 1}}}'])
def test_a_dossier_that_cannot_be_read_shows(kept: Kept, content: str) -> None:
    kept.dossier.write_text(content)
    assert kept.rules() == ["DOSSIER_UNREADABLE"]


def test_everything_wrong_is_told_at_once(kept: Kept) -> None:
    kept.report.unlink()
    kept.export.unlink()
    assert sorted(kept.rules()) == ["LANDING_MISSING", "REPORT_MISSING"]


def test_a_pdf_of_the_ledger_is_known_under_any_name(kept: Kept, tmp_path: Path) -> None:
    copy = tmp_path / "attachment.pdf"
    copy.write_bytes(PDF)
    assert verify_pdf(copy, kept.warehouse) == []


def test_a_pdf_with_one_byte_more_is_unknown(kept: Kept, tmp_path: Path) -> None:
    copy = tmp_path / "attachment.pdf"
    copy.write_bytes(PDF + b" ")
    (fault,) = verify_pdf(copy, kept.warehouse)
    assert (fault.rule, fault.file) == ("PDF_UNKNOWN", "attachment.pdf")


def test_a_pdf_whose_edition_was_cut_from_the_ledger_is_unknown(kept: Kept) -> None:
    cut(kept.warehouse, "editions")
    assert [fault.rule for fault in verify_pdf(kept.report, kept.warehouse)] == ["PDF_UNKNOWN"]


def test_a_file_that_is_not_there_is_a_fault_in_words(kept: Kept, tmp_path: Path) -> None:
    with pytest.raises(RapportError, match="cannot be read"):
        verify_pdf(tmp_path / "nothing.pdf", kept.warehouse)
