"""From frames of published figures to the facts of a report; from a verdict to those of a notice.

The gate stands here too: a report is assembled only under a verdict ``passed``, and every frame
is refused that holds rows of another clinic, month or sector.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import pandas as pd

from rapport.clinics import Clinic
from rapport.errors import Fault, RenderingError
from rapport.months import Month
from rapport.rendering import (
    case_mix_notes,
    chart_facts,
    figure_tables,
    funnel_words,
    plain_words,
    process_tables,
)
from rapport.rendering.comparing import Books
from rapport.rendering.data_quality import (
    Receipts,
    RuleWords,
    advice_on_refusals,
    data_quality,
)
from rapport.rendering.definitions import definitions_of, in_two_columns, methods_of
from rapport.rendering.earlier import with_signs
from rapport.rendering.facts import (
    FigureTable,
    Imprint,
    ReplacedEdition,
    ReportFacts,
    facts_sha256,
)
from rapport.rendering.figure_book import MONTH, TRAILING_12, FigureBook, open_book
from rapport.rendering.formats import NumberStyle
from rapport.rendering.imprint import imprint_of, newest, provenance_of, report_id
from rapport.rendering.notices import assemble_notice
from rapport.rendering.trend_words import trend_readings
from rapport.statistics.estimating.rows import ALL

__all__ = ["assemble_notice", "assemble_report"]

HEADLINE = (
    ("alliance.patient.total", MONTH),
    ("alliance.therapist.total", MONTH),
    ("outcome.reliable_improvement", TRAILING_12),
    ("completion.both", MONTH),
)
"""The four figures at the top of page 1, and their windows."""


def assemble_report(
    *,
    clinic: Clinic,
    month: Month,
    clinic_figures: pd.DataFrame,
    therapist_figures: pd.DataFrame,
    sector_figures: pd.DataFrame,
    previous_clinic_figures: pd.DataFrame,
    readings: pd.DataFrame,
    quarantine: pd.DataFrame,
    verdict: Mapping[str, Any],
    edition: int,
    replaces: ReplacedEdition | None,
    catalogue: Mapping[str, RuleWords],
    code_version: str,
) -> ReportFacts:
    """Return all that the report of one clinic-month says.

    Args:
        clinic: The clinic, as registered.
        month: The month.
        clinic_figures: Rows of ``clinic_aggregates`` of this clinic and month.
        therapist_figures: Rows of ``therapist_aggregates`` of this clinic and month.
        sector_figures: Rows of ``sector_benchmarks`` of this month, of the clinic's own sector
            and of ``all``: what is said of all clinics together.
        previous_clinic_figures: As ``clinic_figures``, of the month before; may be empty.
        readings: Rows of ``export_readings`` of this clinic-month.
        quarantine: Rows of ``quarantine`` of this clinic-month.
        verdict: The newest row of ``verdicts``; it must say ``passed``.
        edition: Number of this edition, from 1.
        replaces: The edition before this one, if there is one.
        catalogue: Rule id → what the rule is called and how to mend what breaks it.
        code_version: Version of the code that assembles.

    Raises:
        RenderingError: The verdict is not ``passed``, a frame holds foreign rows, a suppressed
            figure carries a number, rows are lost or invented, or the edition is out of order.
    """
    _require_passed(verdict)
    receipts = Receipts(readings, quarantine, verdict, catalogue)
    receipts.check(clinic.id, month)
    style = NumberStyle.of(clinic.locale)
    own = {"clinic_id": clinic.id, "month": str(month)}
    before = month.plus(-1)
    books = Books(
        now=open_book(clinic_figures, month=month, style=style, belongs_to=own),
        before=open_book(
            previous_clinic_figures,
            month=before,
            style=style,
            belongs_to=own | {"month": str(before)},
        ),
        sector=open_book(
            _of_sector(sector_figures, own=True),
            month=month,
            style=style,
            belongs_to={"sector": clinic.sector, "month": str(month)},
        ),
        sector_name=clinic.sector,
        together=open_book(
            _of_sector(sector_figures, own=False),
            month=month,
            style=style,
            belongs_to={"sector": ALL, "month": str(month)},
        ),
    )
    therapists = _therapist_books(therapist_figures, clinic, month, style)
    facts = _facts(
        books,
        therapists,
        receipts,
        imprint=imprint_of(clinic, month, edition, replaces),
        provenance=provenance_of(receipts, replaces, code_version),
    )
    identified = replace(facts.imprint, report_id=report_id(facts.imprint, facts_sha256(facts)))
    return replace(facts, imprint=identified)


def _of_sector(figures: pd.DataFrame, *, own: bool) -> pd.DataFrame:
    """Return the figures of the clinic's sector, or those of all clinics together."""
    return figures[figures["sector"].ne(ALL) == own] if len(figures) else figures


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables of a report."""

    alliance: FigureTable
    sides: FigureTable
    outcome: FigureTable
    measures: FigureTable
    activity: FigureTable
    therapists: FigureTable
    together: FigureTable
    falls: FigureTable
    stages: FigureTable
    modes: FigureTable
    explained: FigureTable
    adjusted: FigureTable
    adjusted_therapists: FigureTable
    consistency: FigureTable

    @property
    def every(self) -> tuple[FigureTable, ...]:
        """All of them, in the order of the report."""
        return (
            self.alliance,
            self.sides,
            self.together,
            self.falls,
            self.stages,
            self.modes,
            self.outcome,
            self.measures,
            self.adjusted,
            self.explained,
            self.therapists,
            self.adjusted_therapists,
            self.activity,
            self.consistency,
        )

    def with_signs(self) -> "_Tables":
        """The same tables, their earlier figures marked and explained."""
        return _Tables(**{one.name: with_signs(getattr(self, one.name)) for one in fields(self)})


def _facts(
    books: Books,
    therapists: Mapping[str, FigureBook],
    receipts: Receipts,
    *,
    imprint: Imprint,
    provenance: tuple[tuple[str, str], ...],
) -> ReportFacts:
    now, sector, style = books.now, books.sector, books.now.style
    tables = _tables(books, therapists).with_signs()
    return ReportFacts(
        imprint=imprint,
        headline=tuple(now.fact(figure, period) for figure, period in HEADLINE),
        since=books.before.month.in_words,
        shows=plain_words.what_it_shows(books),
        changed=plain_words.what_changed(books),
        attention=plain_words.what_needs_attention(
            books,
            refused=receipts.total("rows_quarantined"),
            received=receipts.total("rows_received") - receipts.of_other_months,
            advice=advice_on_refusals(receipts, style),
        ),
        complete=plain_words.how_complete(
            books.now,
            refused=receipts.total("rows_quarantined"),
            received=receipts.total("rows_received") - receipts.of_other_months,
            accepted=receipts.total("rows_accepted"),
            files=len(receipts.readings),
        ),
        alliance_charts=chart_facts.alliance_charts(now),
        outcome_charts=chart_facts.outcome_charts(now, sector, books.sector_name),
        therapist_charts=chart_facts.therapist_charts(therapists, now),
        trend_readings=trend_readings(now),
        course_charts=chart_facts.course_charts(now),
        sides_table=tables.together,
        falls_table=tables.falls,
        stage_table=tables.stages,
        mode_table=tables.modes,
        explained_table=tables.explained,
        adjusted_table=tables.adjusted,
        funnel_readings=funnel_words.funnel_readings(now, sector, books.sector_name),
        adjusted_notes=case_mix_notes.clinic_notes(now, books.together),
        adjusted_therapist_notes=case_mix_notes.therapist_notes(therapists),
        adjusted_charts=chart_facts.adjusted_charts(therapists, now),
        adjusted_therapist_table=tables.adjusted_therapists,
        consistency_table=tables.consistency,
        alliance_table=tables.alliance,
        alliance_sector_table=tables.sides,
        outcome_table=tables.outcome,
        measure_table=tables.measures,
        activity_table=tables.activity,
        therapist_table=tables.therapists,
        quality=data_quality(receipts, style, tables.every),
        definitions=in_two_columns(definitions_of(tables.every)),
        methods=methods_of(tables.every),
        wording=plain_words.rules_in_words(),
        provenance=provenance,
    )


def _tables(books: Books, therapists: Mapping[str, FigureBook]) -> _Tables:
    now, sector, name = books.now, books.sector, books.sector_name
    return _Tables(
        alliance=figure_tables.alliance_table(now),
        sides=figure_tables.alliance_beside_sector(now, sector, name),
        outcome=figure_tables.outcome_table(now, sector, name),
        measures=figure_tables.measure_table(now, sector, name),
        activity=figure_tables.activity_table(now, sector, name),
        therapists=figure_tables.therapist_table(therapists),
        together=process_tables.sides_table(now, sector, name),
        falls=process_tables.falls_table(now, sector, name, books.together),
        stages=process_tables.stage_table(now),
        modes=process_tables.mode_table(now),
        explained=process_tables.explained_table(now, sector, name),
        adjusted=process_tables.adjusted_table(now, books.together),
        adjusted_therapists=process_tables.adjusted_therapist_table(therapists),
        consistency=process_tables.consistency_table(now, sector, name),
    )


def _therapist_books(
    frame: pd.DataFrame, clinic: Clinic, month: Month, style: NumberStyle
) -> dict[str, FigureBook]:
    own = {"clinic_id": clinic.id, "month": str(month)}
    unknown = set() if frame.empty else set(frame["therapist_id"]) - set(clinic.therapists)
    if unknown:
        raise RenderingError(
            Fault(
                "FOREIGN_FIGURE",
                "There are figures of therapists who are not registered for this clinic.",
                "Add the therapist in clinics.yaml, or collect the month again.",
            )
        )
    return {
        therapist: open_book(
            frame[frame["therapist_id"].eq(therapist)] if not frame.empty else frame,
            month=month,
            style=style,
            belongs_to=own,
        )
        for therapist in sorted(clinic.therapists)
    }


def _require_passed(verdict: Mapping[str, Any]) -> None:
    if newest(verdict) != "passed":
        raise RenderingError(
            Fault(
                "NO_GATE_NO_FIGURE",
                f"The newest verdict is {newest(verdict)!r}, not 'passed'.",
                "Publish the notice instead; the report follows when a verdict has passed.",
            )
        )
