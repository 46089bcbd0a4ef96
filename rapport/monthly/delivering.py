"""Deliver: the newest edition to each recipient of its clinic, once, through the outbox folder.

The outbox is one folder a clinic, from which a mail system or a portal takes the files. Before
anything is handed over, two keys must agree: the clinic named inside the PDF's own metadata, and
the clinic of the ledger's edition; so that no swap of files reaches another clinic.
"""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rapport.errors import EvidenceError, Fault
from rapport.files import write_whole
from rapport.monthly.publishing import Edition, newest_editions, sha256_of_bytes
from rapport.monthly.slices import ClinicMonth
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.home import Home

CHANNEL = "outbox"


def deliver(home: "Home", slices: Sequence[ClinicMonth]) -> dict[ClinicMonth, int]:
    """Hand over what has not been handed over yet; return how many recipients that were.

    Raises:
        EvidenceError: A filed PDF is not the one of the ledger, or names another clinic.
    """
    editions = newest_editions(home, slices)
    return {one: _hand_over(home, one, editions.get(one)) for one in slices}


def _hand_over(home: "Home", one: ClinicMonth, edition: Edition | None) -> int:
    recipients = home.registry.clinic(one.clinic_id).recipients
    if edition is None or not recipients:
        return 0
    content = (home.reports / edition.path).read_bytes()
    _two_keys_agree(content, one, edition)
    write_whole(home.outbox / one.clinic_id / edition.file_name, content)
    return home.warehouse.append(
        tables.deliveries,
        [
            {
                **one.key,
                "edition": edition.edition,
                "recipient": recipient,
                "channel": CHANNEL,
                "state": "handed_over",
                "pdf_sha256": edition.pdf_sha256,
            }
            for recipient in recipients
        ],
    )


def _two_keys_agree(content: bytes, one: ClinicMonth, edition: Edition) -> None:
    named = clinic_named_in(content)
    if sha256_of_bytes(content) == edition.pdf_sha256 and named == one.clinic_id:
        return
    raise EvidenceError(
        Fault(
            "TWO_KEYS",
            f"The filed report of {one.clinic_id} {one.month} is not the one of the ledger.",
            "Nothing was handed over. Run `rapport verify` to see what was altered.",
            file=edition.path,
        )
    )


def clinic_named_in(content: bytes) -> str | None:
    """Return the clinic id in a report's own metadata, or nothing if there is none."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        info: Mapping[str, object] = pdf.docinfo  # type: ignore[assignment]  # pikepdf has no types for it
        named = info.get("/rapportclinic")
    return str(named) if named is not None else None
