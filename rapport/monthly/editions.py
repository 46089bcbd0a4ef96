"""Editions as the ledger has them, and the hashes of their files."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.home import Home


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
        inputs_json: What it was made from, by name.
        figures_json: The figures that it printed, as text; nothing where that was not kept.
        is_new: Whether this call filed it.
    """

    edition: int
    kind: str
    path: str
    pdf_sha256: str
    pages: int
    facts_sha256: str
    inputs_json: str = "{}"
    figures_json: str | None = None
    is_new: bool = False

    @property
    def rests_on(self) -> Mapping[str, object]:
        """What it was made from, by name."""
        found: dict[str, object] = json.loads(self.inputs_json)
        return found

    @property
    def counts(self) -> dict[str, int | str]:
        """What there is to tell about it."""
        return {"edition": self.edition, "kind": self.kind, "pages": self.pages, "path": self.path}

    @property
    def file_name(self) -> str:
        """The name without its folders."""
        return Path(self.path).name


KNOWN_OF_AN_EDITION = (
    "edition",
    "kind",
    "path",
    "pdf_sha256",
    "pages",
    "facts_sha256",
    "inputs_json",
    "figures_json",
)
"""Columns of the ledger that an edition holds."""


def published_slices(home: "Home") -> list[ClinicMonth]:
    """Return every clinic-month with an edition, of clinics that are registered."""
    rows = home.warehouse.read(tables.editions, columns=["clinic_id", "month"]).drop_duplicates()
    found = (ClinicMonth(*row) for row in rows.itertuples(index=False, name=None))
    return sorted(one for one in found if one.clinic_id in home.registry.clinics)


def newest_editions(home: "Home", slices: Sequence[ClinicMonth]) -> dict[ClinicMonth, Edition]:
    """Return the newest edition of each clinic-month that has one."""
    rows = home.warehouse.read(
        tables.editions, clinic_id=clinic_ids(slices), month=months(slices)
    ).sort_values("edition")
    return {
        ClinicMonth(row["clinic_id"], row["month"]): Edition(
            **{name: _or_nothing(row[name]) for name in KNOWN_OF_AN_EDITION}
        )
        for row in records(rows)
    }


def _or_nothing(value: Any) -> Any:  # noqa: ANN401 - one cell of any column
    return None if isinstance(value, float) else value


def sha256_of_bytes(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
