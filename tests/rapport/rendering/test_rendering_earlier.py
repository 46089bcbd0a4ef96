"""Signs of earlier figures: one explanation a month and table, and no number touched."""

from dataclasses import replace

from rapport.rendering.earlier import SIGNS, with_signs
from rapport.rendering.facts import FigureFact, FigureTable, TableRow

OWN = FigureFact("alliance.patient.total", "Alliance", "February 2026", "shown", "3.90",
                 "3.70 to 4.10", "31 patients, 65 forms", "31 patients, 65 forms")  # fmt: skip


def earlier(as_of: str, counts: str = "30 patients, 61 forms") -> FigureFact:
    return replace(OWN, counts=counts, as_of=as_of)


def signed(*cells: FigureFact) -> FigureTable:
    columns = tuple(str(at) for at in range(len(cells)))
    return with_signs(FigureTable("A table", "", columns, (TableRow("Row", "", cells),)))


def counts(table: FigureTable) -> list[str]:
    return [cell.counts for row in table.rows for cell in row.cells]


def test_a_table_of_this_months_figures_has_no_signs() -> None:
    table = signed(OWN, OWN)
    assert table.earlier == ()
    assert counts(table) == [OWN.counts, OWN.counts]


def test_a_month_is_explained_once_however_many_figures_come_from_it() -> None:
    table = signed(earlier("as of January 2026"), OWN, earlier("as of January 2026"))
    assert table.earlier == ("† As of January 2026.",)
    assert counts(table) == ["30 patients, 61 forms †", OWN.counts, "30 patients, 61 forms †"]


def test_each_month_has_a_sign_of_its_own() -> None:
    table = signed(earlier("as of January 2026"), earlier("as of November 2025"))
    assert table.earlier == ("† As of January 2026.", "‡ As of November 2025.")
    assert counts(table) == ["30 patients, 61 forms †", "30 patients, 61 forms ‡"]


def test_a_count_of_patients_carries_its_sign_alone() -> None:
    assert counts(signed(earlier("as in the edition before", counts=""))) == ["†"]


def test_more_months_than_signs_are_written_out_in_their_cells() -> None:
    months = [f"as of month {at}" for at in range(len(SIGNS) + 2)]
    table = signed(*(earlier(month) for month in months))
    assert len(table.earlier) == len(SIGNS)
    assert counts(table)[-2:] == [f"30 patients, 61 forms; {month}" for month in months[-2:]]


def test_values_and_intervals_stay_as_they_were_printed() -> None:
    before = earlier("as of January 2026")
    (row,) = signed(before).rows
    assert (row.cells[0].value, row.cells[0].interval) == (before.value, before.interval)
    assert row.cells[0].as_of == "as of January 2026"
