"""A moment that a person asks about, as the ledger writes moments: UTC, to the microsecond."""

import re
from datetime import UTC, datetime, time

from rapport.errors import Fault, RapportError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def moment_of(written: str) -> str:
    """Read ``YYYY-MM-DD`` (the end of that day) or ``YYYY-MM-DDTHH:MM[:SS][±HH:MM]``.

    Args:
        written: The moment; without an offset it is in UTC.

    Returns:
        The moment as the ledger writes it, so that texts compare as moments do.

    Raises:
        RapportError: The text is no such moment.
    """
    try:
        moment = datetime.fromisoformat(written)
        if _DAY.fullmatch(written):
            moment = datetime.combine(moment, time.max)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        utc = zoned.astimezone(UTC)
    except (ValueError, OverflowError):
        raise RapportError(
            Fault(
                "AS_OF",
                "This is not a moment.",
                "Write a day as 2026-02-28, or a time as 2026-02-28T17:30 (UTC) or with an "
                "offset, 2026-02-28T17:30+01:00.",
            )
        ) from None
    return utc.isoformat(timespec="microseconds").replace("+00:00", "Z")
