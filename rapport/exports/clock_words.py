"""Moments as Google Forms writes them, in the language of the form's owner, as one that is read.

``2022/02/13 10:26:52 p. m. CET`` becomes ``2022/02/13 10:26:52 PM +01:00``: the halves of the day
are written in the owner's language, and the zone as an offset or by the name that this language has
for it. A name that several zones share, or that is not known, is left; such a row has no date.

Source:
    Unicode CLDR, day periods and abbreviations of time zones in the languages named below.
"""

import re
from types import MappingProxyType

_AM = (
    "am", "a.m.", "a. m.", "vorm.", "fm", "f.m.", "v.m.", "ap.", "de.", "dop.", "przed poł.",
    "öö", "πμ", "π.μ.", "дп", "пр.об.", "sa", "ص", "לפנה״צ", "上午", "午前", "오전",
)  # fmt: skip
_PM = (
    "pm", "p.m.", "p. m.", "nachm.", "em", "e.m.", "n.m.", "ip.", "du.", "odp.", "po poł.",
    "ös", "μμ", "μ.μ.", "пп", "сл.об.", "ch", "م", "אחה״צ", "下午", "午後", "오후",
)  # fmt: skip
_HALVES = MappingProxyType({**dict.fromkeys(_AM, "AM"), **dict.fromkeys(_PM, "PM")})
_HOURS = MappingProxyType(
    {
        "z": 0, "wet": 0, "wez": 0,
        "cet": 1, "mez": 1, "west": 1, "wesz": 1, "hnec": 1,
        "cest": 2, "mesz": 2, "eet": 2, "oez": 2, "heec": 2,
        "eest": 3, "oesz": 3,
    }
)  # fmt: skip
"""Name of a European zone in English, French or German → hours before UTC; each has one meaning."""

_MOMENT = re.compile(
    r"(?P<day>\d{4}/\d{1,2}/\d{1,2}) (?P<time>\d{1,2}:\d{2}:\d{2})"
    r"(?: (?P<half>[^\d+:-]{1,12}?))?"
    r" (?:\[?(?:GMT|UTC|غرينتش)(?:(?P<sign>[+−-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)?\]?"
    r"|(?P<zone>[A-Za-z]{1,5}))",
    re.ASCII,
)
_OFFSET = re.compile(r" (?:GMT|UTC)(?:([+-])(\d{1,2})(?::?(\d{2}))?)?$", re.ASCII)
_BLANKS = re.compile(r"[\s\u200e\u200f]+")


def plain_moment(moment: str) -> str:
    """Return a moment with AM or PM and a numeric offset; any other text as it is.

    Args:
        moment: A cell of a form's own CSV, such as ``2020/07/27 3:15:06 午後 GMT+9``.
    """
    written = _BLANKS.sub(" ", moment).strip()
    found = _MOMENT.fullmatch(written)
    if found is None:
        return _with_offset(moment)
    half = _HALVES.get((found["half"] or "").casefold(), "")
    zone = found["zone"]
    if (found["half"] and not half) or (zone and zone.casefold() not in _HOURS):
        return moment
    hours = _HOURS[zone.casefold()] if zone else int(found["hours"] or 0)
    sign = "-" if found["sign"] in ("-", "\N{MINUS SIGN}") else "+"
    offset = f"{sign}{hours:02d}:{found['minutes'] or '00'}"
    return " ".join(filter(None, (found["day"], found["time"], half, offset)))


def _with_offset(moment: str) -> str:
    """Return any other text with its offset from Greenwich, if it ends in one, as a number."""
    found = _OFFSET.search(moment)
    if not found:
        return moment
    sign, hours, minutes = found[1] or "+", found[2] or "0", found[3] or "0"
    return f"{moment[: found.start()]} {sign}{int(hours):02d}:{int(minutes):02d}"
