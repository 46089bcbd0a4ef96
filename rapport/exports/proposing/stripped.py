"""A Qualtrics export of which header rows were removed by hand, seen by its columns' names."""

from collections.abc import Sequence

from rapport.exports.file_rules import refuse
from rapport.exports.formats.qualtrics import TEST_CHANNEL, TEST_STATUS
from rapport.exports.proposing.said import Said, unsure

_SIGNS = frozenset({"StartDate", "EndDate", "ResponseId"})
_REMARK = (
    "This looks like a Qualtrics export of which two header rows were removed: the zone of its "
    "times is lost with them. Deliver the file as Qualtrics exports it, if you can."
)


def stripped(rows: Sequence[Sequence[str]]) -> tuple[dict[str, Said], tuple[str, ...]]:
    """Return which rows are tests, and a remark, if the rows are Qualtrics' without its headers.

    Args:
        rows: The first rows of the file, the header first.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT`` – the question texts still stand below the header.
    """
    header = list(rows[0]) if rows else []
    if not set(header) >= _SIGNS or len(rows) < 2:  # noqa: PLR2004 - a header alone shows nothing
        return {}, ()
    place = header.index("EndDate")
    if place < len(rows[1]) and not any(sign.isdigit() for sign in rows[1][place]):
        refuse(
            "WRONG_FORMAT",
            "Of the three header rows that Qualtrics writes, the third was removed.",
            "Deliver the file as Qualtrics exports it; do not open and save it in between.",
            line=2,
        )
    known = (("Status", TEST_STATUS), ("DistributionChannel", TEST_CHANNEL))
    signs = {name: sorted(texts) for name, texts in known if name in header}
    if not signs:
        return {}, (_REMARK,)
    return {"test_rows": unsure(signs, "what Qualtrics writes for previews and tests")}, (_REMARK,)
