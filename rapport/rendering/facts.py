"""What a report or a notice says: frozen facts, already worded and formatted for print.

Templates print these and compute nothing. Numbers stand here as text in the clinic's own number
style; only the marks of charts keep their floats, because a chart is drawn from them. A figure
that is hidden or absent says so in words, and has no number anywhere.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["shown", "suppressed", "no_data", "empty"]
"""``empty`` is a cell that no figure could stand in; it is counted nowhere."""

SILENT_STATES: tuple[State, ...] = ("no_data", "empty")
"""States of cells that say nothing: a row of nothing else is left out."""

NoticeKind = Literal["failed", "error", "nothing_received", "ended"]


@dataclass(frozen=True, slots=True)
class FigureFact:
    """One figure of one window, as printed.

    Attributes:
        id: Figure id, such as ``alliance.patient.total``; its definition stands under this id.
        title: Short name.
        window: Days that it covers, in words.
        state: ``shown``, ``suppressed``, ``no_data`` or ``empty``.
        value: The number as text, or the word ``suppressed``, or ``no data``, or a dash.
        interval: The 95 % interval, ``3.71 to 4.13``, or why there is none; empty for a count.
        basis: What it rests on: ``41 patients, 96 forms``; for a hidden figure, the reason; empty
            for a count of patients, which is its own basis.
        counts: The same for a table, whose row says what is counted: ``65 of 96; 48 patients``.
        as_of: Whose figure it is, where it is an earlier report's; empty otherwise.
    """

    id: str
    title: str
    window: str
    state: State
    value: str
    interval: str
    basis: str
    counts: str
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table of figures: its heading, a note under it, one figure a column."""

    heading: str
    note: str
    cells: tuple[FigureFact, ...]


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures: caption, headings of the columns of figures, rows.

    ``earlier`` says below the table what the signs beside figures of earlier reports mean.
    """

    caption: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of page 1: what is so, in a short sentence, and what it rests on."""

    statement: str
    detail: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One point of a chart with its interval, on the scale of the chart.

    Attributes:
        label: What the point is.
        state: Only a ``shown`` mark is drawn; the others are written out as a word.
        value, low, high: The point and its interval; ``None`` where there is nothing to draw.
        text: The same in words, for the alternative text.
    """

    label: str
    state: State
    value: float | None
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Series:
    """Marks that belong together, in the order in which they are drawn."""

    name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale: its ends, and the places that are labelled, with their labels."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, and the same in words.

    Attributes:
        kind: ``trend`` (months from left to right) or ``intervals`` (one row a label).
        title: Heading above the chart.
        caption: What is seen, how to read it, window and basis.
        series: At most three; all hold marks with the same labels in the same order.
        axis: The scale of the values.
        reference: A value to compare with and its name, if one is shown.
    """

    kind: Literal["trend", "intervals"]
    title: str
    caption: str
    series: tuple[Series, ...]
    axis: Axis
    reference: tuple[float, str] | None = None


@dataclass(frozen=True, slots=True)
class FileFact:
    """One received file: which export, its hash, why it was refused, where its rows went."""

    export_id: str
    format: str
    sha256: str
    refusal: str
    received: str
    accepted: str
    refused: str
    superseded: str
    duplicate: str
    test: str


@dataclass(frozen=True, slots=True)
class ReasonFact:
    """Why rows or files were refused: the rule, how many, where, and what to do."""

    rule: str
    title: str
    count: str
    places: str
    remedy: str


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Where every row went.

    Attributes:
        files: One entry a file.
        total: The sums over the files.
        conservation: The law as a sentence with its numbers.
        figures: How many figures are shown, suppressed, without data.
        reasons: The most frequent reasons, most rows first.
        further: What the list leaves out, in words; empty when it is complete.
    """

    files: tuple[FileFact, ...]
    total: FileFact
    conservation: str
    figures: str
    reasons: tuple[ReasonFact, ...]
    further: str


@dataclass(frozen=True, slots=True)
class DefinitionFact:
    """What figures mean: their ids, title, what is counted, the letter of the method."""

    ids: str
    title: str
    definition: str
    method: str


@dataclass(frozen=True, slots=True)
class MethodFact:
    """One way of computing value and interval: its letter, its words, its source."""

    letter: str
    method: str
    source: str


@dataclass(frozen=True, slots=True)
class ReplacedEdition:
    """The edition that this one replaces.

    Attributes:
        edition: Its number, from 1.
        pdf_sha256: Hash of its bytes.
        changes: What is different now, one sentence each; never a value.
    """

    edition: int
    pdf_sha256: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imprint:
    """Which document this is.

    Attributes:
        report_id: Clinic, month, edition and a piece of the hash of the facts.
        clinic_id, clinic_name, sector: The clinic.
        month: ``YYYY-MM``.
        month_in_words: ``February 2026``.
        month_end: Last day of the month, ISO: the document's own date.
        edition: Number of this edition, from 1.
        edition_in_words: ``Edition 2: revised, replaces edition 1``.
        revision: What changed since the replaced edition, one sentence each.
    """

    report_id: str
    clinic_id: str
    clinic_name: str
    sector: str
    month: str
    month_in_words: str
    month_end: str
    edition: int
    edition_in_words: str
    revision: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Everything that a clinic's monthly report prints; ``since`` is the month before, in words."""

    imprint: Imprint
    headline: tuple[FigureFact, ...]
    since: str
    shows: tuple[Finding, ...]
    changed: tuple[Finding, ...]
    attention: tuple[Finding, ...]
    complete: tuple[Finding, ...]
    alliance_charts: tuple[Chart, ...]
    alliance_table: FigureTable
    alliance_sector_table: FigureTable
    trend_readings: tuple[str, ...]
    course_charts: tuple[Chart, ...]
    sides_table: FigureTable
    falls_table: FigureTable
    stage_table: FigureTable
    mode_table: FigureTable
    explained_table: FigureTable
    adjusted_table: FigureTable
    outcome_charts: tuple[Chart, ...]
    outcome_table: FigureTable
    measure_table: FigureTable
    activity_table: FigureTable
    therapist_charts: tuple[Chart, ...]
    therapist_table: FigureTable
    adjusted_charts: tuple[Chart, ...]
    adjusted_therapist_table: FigureTable
    consistency_table: FigureTable
    quality: DataQuality
    definitions: tuple[tuple[DefinitionFact, ...], tuple[DefinitionFact, ...]]
    methods: tuple[MethodFact, ...]
    wording: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]
    revised: FigureTable | None = None
    adjusted_notes: tuple[str, ...] = ()
    adjusted_therapist_notes: tuple[str, ...] = ()
    funnel_readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """Everything that the one-page notice prints: there is no report, why, and what to do."""

    imprint: Imprint
    kind: NoticeKind
    headline: str
    explanation: tuple[str, ...]
    steps: tuple[str, ...]
    quality: DataQuality | None
    provenance: tuple[tuple[str, str], ...]


def facts_sha256(facts: ReportFacts | NoticeFacts) -> str:
    """Return the SHA-256 of the facts: equal facts, equal hash, on every machine."""
    content = json.dumps(asdict(facts), sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(content.encode()).hexdigest()
