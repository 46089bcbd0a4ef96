"""Revised since: the figures that two editions printed differently, and nothing else."""

import json
from dataclasses import replace

from rapport.rendering.facts import FigureFact, FigureTable, ReportFacts, State, TableRow
from rapport.rendering.pdf import page_of
from rapport.rendering.revising import MOST_ROWS, figures_said, revised_since
from tests.rapport.rendering.sample_facts import report_facts


def cell(value: str, state: State = "shown") -> FigureFact:
    return FigureFact("f", "t", "w", state, value, "", "", "")


def facts_with(*values: FigureFact) -> ReportFacts:
    rows = tuple(TableRow(f"row {place}", "", (value,)) for place, value in enumerate(values))
    table = FigureTable("Outcomes", "Figure", ("This month",), rows)
    empty = FigureTable("", "", (), ())
    facts = report_facts()
    tables = {name: empty for name in facts.__dataclass_fields__ if name.endswith("_table")}
    return replace(facts, **{**tables, "outcome_table": table})


def test_what_is_printed_alike_is_not_listed() -> None:
    facts = facts_with(cell("3.10"), cell("suppressed", "suppressed"))
    assert revised_since(1, figures_said(facts), facts) is None


def test_a_figure_that_differs_stands_as_it_was_and_as_it_is() -> None:
    before, now = facts_with(cell("3.10"), cell("7")), facts_with(cell("3.20"), cell("7"))
    table = revised_since(2, figures_said(before), now)
    assert table is not None
    assert table.columns == ("Edition 2", "This edition")
    (row,) = table.rows
    assert row.heading == "row 0"
    assert [one.value for one in row.cells] == ["3.10", "3.20"]


def test_a_figure_that_is_hidden_now_or_was_then_stays_hidden() -> None:
    before, now = facts_with(cell("suppressed", "suppressed")), facts_with(cell("3.20"))
    table = revised_since(1, figures_said(before), now)
    assert table is not None
    assert [one.state for one in table.rows[0].cells] == ["suppressed", "shown"]


def test_a_figure_that_is_new_or_gone_says_no_data() -> None:
    before, now = (
        facts_with(cell("1"), cell("", "no_data")),
        facts_with(cell("", "no_data"), cell("2")),
    )
    table = revised_since(1, figures_said(before), now)
    assert table is not None
    told = {row.heading: [one.value for one in row.cells] for row in table.rows}
    assert told == {"row 0": ["1", "no data"], "row 1": ["no data", "2"]}


def test_a_long_list_is_cut_and_says_so() -> None:
    n = MOST_ROWS + 5
    before, now = facts_with(*[cell("1")] * n), facts_with(*[cell("2")] * n)
    table = revised_since(1, figures_said(before), now)
    assert table is not None
    assert len(table.rows) == MOST_ROWS
    assert "5 further figures differ" in table.caption


def test_an_edition_whose_figures_were_not_kept_has_no_table() -> None:
    assert revised_since(1, None, facts_with(cell("1"))) is None


def test_the_table_itself_is_no_figure_of_the_next_edition() -> None:
    facts = facts_with(cell("1"))
    revised = replace(facts, revised=facts.outcome_table)
    assert json.loads(figures_said(revised) or "") == json.loads(figures_said(facts) or "")


def test_the_table_is_printed() -> None:
    facts = facts_with(cell("3.10"))
    table = revised_since(1, figures_said(facts_with(cell("2.90"))), facts)
    html = page_of(replace(report_facts(), revised=table)).html
    assert "Revised since edition 1" in html
    assert "2.90" in html
