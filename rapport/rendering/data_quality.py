"""Where every received row went, and the most frequent reasons for refusing one.

The conservation law is asserted here once more, over the numbers that are printed: received =
accepted + refused + superseded + duplicates + declared test rows, file by file and in the sum.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rapport.errors import Fault, RenderingError
from rapport.months import Month
from rapport.rendering.facts import DataQuality, FigureTable, FileFact, ReasonFact
from rapport.rendering.formats import NumberStyle, counted

COUNTS = (
    "rows_received", "rows_accepted", "rows_quarantined", "rows_superseded", "rows_duplicate",
    "rows_test",
)  # fmt: skip
TOP_REASONS = 6
REASONS_IN_A_NOTICE = 3
FILES_IN_A_NOTICE = 4

_BACKTICKED = re.compile(r"`([^`]*)`")
_RULE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
PLACES_SHOWN = 3
LINES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class RuleWords:
    """What a rule asks, and what to do when it does not hold.

    Attributes:
        title: The question that the rule asks.
        remedy: What to do at the source; names of settings may stand in backticks.
    """

    title: str
    remedy: str

    @property
    def remedy_in_print(self) -> str:
        """The remedy with quotation marks instead of backticks."""
        return _BACKTICKED.sub(r"“\1”", self.remedy)


@dataclass(frozen=True, slots=True)
class Receipts:
    """What was received for one clinic-month, as the warehouse has it.

    Attributes:
        readings: Rows of ``export_readings``.
        quarantine: Rows of ``quarantine``.
        verdict: The newest row of ``verdicts``, or ``None`` if there is none.
        rules: Rule id → its words; a rule that is not there is printed by its id.
    """

    readings: pd.DataFrame
    quarantine: pd.DataFrame
    verdict: Mapping[str, Any] | None
    rules: Mapping[str, RuleWords]

    def total(self, column: str) -> int:
        """Return the sum of one count over all files."""
        return 0 if self.readings.empty else int(self.readings[column].sum())

    @property
    def of_other_months(self) -> int:
        """Rows that cumulative exports hold of other months, where they are counted."""
        held = self.readings.get("n_other_month")
        return 0 if held is None else int(held.fillna(0).sum())

    def check(self, clinic_id: str, month: Month) -> None:
        """Hold the rows against the clinic-month and against each other.

        Raises:
            RenderingError: A row belongs to another clinic-month, rows are lost or invented, or
                the verdict counts other rows than the readings.
        """
        faults = [*_foreign(self, clinic_id, month), *_lost(self.readings), *_disagreeing(self)]
        if faults:
            raise RenderingError(faults)


def data_quality(
    receipts: Receipts, style: NumberStyle, tables: tuple[FigureTable, ...]
) -> DataQuality:
    """Return the data-quality section of a report whose figures stand in ``tables``."""
    reasons = (*_file_reasons(receipts), *_row_reasons(receipts, style))
    return DataQuality(
        files=_files(receipts, style),
        total=_total(receipts, style),
        conservation=_conservation(receipts, style),
        figures=_figure_counts(tables, style),
        reasons=reasons[:TOP_REASONS],
        further=_further(reasons[TOP_REASONS:], style),
    )


def data_quality_in_short(receipts: Receipts, style: NumberStyle) -> DataQuality:
    """Return the data-quality section of a notice, which has one page for everything."""
    whole, rows = _file_reasons(receipts), _row_reasons(receipts, style)
    reasons = (*whole, *rows[:1], *_month_reasons(receipts), *rows[1:])
    files = _files(receipts, style)
    return DataQuality(
        files=files if len(files) <= FILES_IN_A_NOTICE else (),
        total=_total(receipts, style),
        conservation=_conservation(receipts, style),
        figures="",
        reasons=reasons[:REASONS_IN_A_NOTICE],
        further=_further(reasons[REASONS_IN_A_NOTICE:], style),
    )


def advice_on_refusals(receipts: Receipts, style: NumberStyle) -> str:
    """Return the most frequent reason for refusing rows with its remedy, as sentences."""
    reasons = (*_row_reasons(receipts, style), *_file_reasons(receipts))
    if not reasons:
        return "The reasons stand under data quality."
    first = reasons[0]
    return f"Most often broken: “{first.title}” ({first.count}). {first.remedy}"


def _foreign(receipts: Receipts, clinic_id: str, month: Month) -> list[Fault]:
    frames = {"export_readings": receipts.readings, "quarantine": receipts.quarantine}
    verdict = [] if receipts.verdict is None else [receipts.verdict]
    frames["verdicts"] = pd.DataFrame(verdict, columns=["clinic_id", "month"])
    return [
        _fault("FOREIGN_ROWS", f"Rows of {name} belong to another clinic-month.")
        for name, frame in frames.items()
        if not (frame["clinic_id"].eq(clinic_id) & frame["month"].eq(str(month))).all()
    ]


def _lost(readings: pd.DataFrame) -> list[Fault]:
    kept = readings[list(COUNTS[1:])].sum(axis=1)
    if readings["rows_received"].eq(kept).all():
        return []
    return [_fault("CONSERVATION", "The rows of a file do not add up to the rows received.")]


def _disagreeing(receipts: Receipts) -> list[Fault]:
    verdict = receipts.verdict
    if verdict is None or all(int(verdict[c]) == receipts.total(c) for c in COUNTS):
        return []
    return [_fault("CONSERVATION", "Verdict and files count different rows.")]


def _fault(rule: str, message: str) -> Fault:
    return Fault(rule, message, "Collect this clinic-month again; if it stays, report it.")


def _files(receipts: Receipts, style: NumberStyle) -> tuple[FileFact, ...]:
    readings = receipts.readings.sort_values(["export_id", "content_sha256"], kind="stable")
    return tuple(_file(row, style) for row in readings.to_dict("records"))


def _file(row: Mapping[Any, Any], style: NumberStyle) -> FileFact:
    counts = [style.whole(row[column]) for column in COUNTS]
    rule, place = row["refusal_rule"], row["refusal_place"]
    refused = "" if pd.isna(rule) else f"Refused whole: {rule}"
    where = "" if not refused or pd.isna(place) or not place else f" ({place})"
    names = (str(row["export_id"]), str(row["format"]), str(row["content_sha256"]))
    return FileFact(*names, refused + where, *counts)


def _total(receipts: Receipts, style: NumberStyle) -> FileFact:
    counts = [style.whole(receipts.total(column)) for column in COUNTS]
    name = counted(len(receipts.readings), "file", "files", style)
    return FileFact(name, "", "", "", *counts)


def _conservation(receipts: Receipts, style: NumberStyle) -> str:
    received, accepted, refused, superseded, duplicate, test = (
        receipts.total(column) for column in COUNTS
    )
    elsewhere = receipts.of_other_months
    parts = (
        (accepted, "accepted"),
        (refused, "refused"),
        (superseded, "superseded by a correction"),
        (duplicate - elsewhere, "exact duplicates"),
        *([(elsewhere, "of other months, counted there")] if elsewhere else []),
        (test, "declared test rows"),
    )
    told = " + ".join(f"{style.whole(count)} {what}" for count, what in parts)
    return f"{style.whole(received)} rows received = {told}."


def _figure_counts(tables: tuple[FigureTable, ...], style: NumberStyle) -> str:
    cells = [cell for table in tables for row in table.rows for cell in row.cells]
    carried = sum(bool(cell.as_of) for cell in cells)
    states = [cell.state for cell in cells if cell.state != "empty"]
    shown, hidden, absent = (
        style.whole(states.count(state)) for state in ("shown", "suppressed", "no_data")
    )
    return (
        f"{style.whole(len(states))} figures stand in the tables of this report = {shown} shown + "
        f"{hidden} suppressed + {absent} without data.{_carried_words(carried, style)}"
    )


def _carried_words(carried: int, style: NumberStyle) -> str:
    if not carried:
        return ""
    words = counted(carried, "figure stands", "figures stand", style)
    return (
        f" Of those shown, {words} as an earlier report has them: too few patients’ data have "
        "changed since to say more without exposing someone."
    )


def _file_reasons(receipts: Receipts) -> tuple[ReasonFact, ...]:
    refused = receipts.readings.dropna(subset=["refusal_rule"])
    return tuple(_whole_file(row, receipts) for row in refused.to_dict("records"))


def _row_reasons(receipts: Receipts, style: NumberStyle) -> tuple[ReasonFact, ...]:
    refused = receipts.readings.dropna(subset=["refusal_rule"])
    rows = receipts.quarantine
    rows = rows[~rows["content_sha256"].isin(refused["content_sha256"])]
    grouped = [(str(rule), group) for rule, group in rows.groupby("rule")]
    grouped.sort(key=lambda pair: (-_distinct_rows(pair[1]), pair[0]))
    return tuple(_rows_reason(rule, group, receipts, style) for rule, group in grouped)


def _month_reasons(receipts: Receipts) -> tuple[ReasonFact, ...]:
    """Return the rules that the verdict says are broken and no row or file was refused for.

    ``broken_rules`` is text that holds rule ids, however they are separated.
    """
    told = {*receipts.quarantine["rule"], *receipts.readings["refusal_rule"].dropna()}
    broken = str((receipts.verdict or {}).get("broken_rules") or "")
    untold = [rule for rule in dict.fromkeys(_RULE_ID.findall(broken)) if rule not in told]
    return tuple(_month_reason(rule, receipts.rules.get(rule)) for rule in untold)


def _month_reason(rule: str, words: RuleWords | None) -> ReasonFact:
    return ReasonFact(
        rule=rule,
        title=words.title if words else rule,
        count="whole month",
        places="all accepted rows together",
        remedy=words.remedy_in_print
        if words
        else "Those who run Rapport can tell what this rule asks for.",
    )


def _distinct_rows(group: pd.DataFrame) -> int:
    return len(group[["content_sha256", "line"]].drop_duplicates())


def _whole_file(row: Mapping[Any, Any], receipts: Receipts) -> ReasonFact:
    rule = str(row["refusal_rule"])
    words = receipts.rules.get(rule)
    place = row["refusal_place"]
    where = str(row["export_id"]) if pd.isna(place) or not place else f"{row['export_id']}: {place}"
    return ReasonFact(
        rule=rule,
        title=words.title if words else rule,
        count="whole file",
        places=where,
        remedy=words.remedy_in_print
        if words
        else "Export the file again as agreed and send it once more.",
    )


def _rows_reason(
    rule: str, group: pd.DataFrame, receipts: Receipts, style: NumberStyle
) -> ReasonFact:
    words = receipts.rules.get(rule)
    return ReasonFact(
        rule=rule,
        title=words.title if words else rule,
        count=counted(_distinct_rows(group), "row", "rows", style),
        places=_places(group, receipts.readings),
        remedy=words.remedy_in_print if words else str(group["remedy"].iloc[0]),
    )


def _places(group: pd.DataFrame, readings: pd.DataFrame) -> str:
    """Write where rows were refused: ``sessions, w7: lines 14, 15, 88 and 4 more``."""
    names = dict(zip(readings["content_sha256"], readings["export_id"], strict=True))
    spots: dict[tuple[str, str], list[int]] = {}
    for sha, line, column in sorted(
        zip(group["content_sha256"], group["line"], group["column"], strict=True)
    ):
        spots.setdefault((str(names.get(sha, "unknown file")), str(column)), []).append(int(line))
    shown = [_spot(export, column, lines) for (export, column), lines in spots.items()]
    more = len(shown) - PLACES_SHOWN
    return "; ".join(shown[:PLACES_SHOWN]) + (f"; and {more} more columns" if more > 0 else "")


def _spot(export: str, column: str, lines: list[int]) -> str:
    where = f"{export}, {column}" if column else export
    more = len(lines) - LINES_SHOWN
    numbers = ", ".join(str(line) for line in lines[:LINES_SHOWN])
    noun = "line" if len(lines) == 1 else "lines"
    return f"{where}: {noun} {numbers}" + (f" and {more} more" if more > 0 else "")


def _further(reasons: tuple[ReasonFact, ...], style: NumberStyle) -> str:
    if not reasons:
        return ""
    many = counted(len(reasons), "further reason", "further reasons", style)
    return f"{many}: {', '.join(reason.rule for reason in reasons)}."
