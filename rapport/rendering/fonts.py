"""The report's own fonts: taken from a pinned package, reduced, checked for coverage, isolated.

No font of the machine is ever used. The faces are cut down once a process (no hinting, only the
features that are used) and embedded as they are: the bytes of a report then depend on pinned
Python packages, not on which subsetting library the machine has. Most reports need Latin letters
only; a text with Greek or Cyrillic gets the larger cut.
"""

import io
import os
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from rapport.errors import Fault, RenderingError

FAMILY = "Source Sans Pro"
FACES: Mapping[int, str] = {
    300: "SourceSansPro-Light.ttf",
    400: "SourceSansPro-Regular.ttf",
    600: "SourceSansPro-Semibold.ttf",
}
"""CSS font weight → file of the package ``font-source-sans-pro``."""

Cut = Literal["latin", "whole"]

_FEATURES = ["ccmp", "kern", "lnum", "locl", "mark", "mkmk", "pnum", "tnum"]
_LATIN = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x18F, 0x18F), (0x192, 0x192), (0x1A0, 0x1A1), (0x1AF, 0x1B0),
    (0x1CD, 0x1DC), (0x1E6, 0x1E7), (0x1EA, 0x1EB), (0x218, 0x21B), (0x2BB, 0x2BC), (0x2C6, 0x2DD),
    (0x300, 0x304), (0x306, 0x30C), (0x31B, 0x31B), (0x323, 0x328), (0x1E80, 0x1E85),
    (0x1E9E, 0x1E9E), (0x1EA0, 0x1EF9), (0x2009, 0x2026), (0x2030, 0x203A), (0x20AC, 0x20AC),
    (0x2190, 0x2193), (0x2212, 0x2212), (0x2248, 0x2248), (0x2264, 0x2265), (0x25CA, 0x25CA),
)  # fmt: skip
_LAYOUT_ONLY = frozenset("\n\t\r\u00ad\u200b")


@dataclass(frozen=True, slots=True)
class FontFace:
    """One reduced face: its CSS weight, its file, and the characters it can show."""

    weight: int
    content: bytes
    characters: frozenset[str]


def cut_for(text: str) -> Cut:
    """Return the smallest cut of the faces that can show ``text``.

    Raises:
        RenderingError: No cut can; names the scripts of what is missing, never the text itself.
    """
    needed = set(text) - _LAYOUT_ONLY
    if needed <= covered("latin"):
        return "latin"
    missing = sorted(needed - covered("whole"))
    if missing:
        raise RenderingError(
            Fault(
                "MISSING_GLYPH",
                f"The font has no glyph for characters of: {', '.join(_scripts(missing))}.",
                "Write the name in Latin, Greek or Cyrillic letters in clinics.yaml.",
            )
        )
    return "whole"


@lru_cache(maxsize=2)
def cut_faces(cut: Cut) -> tuple[FontFace, ...]:
    """Return all faces of one cut; made once a process."""
    return tuple(_cut_face(weight, name, cut) for weight, name in FACES.items())


@lru_cache(maxsize=2)
def covered(cut: Cut) -> frozenset[str]:
    """Return the characters that every face of a cut can show."""
    return frozenset.intersection(*(face.characters for face in cut_faces(cut)))


def _cut_face(weight: int, name: str, cut: Cut) -> FontFace:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(font_folder() / name, recalcTimestamp=False)
    wanted = {
        code for code in font.getBestCmap()
        if cut == "whole" or any(first <= code <= last for first, last in _LATIN)
    }  # fmt: skip
    options = subset.Options(hinting=False, layout_features=_FEATURES, name_IDs=[1, 2, 4, 6])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    content = io.BytesIO()
    font.save(content)
    return FontFace(weight, content.getvalue(), frozenset(map(chr, wanted)))


def font_folder() -> Path:
    """Return the folder of the pinned font package."""
    import font_source_sans_pro

    return Path(font_source_sans_pro.font_directory)


def _scripts(characters: list[str]) -> list[str]:
    """Name what is missing by script (``THAI``) or category, not by character."""
    names = {unicodedata.name(c, f"CATEGORY {unicodedata.category(c)}") for c in characters}
    return sorted({name.split(" ")[0] for name in names})


@contextmanager
def own_fontconfig() -> Iterator[None]:
    """Let Fontconfig load an empty configuration of our own, and put the environment back.

    Fontconfig reads ``FONTCONFIG_FILE`` when a configuration is loaded; later changes do not
    reach that configuration. Must enclose the first import of WeasyPrint, which loads one.
    """
    before = os.environ.get("FONTCONFIG_FILE")
    with tempfile.TemporaryDirectory(prefix="rapport-fonts-") as folder:
        settings = Path(folder) / "fonts.conf"
        settings.write_text(_fontconfig(folder), encoding="utf-8")
        os.environ["FONTCONFIG_FILE"] = str(settings)
        try:
            yield
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before


def _fontconfig(folder: str) -> str:
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig><cachedir>{folder}</cachedir></fontconfig>"
    )
