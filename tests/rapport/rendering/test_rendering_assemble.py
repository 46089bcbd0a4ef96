"""Facts are assembled under a passed verdict only, from the clinic's own rows, and lose nothing."""

import dataclasses

import pandas as pd
import pytest

from rapport.errors import RenderingError
from rapport.rendering.facts import FigureTable, ReplacedEdition, facts_sha256
from rapport.statistics.figures import CATALOGUE
from tests.rapport.rendering.sample_facts import (
    MONTH,
    THERAPISTS,
    clinic,
    clinic_figures,
    notice_facts,
    quarantine,
    readings,
    report_facts,
    revised_facts,
    sector_figures,
    therapist_figures,
    verdict,
)


def refusal(**changes: object) -> set[str]:
    with pytest.raises(RenderingError) as caught:
        report_facts(**changes)
    return {fault.rule for fault in caught.value.faults}


@pytest.mark.parametrize("word", ["failed", "error", "not_applicable"])
def test_no_report_is_assembled_without_a_passed_verdict(word: str) -> None:
    assert refusal(verdict=verdict(word)) == {"NO_GATE_NO_FIGURE"}


def test_therapists_stand_in_the_order_of_their_ids_whatever_their_values() -> None:
    shuffled = therapist_figures().sample(frac=1, random_state=5).sort_values("value")
    mixed = clinic(therapists=tuple(reversed(THERAPISTS)))
    facts = report_facts(clinic=mixed, therapist_figures=shuffled)
    assert [row.heading for row in facts.therapist_table.rows] == list(THERAPISTS)
    labels = [mark.label for chart in facts.therapist_charts for mark in chart.series[0].marks]
    assert labels == list(THERAPISTS)


def test_the_order_of_rows_changes_no_fact() -> None:
    def turned(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.sample(frac=1, random_state=3).reset_index(drop=True)

    other = report_facts(
        clinic_figures=turned(clinic_figures()),
        therapist_figures=turned(therapist_figures()),
        sector_figures=turned(sector_figures()),
        readings=turned(readings()),
        quarantine=turned(quarantine()),
    )
    assert facts_sha256(other) == facts_sha256(report_facts())


def test_a_registered_therapist_without_figures_is_listed_as_no_data() -> None:
    without = therapist_figures().query("therapist_id != 'T-02'")
    row = report_facts(therapist_figures=without).therapist_table.rows[1]
    assert (row.heading, {cell.value for cell in row.cells}) == ("T-02", {"no data"})


def test_a_therapist_of_another_clinic_is_refused() -> None:
    assert refusal(clinic=clinic(therapists=THERAPISTS[:3])) == {"FOREIGN_FIGURE"}


def test_figures_of_another_sector_are_refused() -> None:
    assert refusal(sector_figures=sector_figures().assign(sector="private")) == {"FOREIGN_FIGURE"}


def test_what_is_said_of_all_clinics_together_is_not_taken_for_the_sector() -> None:
    own = sector_figures()
    is_alliance = own["figure"].str.startswith("alliance.patient") & own["sector"].eq("public")
    of_all = own[is_alliance].assign(sector="all", value=3.0, low=2.5, high=3.5)
    both = pd.concat([own, of_all])
    assert report_facts(sector_figures=both) == report_facts()


def test_rows_that_do_not_add_up_are_refused() -> None:
    assert "CONSERVATION" in refusal(readings=readings().assign(rows_test=5))


def test_a_verdict_that_counted_other_rows_is_refused() -> None:
    assert refusal(verdict=verdict(rows_accepted=1)) == {"CONSERVATION"}


def test_readings_of_another_clinic_are_refused() -> None:
    assert refusal(readings=readings().assign(clinic_id="another")) == {"FOREIGN_ROWS"}


def test_the_conservation_law_is_printed_with_its_numbers() -> None:
    assert report_facts().quality.conservation == (
        "275 rows received = 257 accepted + 12 refused + 3 superseded by a correction + "
        "2 exact duplicates + 1 declared test rows."
    )


def test_rows_of_other_months_are_told_apart_from_exact_duplicates() -> None:
    own = readings()
    held = own.assign(n_other_month=own["rows_duplicate"].clip(upper=1))
    n_other = int(held["n_other_month"].sum())
    told = report_facts(readings=held).quality.conservation
    assert n_other > 0
    assert f"{2 - n_other} exact duplicates + {n_other} of other months, counted there" in told


def test_every_figure_in_the_tables_is_counted_as_shown_suppressed_or_without_data() -> None:
    numbers = [int(w) for w in report_facts().quality.figures.split() if w.isdigit()]
    assert numbers[0] == sum(numbers[1:])
    assert numbers[2] > 0


def test_what_is_estimated_of_a_sector_only_leaves_an_empty_cell_that_is_counted_nowhere() -> None:
    facts = report_facts()
    tables = [
        table
        for one in dataclasses.fields(facts)
        if isinstance(table := getattr(facts, one.name), FigureTable)
    ]
    cells = [cell for table in tables for row in table.rows for cell in row.cells]
    of_sectors = [
        row.cells[0]
        for row in facts.explained_table.rows
        if "clinic" not in CATALOGUE[row.cells[0].id].levels
    ]
    assert {(cell.state, cell.value) for cell in of_sectors} == {("empty", "–")}
    told = int(facts.quality.figures.split()[0])
    assert told == sum(cell.state != "empty" for cell in cells)


def test_reasons_come_by_number_of_rows_and_bring_their_remedy() -> None:
    reasons = report_facts().quality.reasons
    assert [reason.count for reason in reasons] == ["7 rows", "3 rows", "1 row", "1 row"]
    assert reasons[0].places == "sessions, w7: lines 14, 15, 88, 102 and 3 more"
    assert all(reason.remedy for reason in reasons)


def test_a_row_refused_in_two_columns_is_counted_once() -> None:
    twice = pd.concat([quarantine(), quarantine().head(1).assign(column="w8")])
    assert report_facts(quarantine=twice).quality.reasons[0].count == "7 rows"


def test_every_printed_figure_is_defined() -> None:
    facts = report_facts()
    tables = [
        getattr(facts, field.name)
        for field in dataclasses.fields(facts)
        if isinstance(getattr(facts, field.name), FigureTable)
    ]
    assert len(tables) == 14
    printed = {cell.id for table in tables for row in table.rows for cell in row.cells}
    printed |= {figure.id for figure in facts.headline}
    defined: set[str] = set()
    for entry in (entry for column in facts.definitions for entry in column):
        first, *others = entry.ids.split(", ")
        begins = "" if first.endswith("…") else first.rpartition(".")[0]
        defined |= {first, *(begins + other for other in others)}
    shared = {name.removesuffix("…") for name in defined if name.endswith(".…")}
    alone = {figure for figure in printed if not CATALOGUE[figure].entry}
    assert alone <= defined
    assert {f"{figure.partition('.')[0]}." for figure in printed - alone} <= shared
    entries = [entry for column in facts.definitions for entry in column]
    letters = {letter for entry in entries for letter in entry.method.split(", ")}
    assert letters == {method.letter for method in facts.methods}


def test_a_second_edition_says_what_it_replaces_and_what_changed() -> None:
    imprint = revised_facts().imprint
    assert imprint.edition_in_words == "Edition 2: revised, replaces edition 1"
    assert imprint.revision
    assert ("Replaced edition 1", "77" * 32) in revised_facts().provenance


def test_an_edition_out_of_order_is_refused() -> None:
    assert refusal(edition=3, replaces=ReplacedEdition(1, "77" * 32)) == {"EDITION"}
    assert refusal(edition=2) == {"EDITION"}


def test_the_report_id_changes_with_any_fact() -> None:
    first, again = report_facts().imprint.report_id, report_facts().imprint.report_id
    assert first == again
    assert first.startswith("swit-gdansk/2026-02/e1/")
    assert report_facts(code_version="0.1.1").imprint.report_id != first


def test_a_polish_locale_writes_decimal_commas() -> None:
    assert report_facts(clinic=clinic(locale="pl_PL")).headline[0].value == "3,85"


def test_a_failed_verdict_makes_a_notice_with_reasons() -> None:
    facts = notice_facts("failed")
    assert facts.headline == "No report: the data did not pass validation."
    assert facts.quality is not None
    assert facts.quality.reasons[0].rule == "ANSWER_ALLOWED"


def test_a_rule_broken_over_the_whole_month_stands_in_a_notice_after_the_commonest_row_rule() -> (
    None
):
    broken = verdict("failed", broken_rules="PATIENT_FORMS,ANSWER_ALLOWED")
    facts = notice_facts("failed", verdict=broken)
    assert facts.quality is not None
    second = facts.quality.reasons[1]
    assert (second.rule, second.count) == ("PATIENT_FORMS", "whole month")
    assert second.remedy.startswith("Hand out the forms")


def test_a_refused_file_is_a_reason_of_its_own() -> None:
    refused = readings()
    refused.loc[0, ["refusal_rule", "refusal_place"]] = ["MISSING_COLUMN", "line 1, column w3"]
    refused.loc[0, ["rows_accepted", "rows_quarantined", "rows_superseded"]] = [0, 211, 0]
    changed = verdict("failed", rows_accepted=61, rows_quarantined=211, rows_superseded=0)
    facts = notice_facts("failed", readings=refused, verdict=changed)
    assert facts.quality is not None
    reason = facts.quality.reasons[0]
    assert (reason.rule, reason.count) == ("MISSING_COLUMN", "whole file")
    assert reason.places == "sessions: line 1, column w3"


@pytest.mark.parametrize("word", [None, "not_applicable"])
def test_nothing_received_makes_a_notice_that_says_so(word: str | None) -> None:
    facts = notice_facts(word)
    assert facts.kind == "nothing_received"
    assert facts.quality is None


def test_an_error_is_not_blamed_on_the_clinic() -> None:
    assert notice_facts("error").steps[0] == "You need not send anything again."


def test_no_notice_is_assembled_where_a_report_is_due() -> None:
    with pytest.raises(RenderingError, match="NOTICE_NOT_DUE"):
        notice_facts("passed")


def test_the_month_of_the_imprint_is_the_month_of_the_report() -> None:
    assert report_facts().imprint.month == str(MONTH)
    assert report_facts().imprint.month_end == "2026-02-28"
