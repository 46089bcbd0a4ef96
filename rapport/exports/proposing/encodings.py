"""Which encoding a text is in: that of its mark, or UTF-8 where the bytes are that strictly.

Other encodings cannot be told from each other by the bytes, so they are only suggested.
"""

import re

from rapport.exports.file_rules import refuse
from rapport.exports.proposing.said import Said, unsure

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_OTHERS = ("cp1252", "cp1250", "iso8859-2")
_LETTERS = {
    "cp1252": "äöüßÄÖÜéèêàâçñíóúáøåæ",
    "cp1250": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻčšžřěá",
    "iso8859-2": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻčšžřěá",
}
_CONTROLS = re.compile("[\x80-\x9f]")


def encoding_of(content: bytes) -> Said:
    """Return the encoding of a text: sure by its mark or as UTF-8, otherwise only suggested.

    Args:
        content: The bytes of the text.

    Raises:
        ExportRefusedError: ``ENCODING`` – none that is known here can read the bytes.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return Said(name, "by its byte-order mark")
    if b"\0" in content[:400]:
        for name in ("utf-16-le", "utf-16-be"):
            if _decodes(content, name):
                return unsure(name, "bytes alternate with NUL, and no byte-order mark says so")
    if _decodes(content, "utf-8"):
        why = "plain ASCII" if content.isascii() else "the bytes are UTF-8, strictly"
        return Said("utf-8", why)
    able = [name for name in _OTHERS if _decodes(content, name)]
    if not able:
        refuse(
            "ENCODING",
            "The bytes are in no encoding that is known here.",
            "Export again in UTF-8.",
        )
    ranked = sorted(able, key=lambda name: -_likely(content, name))
    others = ", ".join(ranked[1:]) or "none"
    return unsure(
        ranked[0],
        f"not UTF-8; the bytes fit this and: {others}. Ask which, or export in UTF-8",
    )


def _decodes(content: bytes, name: str) -> bool:
    try:
        text = content.decode(name)
    except UnicodeDecodeError:
        return False
    return not _CONTROLS.search(text)


def _likely(content: bytes, name: str) -> float:
    strange = [sign for sign in content.decode(name) if not sign.isascii()]
    return sum(sign in _LETTERS[name] for sign in strange) / max(len(strange), 1)
