"""National identity numbers, told by their shape and their check digit.

Each kind says how it is written and when a number of that shape is a valid one. A number that is
valid by chance is the risk here, not one that is missed: how often that happens decides how many
such numbers it takes before a column is believed to hold them, see
:mod:`rapport.exports.identifiers`.

Source:
    The published rules of each number: PESEL (Poland, Dz.U. 2010 nr 217 poz. 1427), NHS number
    (England, NHS Data Model and Dictionary), burgerservicenummer (Netherlands, Wet algemene
    bepalingen burgerservicenummer), personnummer (Sweden, SKV 704), fødselsnummer (Norway,
    Skatteetaten), steuerliche Identifikationsnummer (Germany, § 139b AO), DNI and NIE (Spain,
    Real Decreto 1553/2005), codice fiscale (Italy, D.M. 23 December 1976), rijksregisternummer
    (Belgium, KB 3 April 1984), NIR (France, INSEE), henkilötunnus (Finland, DVV), rodné číslo
    (Czechia, zákon 133/2000 Sb., § 13).
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

_LEAP_YEAR = 2000
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU_SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_OMOCODIA = dict(zip("LMNPQRSTUV", "0123456789", strict=True))
_CF_TEN = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_CF_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (*_CF_TEN, *_CF_TEN, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)
"""What a sign at an odd place of an Italian code counts."""


@dataclass(frozen=True, slots=True)
class NationalId:
    """One kind of national identity number.

    Attributes:
        name: What it is called, with its country.
        shape: How it is written, blanks and dashes of common spellings included.
        is_valid: Whether a text of that shape, its separators taken off, is a valid number.
        is_sure: Whether hardly one text of that shape in a thousand is valid by chance.
        words: What stands beside it in a text, as a pattern.
    """

    name: str
    shape: re.Pattern[str]
    is_valid: Callable[[str], bool]
    is_sure: bool
    words: str


def bare(text: str) -> str:
    """Return a number without the blanks, dots, dashes and strokes it may be written with."""
    return re.sub(r"[\s./-]", "", text).upper()


def _digits(text: str) -> list[int]:
    return [int(sign) for sign in text]


def _weighted(text: str, weights: Sequence[int]) -> int:
    return sum(weight * int(sign) for weight, sign in zip(weights, text, strict=False))


def _is_day(month: int, day: int) -> bool:
    try:
        date(_LEAP_YEAR, month, day)
    except ValueError:
        return False
    return True


def _is_pesel(text: str) -> bool:
    is_day = _is_day(int(text[2:4]) % 20, int(text[4:6]))
    return is_day and _weighted(text, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def _is_nhs(text: str) -> bool:
    check = 11 - _weighted(text[:9], range(10, 1, -1)) % 11
    return len(set(text)) > 1 and check % 11 == int(text[9])


def _is_bsn(text: str) -> bool:
    return len(set(text)) > 1 and _weighted(text, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def _is_personnummer(text: str) -> bool:
    own = text.replace("+", "")[-10:]
    doubled = [digit * (2 - place % 2) for place, digit in enumerate(_digits(own))]
    is_day = _is_day(int(own[2:4]), int(own[4:6]) % 60)
    return is_day and sum(one // 10 + one % 10 for one in doubled) % 10 == 0


def _is_fodselsnummer(text: str) -> bool:
    first = _weighted(text, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11
    second = _weighted(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11
    return _is_day(int(text[2:4]), int(text[:2]) % 40) and not first and not second


def _is_steuer_id(text: str) -> bool:
    often = sorted(Counter(text[:10]).values(), reverse=True)
    if text[0] == "0" or often[0] not in (2, 3) or often[1] != 1:
        return False
    product = 10
    for digit in _digits(text[:10]):
        product = 2 * ((digit + product) % 10 or 10) % 11
    return (11 - product) % 10 == int(text[10])


def _is_dni(text: str) -> bool:
    number = int(text[:-1].translate(str.maketrans("XYZ", "012")))
    return _DNI_LETTERS[number % 23] == text[-1]


def _is_codice_fiscale(text: str) -> bool:
    digits = [6, 7, 9, 10, 12, 13, 14]
    plain = [_OMOCODIA.get(sign, sign) if n in digits else sign for n, sign in enumerate(text)]
    if not all(plain[place].isdigit() for place in digits):
        return False
    odd = sum(_CF_ODD[sign] for sign in text[:15:2])
    even = sum(int(sign, 36) % 10 if sign.isdigit() else ord(sign) - 65 for sign in text[1:15:2])
    return chr(65 + (odd + even) % 26) == text[15]


def _is_rijksregisternummer(text: str) -> bool:
    number, check = int(text[:9]), int(text[9:])
    is_day = _is_day(int(text[2:4]), int(text[4:6]))
    return is_day and check in (97 - number % 97, 97 - (number + 2 * 10**9) % 97)


def _is_nir(text: str) -> bool:
    number = int(text[:13].replace("2A", "19").replace("2B", "18"))
    return 97 - number % 97 == int(text[13:])


def _is_hetu(text: str) -> bool:
    if not _is_day(int(text[2:4]), int(text[:2])):
        return False
    return _HETU_SIGNS[int(text[:6] + text[-4:-1]) % 31] == text[-1]


def _is_rodne_cislo(text: str) -> bool:
    """Month plus 50 for women, plus 20 where a day's numbers ran out; the whole divides by 11."""
    month = int(text[2:4]) % 50
    is_day = _is_day(month - 20 if month > 20 else month, int(text[4:6]))  # noqa: PLR2004 - shift
    return is_day and int(text) % 11 == 0


def _kind(
    name: str,
    shape: str,
    is_valid: Callable[[str], bool],
    words: str,
    *,
    is_sure: bool = False,
) -> NationalId:
    pattern = re.compile(rf"(?<![\w.-])(?:{shape})(?![\w-])", re.ASCII | re.IGNORECASE)
    return NationalId(name, pattern, is_valid, is_sure, words)


NATIONAL_IDS = (
    _kind("PESEL numbers (Poland)", r"\d{11}", _is_pesel, "pesel"),
    _kind("NHS numbers (England)", r"\d{3}[ -]?\d{3}[ -]?\d{4}", _is_nhs, "nhs"),
    _kind("BSN numbers (Netherlands)", r"\d{4}\.?\d{2}\.?\d{3}", _is_bsn, "bsn|burgerservice|sofi"),
    _kind(
        "personal identity numbers (Sweden)",
        r"(?:18|19|20)?\d{6}[+-]?\d{4}",
        _is_personnummer,
        "person",
    ),
    _kind(
        "birth numbers (Norway)",
        r"\d{6} ?\d{5}",
        _is_fodselsnummer,
        "f[øo]dsel|personnummer",
        is_sure=True,
    ),
    _kind(
        "tax identification numbers (Germany)",
        r"\d{2} ?\d{3} ?\d{3} ?\d{3}",
        _is_steuer_id,
        "steuer|idnr|tax",
    ),
    _kind(
        "DNI or NIE numbers (Spain)",
        r"(?:\d{8}|[XYZ]-?\d{7})-?[A-HJ-NP-TV-Z]",
        _is_dni,
        "dni|nie|nif",
    ),
    _kind(
        "codici fiscali (Italy)",
        r"[A-Z]{6}[\dL-NP-V]{2}[A-EHLMPRST][\dL-NP-V]{2}[A-Z][\dL-NP-V]{3}[A-Z]",
        _is_codice_fiscale,
        "fiscale",
        is_sure=True,
    ),
    _kind(
        "national register numbers (Belgium)",
        r"\d{2}\.?\d{2}\.?\d{2}[- ]?\d{3}[. ]?\d{2}",
        _is_rijksregisternummer,
        "rijksregister|national|niss|insz",
        is_sure=True,
    ),
    _kind(
        "social security numbers (France)",
        r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}",
        _is_nir,
        "nir|s[ée]cu",
        is_sure=True,
    ),
    _kind(
        "personal identity codes (Finland)",
        r"\d{6}[-+A-FU-Y]\d{3}[\dA-FHJ-NPR-Y]",
        _is_hetu,
        "hetu|henkil",
        is_sure=True,
    ),
    _kind(
        "birth numbers (Czechia and Slovakia)",
        r"\d{6}/?\d{4}",
        _is_rodne_cislo,
        "rodn|r\\.? ?[cč]",
    ),
)
"""Every kind that is looked for."""
