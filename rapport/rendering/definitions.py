"""What the printed figures mean: the figure catalogue's own words, likenesses said once.

Figures of one family whose definitions differ in a few words only, such as the three moments of a
measure, share an entry: ``Mean of the first score / of the last score … over finished episodes``.
"""

import re
from collections.abc import Iterable

from rapport.rendering.facts import DefinitionFact, FigureTable, MethodFact
from rapport.statistics.figures import CATALOGUE, Figure

MOSTLY_ALIKE = 0.5
"""Part of every definition that has to be common before an entry is shared."""

HARDLY_DIFFERENT = 0.8
"""Part of methods that has to be common before they share a letter."""

_PIECES = re.compile(r"\w+|\W")


def definitions_of(tables: Iterable[FigureTable]) -> tuple[DefinitionFact, ...]:
    """Return the definitions of all figures in the tables, in the order of the catalogue."""
    figures = _used(tables)
    groups = _methods(figures)
    letters = {way: _letter(at) for at, group in enumerate(groups) for way in group}
    families: dict[tuple[str, ...], list[Figure]] = {}
    for figure in figures:
        families.setdefault(_neighbourhood(figure), []).append(figure)
    return tuple(entry for family in families.values() for entry in _entries(family, letters))


def _neighbourhood(figure: Figure) -> tuple[str, ...]:
    """Return what figures have in common that share an entry, or may."""
    return (figure.entry,) if figure.entry else (figure.id.rpartition(".")[0], *_way(figure))


def methods_of(tables: Iterable[FigureTable]) -> tuple[MethodFact, ...]:
    """Return each method once, lettered in the order in which the definitions need them."""
    return tuple(
        MethodFact(_letter(at), alike([method for method, _ in group])[0], group[0][1])
        for at, group in enumerate(_methods(_used(tables)))
    )


def in_two_columns(
    definitions: tuple[DefinitionFact, ...],
) -> tuple[tuple[DefinitionFact, ...], tuple[DefinitionFact, ...]]:
    """Split definitions where the columns become about equally long.

    Done here, not by the renderer: balancing columns by trial takes it longer than the rest.
    """
    lengths = [len(d.title) + len(d.ids) + len(d.definition) for d in definitions]
    half, at = sum(lengths) / 2, 0
    while at < len(lengths) and sum(lengths[:at]) < half:
        at += 1
    return definitions[:at], definitions[at:]


def alike(texts: list[str]) -> tuple[str, float]:
    """Write texts that begin and end alike as one, and say what part of them is common.

    Returns:
        ``Mean of the first / last score`` for "Mean of the first score" and "Mean of the last
        score", and the common part of the longest text, 0 to 1.
    """
    pieces = [_PIECES.findall(text) for text in texts]
    start = _common(pieces)
    rest = [each[start:] for each in pieces]
    end = _common([each[::-1] for each in rest])
    middles = ["".join(each[: len(each) - end]) for each in rest]
    before = "".join(pieces[0][:start])
    after = "".join(rest[0][len(rest[0]) - end :])
    together = before + " / ".join(middles) + after
    return together, (len(before) + len(after)) / max(map(len, texts))


def _common(pieces: list[list[str]]) -> int:
    """Return how many first pieces are the same in all."""
    same = 0
    for column in zip(*pieces, strict=False):
        if len(set(column)) > 1:
            break
        same += 1
    return same


def _entries(family: list[Figure], letters: dict[tuple[str, str], str]) -> list[DefinitionFact]:
    letter = ", ".join(dict.fromkeys(letters[_way(figure)] for figure in family))
    if family[0].entry:
        ids = ", ".join(dict.fromkeys(f"{f.id.partition('.')[0]}.…" for f in family))
        return [DefinitionFact(ids, family[0].entry, family[0].definition, letter)]
    definition, common = alike([figure.definition for figure in family])
    if len(family) == 1 or common < MOSTLY_ALIKE:
        return [DefinitionFact(f.id, f.title, f.definition, letter) for f in family]
    last = ["." + figure.id.rpartition(".")[2] for figure in family[1:]]
    title, _ = alike([figure.title for figure in family])
    return [DefinitionFact(", ".join([family[0].id, *last]), title, definition, letter)]


def _used(tables: Iterable[FigureTable]) -> list[Figure]:
    used = {cell.id for table in tables for row in table.rows for cell in row.cells}
    return [figure for figure in CATALOGUE.values() if figure.id in used]


def _way(figure: Figure) -> tuple[str, str]:
    return figure.method, figure.source


def _methods(figures: list[Figure]) -> list[list[tuple[str, str]]]:
    """Group methods of one source whose words hardly differ."""
    groups: list[list[tuple[str, str]]] = []
    for way in dict.fromkeys(_way(figure) for figure in figures):
        for group in groups:
            together = [method for method, _ in (*group, way)]
            if group[0][1] == way[1] and alike(together)[1] > HARDLY_DIFFERENT:
                group.append(way)
                break
        else:
            groups.append([way])
    return groups


def _letter(at: int) -> str:
    return chr(ord("A") + at)
