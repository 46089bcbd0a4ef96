"""LOINC codes of the questionnaires that FHIR servers code alike everywhere, as data.

Codes do not ascend with the items, and the answers' codes not with their scores: both orders are
those of the instruments, and are held against a published Questionnaire in the tests.

Source:
    LOINC panels 44249-1 (PHQ-9) and 69737-5 (GAD-7; 70269-6 in some guides), loinc.org. Codes and
    numbers only; the wording of questions and answers is not kept.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

SYSTEM = "http://loinc.org"

_ITEMS = {
    "phq-9": (
        "44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3",
        "44260-8",
    ),
    "gad-7": (
        "69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7",
    ),
}  # fmt: skip
_OTHERS = {
    "44261-6": "phq-9.total",
    "69722-7": "phq-9.difficulty",
    "70274-6": "gad-7.total",
}

ITEM_CODES: Mapping[str, tuple[str, ...]] = MappingProxyType(_ITEMS)
"""Instrument → the codes of its items, in its order."""

NAMES: Mapping[str, str] = MappingProxyType(
    {
        code: f"{instrument}.{item}"
        for instrument, codes in _ITEMS.items()
        for item, code in enumerate(codes, 1)
    }
    | _OTHERS
)
"""Code of a question → name of its column, such as ``phq-9.1``; totals are ``phq-9.total``."""

BESIDE_THE_ITEMS = tuple(_OTHERS.values())
"""Columns that need not be mapped."""

SCORES: Mapping[str, str] = MappingProxyType(
    {
        "LA6568-5": "0",
        "LA6569-3": "1",
        "LA6570-1": "2",
        "LA6571-9": "3",
        "LA6572-7": "0",
        "LA6573-5": "1",
        "LA6575-0": "2",
        "LA6574-3": "3",
    }
)
"""Code of an answer → its score; the second four belong to the question about difficulty."""

_CODE = re.compile(r"(?:.*/)?(\d{1,7}-\d)", re.ASCII | re.DOTALL)


def column_of(link_id: str) -> str | None:
    """Return the column of a linkId that is, or ends in, a known code, such as ``/44250-9``."""
    found = _CODE.fullmatch(link_id)
    return NAMES.get(found[1]) if found else None
