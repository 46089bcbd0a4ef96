"""Blocks: one row a referral, its sessions beside each other, taken apart to one row a session.

A block of which every field is empty is a session that has not been. All rows of one referral
stand on its line; which block they come from is remembered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapport.clinics.layouts import BLOCK, has_block, in_block, other_blocks
from rapport.clinics.mapping import ExportMapping
from rapport.exports.columns import mapped_columns, missing_names
from rapport.exports.file_rules import refuse
from rapport.exports.layouts.ends import broken_places
from rapport.exports.table import Table
from rapport.instruments import Instrument


@dataclass(frozen=True, slots=True)
class _Block:
    """One block: its name, its number from 1, and the places of its columns in a row."""

    name: str | int
    number: int
    places: tuple[int, ...]


def unstacked(table: Table, mapping: ExportMapping, catalogue: Mapping[str, Instrument]) -> Table:
    """Take the sessions of each row apart.

    Args:
        table: The file, one row a referral.
        mapping: Names columns by ``{block}``.
        catalogue: Instruments by id: how many items each form has.

    Returns:
        One row a session; columns outside the blocks stand in each of them, those of a block under
        the names that the mapping gives them.

    Raises:
        ExportRefusedError: ``MISSING_COLUMN``, ``DUPLICATE_COLUMN``, ``FIELD_COUNT``, or
            ``WRONG_FORMAT`` – there are more blocks than declared.
    """
    wanted = mapped_columns(mapping, catalogue)
    own = tuple(name for name in wanted if has_block(name) and name != BLOCK)
    _check_last(table, mapping, own)
    named = [in_block(name, block) for block in _present(table, mapping, own) for name in own]
    shared = [name for name in wanted if not has_block(name)]
    missing_names(table, (*shared, *named), mapping)
    places = {name: place for place, name in enumerate(table.header)}
    blocks = [
        _Block(block, number, tuple(places[in_block(name, block)] for name in own))
        for number, block in enumerate(mapping.block_names, 1)
        if in_block(own[0], block) in places
    ]
    broken = broken_places(
        table, mapping, catalogue, read=(*shared, *named), answered=_answered(mapping, catalogue)
    )
    return _taken_apart(table, mapping, own, blocks, broken)


def _present(table: Table, mapping: ExportMapping, own: Sequence[str]) -> list[str | int]:
    """Return the blocks of which any column is there, and the first in any case."""
    header = set(table.header)
    return [
        block
        for number, block in enumerate(mapping.block_names)
        if number == 0 or any(in_block(name, block) in header for name in own)
    ]


def _check_last(table: Table, mapping: ExportMapping, own: Sequence[str]) -> None:
    """Refuse a file with more numbered blocks than declared: their sessions would be lost."""
    if not isinstance(mapping.blocks, int):
        return
    shapes = [other_blocks(name) for name in own]
    for name in table.header:
        found = next(filter(None, (shape.fullmatch(name) for shape in shapes)), None)
        if found and int(found[1]) > mapping.blocks:
            refuse(
                "WRONG_FORMAT",
                f"The file has more blocks than the {mapping.blocks} that are declared.",
                "Raise `blocks` in this clinic's registry entry.",
                line=table.header_line,
                column=name,
            )


def _answered(mapping: ExportMapping, catalogue: Mapping[str, Instrument]) -> frozenset[str]:
    return frozenset(
        in_block(name, block)
        for form in mapping.forms
        for name in form.columns(catalogue[form.instrument].n_items)
        for block in mapping.block_names
    )


def _taken_apart(
    table: Table,
    mapping: ExportMapping,
    own: tuple[str, ...],
    blocks: Sequence[_Block],
    broken: frozenset[int],
) -> Table:
    in_blocks = {place for block in blocks for place in block.places}
    kept = [place for place in range(len(table.header)) if place not in in_blocks]
    rows: list[list[str]] = []
    lines: list[int] = []
    names: list[str] = []
    for place, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        if place in broken:
            rows.append([])
            lines.append(line)
            names.append("")
            continue
        for block in blocks:
            cells = [row[at] for at in block.places]
            if any(cell and cell not in mapping.missing_codes for cell in cells):
                rows.append([*(row[at] for at in kept), str(block.number), *cells])
                lines.append(line)
                names.append(str(block.name))
    header = (*(table.header[place] for place in kept), BLOCK, *own)
    return replace(
        table,
        header=header,
        rows=rows,
        lines=lines,
        is_ended=True,
        known=(*table.known, "[{]block[}]"),
        codings={
            name: table.codings[in_block(name, blocks[0].name)]
            for name in own
            if in_block(name, blocks[0].name) in table.codings
        },
        labels={
            name: table.labels[in_block(name, blocks[0].name)]
            for name in own
            if in_block(name, blocks[0].name) in table.labels
        },
        blocks=tuple(names),
    )
