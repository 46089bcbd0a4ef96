"""Which decimal mark the numbers of a file have."""

import re
from collections.abc import Sequence

from rapport.exports.proposing.columns import Column
from rapport.exports.proposing.dates import is_date_column
from rapport.exports.proposing.said import Said, unsure

_COMMA_NUMBER = re.compile(r"-?\d{1,4},\d{1,3}", re.ASCII)
_POINT_NUMBER = re.compile(r"-?\d{1,4}\.\d{1,3}", re.ASCII)


def decimal_of(columns: Sequence[Column]) -> Said:
    """Return the decimal mark; doubtful where numbers have both."""
    commas = any(_COMMA_NUMBER.fullmatch(text) for one in columns for text in one.texts)
    points = any(
        _POINT_NUMBER.fullmatch(text)
        for one in columns
        for text in one.texts
        if not is_date_column(one.texts)
    )
    if commas and points:
        return unsure(",", "numbers with commas and with points are in the file")
    return Said("," if commas else ".")
