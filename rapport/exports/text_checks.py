"""Questions about one text: is it a session number, a day, a clean key?"""

import re
import unicodedata
from datetime import date

MAX_SESSION = 9999
"""Highest session number that is taken for one."""

_SESSION = re.compile(r"0|[1-9]\d{0,3}", re.ASCII)
_DAY_NUMBER = re.compile(r"(19|20)\d{6}", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NO_LETTERS = frozenset({"Sc", "Sk", "Sm", "So", "Lm", "Po", "Pi", "Pf", "Ps", "Pe"})
"""Signs that a word read in the wrong encoding is full of, where they are no ASCII."""

_IN_KEYS = frozenset("·’“”„ʼʻ々ー")
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""Letters and marks that show nothing."""

_SPREADSHEET_ERROR = re.compile(r"#(N/A|NV|N/D|N/V|[^\W\d_]{2,12}(/0)?[!?])", re.IGNORECASE)
"""What a spreadsheet shows where it could not work a value out, in several languages."""


def is_session_number(text: str) -> bool:
    """Whether the text is a whole number from 0 to :data:`MAX_SESSION`, or a day: ``20260203``."""
    if _DAY_NUMBER.fullmatch(text):
        return is_iso_day(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    return _SESSION.fullmatch(text) is not None


def is_iso_day(text: str) -> bool:
    """Whether the text is a day that exists, written ``YYYY-MM-DD``."""
    if not _ISO_DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_clean(text: str) -> bool:
    """Whether a key can be compared by eye: nothing hidden in it, and one spelling only.

    A key is not clean if it holds control, format or unassigned characters or the replacement
    character, begins or ends with a blank, or is not in Unicode's composed form (NFC); nor if it
    holds signs (``±``, ``¶``, ``ˇ``) that stand for letters when a text is read in an encoding that
    is not its own; nor if it is what a spreadsheet shows for an error (``#N/A``, ``#REF!``).
    """
    if text.startswith("#") and _SPREADSHEET_ERROR.fullmatch(text):
        return False
    if text.isascii() and text.isprintable():
        return text == text.strip()
    return (
        text == text.strip()
        and "\N{REPLACEMENT CHARACTER}" not in text
        and unicodedata.is_normalized("NFC", text)
        and not _UNSEEN.search(text)
        and not any(unicodedata.category(sign) in _HIDDEN or _is_damage(sign) for sign in text)
    )


def _is_damage(sign: str) -> bool:
    """Whether a sign is no ASCII and no letter, digit or dash."""
    return not sign.isascii() and sign not in _IN_KEYS and unicodedata.category(sign) in _NO_LETTERS
