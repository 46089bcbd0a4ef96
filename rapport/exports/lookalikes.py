"""Keys that look the same and are not: case, width, and letters of another alphabet.

``P01`` and ``p01``, or ``P01`` with a Cyrillic Р, are two patients to a computer and one to
everybody who reads them; so are ``007`` and ``7``, once a spreadsheet has been at one of the files.
Two questions are asked: is a key written in one alphabet and in plain
signs, and what does it look like?

Source:
    The pairs of letters are those of Unicode Technical Standard 39 (confusables) between Latin,
    Greek and Cyrillic whose shapes are the same in common typefaces.
"""

import unicodedata

_CYRILLIC = dict(zip("авекмнорстухіјѕԁһԛԝґ", "abekmhopctyxijsdhqwr", strict=True))
_GREEK = dict(zip("αβεζηικμνορτυχϳ", "abezhikmvoptyxj", strict=True))
_SAME_SHAPE = str.maketrans(_CYRILLIC | _GREEK)
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def is_plain(text: str) -> bool:
    """Whether a key is written in one alphabet, in plain signs and in plain digits.

    Full-width letters, letters of mathematics, no-break blanks, digits of other scripts beside
    letters of ours, and Cyrillic or Greek letters among Latin ones make it not plain.
    """
    if text.isascii():
        return True
    if unicodedata.normalize("NFKC", text) != unicodedata.normalize("NFC", text):
        return False
    alphabets = {_alphabet(sign) for sign in text if sign.isalpha()} - {None}
    digits = {unicodedata.name(sign, "")[:5] for sign in text if unicodedata.category(sign) == "Nd"}
    return len(alphabets) <= 1 and not (alphabets and digits - {"DIGIT"})


def looks_like(text: str) -> str:
    """Return a text that is the same for all keys that a reader cannot tell apart.

    Args:
        text: A key; blanks at its ends, case, width and hidden signs are passed over, and in a
            number the noughts before it.
    """
    if text.isascii():
        plain = text.strip().lower()
        return plain.lstrip("0") or plain[-1:] if plain.isdigit() else plain
    plain = unicodedata.normalize("NFKC", text).casefold()
    shown = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", shown).translate(_SAME_SHAPE).strip()


def _alphabet(sign: str) -> str | None:
    """Return the alphabet of a letter, of those in which letters look like ours."""
    word = unicodedata.name(sign, "").partition(" ")[0]
    return word if word in _ALPHABETS else None
