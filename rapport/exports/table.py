"""What every reader of a format hands over: a header, rows of text, and where each row stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapport.clinics.mapping import MissingReason


@dataclass(frozen=True, slots=True)
class Table:
    """One export as text, before any mapping.

    Attributes:
        header: Names of the columns, exactly as the file has them.
        rows: The fields of each row; a row may be shorter or longer than the header.
        lines: The line on which each row starts, from 1.
        header_line: The line on which the header starts.
        is_ended: Whether the last row is known to be whole.
        tests: Places (from 0) of rows that the format itself marks as tests.
        zones: Column → IANA name of the time zone that the file says its times are in.
        known: Shell patterns of the format's own columns, which need not be told as unknown.
        row_key: Columns that, with the patient, tell the format's rows apart.
        form_key: Those of them that say which part of the record a row holds.
        codings: Column → the codes to which the file itself gives labels as answers.
        labels: Column → code → label, as the file or its dictionary has them, codes of missing
            values included. Data, for a person who proposes a mapping; never told.
        withdrawn: Places of rows that a newer version in the same file replaces, or that the format
            itself takes back.
        resources: What the format itself calls each row, where it names them; empty otherwise.
        versions: Which version of that name each row is, as texts of which the greatest is the
            newest; as long as ``resources``.
        may_be_absent: What the names of columns start with that stand in the file only if some row
            fills them; empty if every column stands in every file.
        missing_codes: Texts by which the format itself says why a value is missing → the reason.
        cell_lines: Of each row, column → line of cells that stand on another line; empty if every
            row stands on one.
        blocks: Which block of its line each row is; empty if there are no blocks.
        heading: The first header row as it stands in the file, where the names of ``header`` were
            made of it.
        titles: Column → what the file itself calls it beside its name, such as the text of a
            question; for a person who proposes a mapping.
    """

    header: tuple[str, ...]
    rows: list[list[str]]
    lines: Sequence[int]
    header_line: int = 1
    is_ended: bool = True
    tests: frozenset[int] = frozenset()
    zones: Mapping[str, str] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    row_key: tuple[str, ...] = ()
    form_key: tuple[str, ...] = ()
    codings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    withdrawn: frozenset[int] = frozenset()
    resources: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    may_be_absent: tuple[str, ...] = ()
    missing_codes: Mapping[str, MissingReason] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cell_lines: Sequence[Mapping[str, int]] = ()
    blocks: tuple[str, ...] = ()
    heading: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
