"""Direct identifiers: signs that a column which is read, or which nobody declared, names a person.

Only signs are sought that a pseudonymous code does not have; columns listed as ignored are not
looked at, because nothing of them goes beyond landing. No value is ever told, only its place.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

_HEADER = re.compile(
    r"""(?<![a-z])(
        e[-_ ]?mail | recipientemail | ip[-_ ]?addr(ess)? | ipaddr
      | (tele)?phone(?!\w*(session|mode)) | mobile | telefon | telefax | handynummer
      | (first|last|family|given|sur|maiden|full)[-_ ]?name | surname | forename
      | imi[eę] | nazwisko | vorname | nachname
      | dob | date[-_ ]?of[-_ ]?birth | birth[-_ ]?da(y|te) | geburtsdatum | data[-_ ]?urodzenia
      | pesel | nhs[-_ ]?(number|no) | ssn | social[-_ ]?security(\w*)
      | (location)?(latitude|longitude) | post(al)?[-_ ]?code | zip[-_ ]?code
      | (home|street|postal|your)[-_ ]?address | ^address(es)?$ | you[ ](are|were)[ ]born
    )(?![a-z])""",
    re.VERBOSE | re.IGNORECASE,
)
_EMAIL = re.compile(r"[^\s@<>,;:]+@[^\s@<>,;:]+\.[A-Za-z]{2,}")
_IP = re.compile(r"(?<![\d.])((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")
_PHONE = re.compile(r"(\+|00)\d[\d ()./-]{6,}\d|\(?0\d{1,5}\)?([ /-]\d{2,5}){2,5}", re.ASCII)
_PHONE_DIGITS = range(9, 16)
_PESEL = re.compile(r"\d{11}", re.ASCII)
_PESEL_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
_ENOUGH = 3
_LONGEST_NAME = 60
_SHORTEST = 6  # a@b.pl


@lru_cache(maxsize=4096)
def is_identifying_header(name: str) -> bool:
    """Whether a column's name says that it holds a direct identifier; question texts do not."""
    return len(name) <= _LONGEST_NAME and bool(_HEADER.search(name))


def identifying_value(values: Iterable[str]) -> str | None:
    """Return one text that is an e-mail address, telephone number, IP address or national id.

    Args:
        values: The different texts of a column.

    Returns:
        A text that gives the column away, for finding its line; ``None`` if there is none.
    """
    texts = [value for value in values if len(value) >= _SHORTEST]
    for text in texts:
        if ("@" in text and _EMAIL.search(text)) or _is_address_or_number(text):
            return text
    return texts[0] if _are_national_ids(texts) else None


def _is_address_or_number(text: str) -> bool:
    if "." in text and _IP.search(text):
        return True
    return bool(_PHONE.fullmatch(text)) and sum(map(str.isdigit, text)) in _PHONE_DIGITS


def _are_national_ids(texts: list[str]) -> bool:
    """Whether all texts are PESEL numbers: one in ten would be by chance, several are not."""
    return len(texts) >= _ENOUGH and all(map(_is_pesel, texts))


def _is_pesel(text: str) -> bool:
    if not _PESEL.fullmatch(text):
        return False
    return sum(w * int(d) for w, d in zip(_PESEL_WEIGHTS, text, strict=True)) % 10 == 0
