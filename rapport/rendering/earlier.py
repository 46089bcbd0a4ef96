"""Signs beside figures that stand as an earlier report printed them, explained below their table.

Most of a table's earlier figures come from one month, so the month is written once a table and
not once a cell: ``†`` for the first month that its cells come from, ``‡`` for the next.
"""

from dataclasses import replace

from rapport.rendering.facts import FigureFact, FigureTable

SIGNS = ("†", "‡", "§", "¶", "‖")
"""Signs in the order of use; further months are written out in their cells."""


def with_signs(table: FigureTable) -> FigureTable:
    """Return a table whose earlier figures carry signs, with what the signs mean.

    Args:
        table: A table of figures as assembled; ``as_of`` says which are earlier ones.

    Returns:
        The same table; ``counts`` of an earlier figure ends with its sign, and ``earlier`` holds
        one sentence a sign. A table without earlier figures comes back as it is.
    """
    said = dict.fromkeys(cell.as_of for row in table.rows for cell in row.cells if cell.as_of)
    signs = dict(zip(said, SIGNS, strict=False))
    if not signs:
        return table
    rows = tuple(
        replace(row, cells=tuple(_signed(cell, signs) for cell in row.cells)) for row in table.rows
    )
    words = tuple(f"{sign} {as_of[0].upper()}{as_of[1:]}." for as_of, sign in signs.items())
    return replace(table, rows=rows, earlier=words)


def _signed(cell: FigureFact, signs: dict[str, str]) -> FigureFact:
    if not cell.as_of:
        return cell
    sign = signs.get(cell.as_of)
    if sign is None:
        counts = f"{cell.counts}; {cell.as_of}" if cell.counts else cell.as_of
        return replace(cell, counts=counts)
    return replace(cell, counts=f"{cell.counts} {sign}".strip())
