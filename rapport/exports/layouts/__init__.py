"""From what a vendor calls a row to one row a session and form: long files, and blocks."""

from collections.abc import Mapping

from rapport.clinics.mapping import ExportMapping
from rapport.exports.headings import check_heading
from rapport.exports.layouts.blocks import unstacked
from rapport.exports.layouts.long import widened
from rapport.exports.table import Table
from rapport.instruments import Instrument

__all__ = ["in_wide_layout"]


def in_wide_layout(
    table: Table, mapping: ExportMapping, catalogue: Mapping[str, Instrument]
) -> Table:
    """Return a table in which a row is a session or form, and a column is an item.

    Raises:
        ExportRefusedError: Columns that the layout needs are missing, rows do not have the header's
            number of fields, or items or blocks are there that nobody has declared; or the header
            stands in the file twice.
    """
    check_heading(table, mapping.patient)
    if mapping.layout == "long":
        return widened(table, mapping, catalogue)
    if mapping.blocks is not None:
        return unstacked(table, mapping, catalogue)
    return table
