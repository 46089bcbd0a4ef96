"""The evidence dossier of a month: what an auditor opens, one folder, readable without Rapport.

``dossier.json`` holds everything; ``dossier.html`` is the same for reading; ``SHA256SUMS`` lets
anyone check both, and every report of the month, with ``sha256sum -c``. No row of a patient is in
it: refused rows stand as file, line, column and rule.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rapport
from rapport.files import write_whole
from rapport.monthly.publishing import sha256_of_bytes
from rapport.months import Month
from rapport.warehouse import tables

if TYPE_CHECKING:
    import sqlalchemy as sa

    from rapport.home import Home


FILES = ("dossier.html", "SHA256SUMS", "dossier.json")


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier that was written: the hash of ``dossier.json`` and how many exports it lists."""

    sha256: str
    files: int


def write_dossier(home: "Home", month: Month) -> Dossier:
    """Write the month's dossier whole; an earlier one of the month is kept beside it."""
    told = gather(home, month)
    content = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()
    page = _page(told).encode()
    folder = home.dossiers / str(month)
    _keep_earlier(folder, content)
    write_whole(folder / "dossier.json", content)
    write_whole(folder / "dossier.html", page)
    write_whole(folder / "SHA256SUMS", _sums(home, told, content, page).encode())
    return Dossier(sha256_of_bytes(content), len(told["exports"]))


def _keep_earlier(folder: Path, content: bytes) -> None:
    """Move a dossier that said something else aside: the chain heads in it are anchors."""
    told = folder / "dossier.json"
    if not told.exists() or told.read_bytes() == content:
        return
    number = 1 + sum(1 for _ in folder.glob("earlier-*"))
    aside = folder / f"earlier-{number}"
    aside.mkdir()
    for name in FILES:
        (folder / name).replace(aside / name)


def gather(home: "Home", month: Month) -> dict[str, Any]:
    """Return what the stores know of a month, ready for JSON."""
    from rapport.evidence.chain import head

    read = home.warehouse.read
    return {
        "month": str(month),
        "code_version": rapport.__version__,
        "registry_sha256": home.registry.sha256,
        "chain_heads": {name: asdict(anchor) for name, anchor in head(home.warehouse).items()},
        **{
            table.name: _records(read(table, columns=_shown(table), month=str(month)))
            for table in (
                tables.exports,
                tables.export_readings,
                tables.verdicts,
                tables.quarantine,
                tables.closings,
                tables.editions,
                tables.deliveries,
            )
        },
    }


def _shown(table: "sa.Table") -> list[str]:
    """Return all columns but the received name of a file: a name is data and may name a person."""
    return [column.name for column in table.columns if column.name != "received_name"]


def _records(rows: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a frame, passed through
    """Return a frame's rows as plain values; a missing value is ``None``."""
    return json.loads(rows.to_json(orient="records"))  # type: ignore[no-any-return]


def _sums(home: "Home", told: Mapping[str, Any], content: bytes, page: bytes) -> str:
    up = "../" * 2
    reports = f"{up}{home.settings.reports}"
    lines = [
        f"{sha256_of_bytes(content)}  dossier.json",
        f"{sha256_of_bytes(page)}  dossier.html",
        *(f"{row['pdf_sha256']}  {reports}/{row['path']}" for row in told["editions"]),
    ]
    return "\n".join(lines) + "\n"


def _page(told: Mapping[str, Any]) -> str:
    from rapport.monthly.dossier_page import page
    from rapport.rendering.pdf import template_folder

    return page(told, (template_folder() / "dossier.html").read_text("utf-8"))
