"""Direct identifiers: signs that a column which is read, or which nobody declared, names a person.

Only signs are sought that a pseudonymous code does not have; columns listed as ignored are not
looked at, because nothing of them goes beyond landing. No value is ever told, only its place and
what kind of thing it is.

A number that only looks like an identifier is the other danger: patients' pseudonyms are numbers
too. So a number counts by itself only where chance hardly makes such a one; otherwise it counts if
nearly all texts of its shape in the column are valid, or if the rest of the column is of another
kind, so that it stands out.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapport.exports.national_ids import NATIONAL_IDS, NationalId, bare

_HEADER = re.compile(
    r"""(?<![a-z])(
        e[-_ ]?mail | correo[ ]electr[oó]nico | courriel | messagerie | posta[ ]elettronica
      | メールアドレス | 电子邮件(地址)? | recipientemail | ip[-_ ]?addr(ess)? | ipaddr
      | (tele)?phone(?!\w*(session|mode)) | mobile | telefon | telefax | handynummer
      | (first|last|family|given|sur|maiden|full|client|patient)[-_ ]?name | surname | forename
      | imi[eę] | nazwisko | vorname | nachname | voornaam | achternaam | pr[eé]nom | cognome
      | apellidos? | fornavn | etternavn | f[öo]rnamn | efternamn
      | dob | date[-_ ]?of[-_ ]?birth | birth[-_ ]?da(y|te) | geburtsdatum | data[-_ ]?urodzenia
      | bsn | burgerservicenummer | personnummer | f[øo]dselsnummer | steuer[-_ ]?id
      | codice[-_ ]?fiscale | passport(\w*) | national[-_ ]?(insurance|id)(\w*)
      | pesel | nhs[-_ ]?(number|no) | ssn | social[-_ ]?security(\w*)
      | (location)?(latitude|longitude) | post(al)?[-_ ]?code | zip[-_ ]?code
      | (home|street|postal|your)[-_ ]?address | ^address(es)?$ | you[ ](are|were)[ ]born
    )(?![a-z])""",
    re.VERBOSE | re.IGNORECASE,
)
_EMAIL = re.compile(
    r"[^\s@<>,;:\"]@[^\s@<>,;:\".]{1,63}(\.[^\s@<>,;:\".]{1,63}){0,8}\.[A-Za-z]{2,}"
)
_IPV4 = re.compile(
    r"(?<![\w.])((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)(?!\.?\w)"
)
_IPV6 = re.compile(r"(?<![\w:.])[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}(?![\w:])", re.IGNORECASE)
_DEGREES = r"-?\d{1,2}\.\d{3,12}[°NS]?\s{0,2}[,;/ ]\s{0,2}-?(1[0-7]\d|\d{1,2})\.\d{3,12}[°EW]?"
_MINUTES = r"\d{1,3}°\s?\d{1,2}['′]\s?(\d{1,2}(\.\d{1,9})?[\"″]\s?)?[NSEWO]"
_GEO = r"geo:-?\d[\d.,-]{1,40}"
_COORDINATES = re.compile(rf"(?<![\d.])({_DEGREES}|{_MINUTES}|{_GEO})(?![\d.])", re.ASCII)
_PHONE = re.compile(
    r"""(?<![\w+.-])(
        \+[1-9]\d{0,2}[ ()./-]*\d([ ()./-]{0,2}\d){6,12}        # +48 601 234 567
      | 00[1-9]\d{0,2}[ ()/-]+\d([ ()./-]{0,2}\d){6,11}          # 0048 601 234 567
      | \(?0[1-9]\d{0,4}\)?([ /-]{1,2}\d{2,8}){1,4}             # 020 7946 0018, (0421) 33-40-10
      | \([2-9]\d\d\)[ ]?\d{3}[ .-]\d{4} | [2-9]\d\d([ .-])[2-9]\d\d\5\d{4}     # 415-555-2671
      | [4-8]\d\d[ ]\d{3}[ ]\d{3} | [679]\d\d[ ]\d\d[ ]\d\d[ ]\d\d              # 601 234 567
    )(?![\w.-]*\d)""",
    re.ASCII | re.VERBOSE,
)
_BARE_PHONE = re.compile(r"0[1-9]\d{8,9}", re.ASCII)
_BARE_ABROAD = re.compile(r"00[34]\d{9,11}", re.ASCII)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])", re.ASCII)
_PHONE_DIGITS = range(9, 16)
_DATE = re.compile(
    r"(\d{4}([-./])\d\d?\2\d\d?|\d\d?([-./])\d\d?\3(\d{4}|\d\d))([ T,].*)?", re.ASCII | re.DOTALL
)
_NUMBERED = re.compile(r"(\d[^\d]{0,3}){7}|[A-Z]{6}[\dL-V]{2}", re.ASCII | re.IGNORECASE)
"""A text without this holds neither a telephone number nor a national one."""

_UNBROKEN = re.compile(r"[\w-]*", re.ASCII)
"""A text like this is one word: no number stands apart in it."""

_ANY_ID = re.compile("|".join(one.shape.pattern for one in NATIONAL_IDS), re.ASCII | re.IGNORECASE)

_ENOUGH = 3
_NEARLY_ALL = 0.8
_LONGEST_NAME = 60
_SHORTEST = 6  # a@b.pl


@dataclass(frozen=True, slots=True)
class Identifier:
    """A sign that a column names people.

    Attributes:
        text: The text that gives it away, for finding its line; never to be told.
        kind: What kind of thing it is, in words, plural.
    """

    text: str
    kind: str


@lru_cache(maxsize=4096)
def is_identifying_header(name: str) -> bool:
    """Whether a column's name says that it holds a direct identifier; question texts do not."""
    return len(name) <= _LONGEST_NAME and bool(_HEADER.search(name))


def identifier_in(values: Iterable[str]) -> Identifier | None:
    """Look for an e-mail, IP or geographic address, a telephone number or a national id.

    Args:
        values: The different texts of a column.

    Returns:
        The first sign found, or ``None``.
    """
    given = [value for value in values if value]
    texts = [value for value in given if len(value) >= _SHORTEST]
    for text in texts:
        kind = _address(text)
        if kind:
            return Identifier(text, kind)
    numbered = [text for text in texts if _NUMBERED.search(text) and not _DATE.fullmatch(text)]
    if not numbered:
        return None
    return _telephone(numbered) or _national_id(numbered, len(given))


def _address(text: str) -> str | None:
    if "@" in text and _EMAIL.search(text):
        return "e-mail addresses"
    if text.count(".") >= 3 and _IPV4.search(text):  # noqa: PLR2004 - dots of an address
        return "IP addresses"
    if text.count(":") >= 2 and any(map(_is_ipv6, _IPV6.finditer(text))):  # noqa: PLR2004 - the fewest colons
        return "IP addresses"
    if _COORDINATES.search(text):
        return "geographic positions"
    return None


def _is_ipv6(found: re.Match[str]) -> bool:
    """Whether colons and digits make an address, and not a time of day."""
    try:
        return ipaddress.IPv6Address(found[0]).compressed.count(":") > 1 and len(found[0]) > 5  # noqa: PLR2004 - too short to tell from a time
    except ValueError:
        return False


def _telephone(texts: Sequence[str]) -> Identifier | None:
    for text in texts:
        found = _PHONE.search(text)
        is_long_enough = found and sum(map(str.isdigit, found[0])) in _PHONE_DIGITS
        if is_long_enough or _BARE_ABROAD.fullmatch(text):
            return Identifier(text, "telephone numbers")
        if _SSN.search(text):
            return Identifier(text, "social security numbers (USA)")
    bare_ones = [text for text in texts if _BARE_PHONE.fullmatch(text)]
    if len(bare_ones) >= max(_ENOUGH, _NEARLY_ALL * len(texts)):
        return Identifier(bare_ones[0], "telephone numbers")
    return None


def _national_id(texts: Sequence[str], n_texts: int) -> Identifier | None:
    sentences = [text for text in texts if not _UNBROKEN.fullmatch(text)]
    alone = [text for text in texts if _ANY_ID.fullmatch(text)]
    if not sentences and not alone:
        return None
    for kind in NATIONAL_IDS:
        named = _named(kind, sentences)
        if named is not None:
            return Identifier(named, kind.name)
        shaped = [text for text in alone if kind.shape.fullmatch(text)]
        valid = [text for text in shaped if kind.is_valid(bare(text))]
        if not valid or len(valid) < _NEARLY_ALL * len(shaped):
            continue
        stands_out = 2 * len(shaped) <= n_texts and not _are_numbers(texts, n_texts)
        if len(valid) >= _ENOUGH or kind.is_sure or stands_out:
            return Identifier(valid[0], kind.name)
    return None


def _are_numbers(texts: Sequence[str], n_texts: int) -> bool:
    """Whether most texts of a column are long numbers, of which one may be valid by chance."""
    return 2 * sum(text.isdigit() for text in texts) > n_texts


def _named(kind: NationalId, texts: Sequence[str]) -> str | None:
    """Return a sentence in which a valid number stands, if it is sure, or the word beside it."""
    for text in texts:
        numbers = (found for found in kind.shape.finditer(text) if found[0] != text)
        if any(kind.is_valid(bare(found[0])) for found in numbers) and (
            kind.is_sure or re.search(kind.words, text, re.IGNORECASE)
        ):
            return text
    return None
