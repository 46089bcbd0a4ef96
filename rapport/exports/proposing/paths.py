"""Under which names such files come: the pattern of one file's name, with the month in it."""

import re
from pathlib import PurePosixPath

from rapport.exports.proposing.said import Said, unsure

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?!\d)")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_. -]{0,40}", re.ASCII)


def path_of(name: str) -> Said:
    """Return the pattern of the file's name: what is before and after a month, if one is in it.

    Args:
        name: The name as it was received; only an extension and a plain beginning are told.
    """
    suffixes = "".join(PurePosixPath(name).suffixes[-2:])
    suffix = suffixes if len(suffixes) <= 10 and suffixes.isascii() else ""  # noqa: PLR2004 - .csv.gz
    month = _MONTH.search(name)
    before = name[: month.start()] if month else ""
    if month and _PLAIN_NAME.fullmatch(before):
        return unsure(f"{before}{{month}}*{suffix}", "by the name of this one file")
    return unsure(f"{{month}}*{suffix}", "the name of a file must tell its month, as YYYY-MM")
