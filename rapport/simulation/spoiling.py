"""How an export is spoilt, one function for each kind of defect.

Rows are only ever changed where they stand or added at the end, so that a mark keeps pointing to
its row whatever comes after it.
"""

from collections.abc import Callable
from dataclasses import replace

from rapport.simulation.forms import PHQ
from rapport.simulation.spoilt import Mark, Spoilt, key_column

_TOGETHER = {"DATE_NOT_FUTURE": ("DATE_IN_MONTH",)}
ROW, FILE, DUPLICATE, TEST = "row_quarantined", "file_refused", "duplicate", "test_row"


def _spoil_cell(
    spoilt: Spoilt, kind: str, row: int, column: str, *, value: str, rule: str
) -> Spoilt:
    patient = spoilt.cell(row, spoilt.mapping.patient)
    changed = spoilt.with_cell(row, column, value)
    also = _TOGETHER.get(rule, ())
    return changed.marked(Mark(kind, row, column, rule, ROW, also=also), patient=patient)


def _spoil_answer(spoilt: Spoilt, kind: str, value: str) -> Spoilt:
    items = spoilt.items(spoilt.main_form())
    row = spoilt.chosen_row(items)
    column = str(spoilt.rng.choice(items))
    return _spoil_cell(spoilt, kind, row, column, value=value, rule="ANSWER_ALLOWED")


def _out_of_range(spoilt: Spoilt) -> Spoilt:
    """An answer above the scale, in the clinic's own coding."""
    return _spoil_answer(spoilt, "out_of_range", "AO09" if spoilt.clinic.coding == "ao" else "9")


def _not_whole(spoilt: Spoilt) -> Spoilt:
    """Two and a half, where only whole numbers are answers."""
    return _spoil_answer(spoilt, "not_whole", f"2{spoilt.mapping.decimal}5")


def _session_row(spoilt: Spoilt) -> int:
    """Return a row with the answers of a session, for defects of its keys."""
    return spoilt.chosen_row(
        [key_column(spoilt.mapping.date), *spoilt.items(spoilt.main_form())[:1]]
    )


def _lone_row(spoilt: Spoilt, column: str) -> int:
    """Return the only row of a session: another one would contradict a changed fact."""
    session = key_column(spoilt.mapping.session)
    return spoilt.chosen_row([column, session], alone=True)


def _future_date(spoilt: Spoilt) -> Spoilt:
    """The right day in the year 2031."""
    column = key_column(spoilt.mapping.date)
    row = _lone_row(spoilt, column)
    later = spoilt.cell(row, column).replace("2025", "2031").replace("2026", "2031")
    return _spoil_cell(spoilt, "future_date", row, column, value=later, rule="DATE_NOT_FUTURE")


def _unreadable_date(spoilt: Spoilt) -> Spoilt:
    """A serial number, as a spreadsheet leaves it where a date was."""
    column = key_column(spoilt.mapping.date)
    row = _lone_row(spoilt, column)
    return _spoil_cell(spoilt, "unreadable_date", row, column, value="45900", rule="DATE_READABLE")


def _unknown_therapist(spoilt: Spoilt) -> Spoilt:
    """A therapist who is not in the registry."""
    column = key_column(spoilt.mapping.therapist)
    row = _lone_row(spoilt, column)
    return _spoil_cell(
        spoilt, "unknown_therapist", row, column, value="ZZ99", rule="THERAPIST_REGISTERED"
    )


def _no_patient(spoilt: Spoilt) -> Spoilt:
    """A row that says nothing about whose it is."""
    row = _session_row(spoilt)
    return _spoil_cell(
        spoilt, "no_patient", row, spoilt.mapping.patient, value="", rule="PATIENT_GIVEN"
    )


def _wrong_total(spoilt: Spoilt) -> Spoilt:
    """A total that is not the sum of its items."""
    column = next(f.total for f in spoilt.mapping.forms if f.key == PHQ.key)
    row = spoilt.chosen_row([key_column(column)])
    value = "27,0" if spoilt.cell(row, key_column(column)) != "27,0" else "26,0"
    return _spoil_cell(
        spoilt, "wrong_total", row, key_column(column), value=value, rule="TOTAL_MATCHES"
    )


def _wrong_clinic(spoilt: Spoilt) -> Spoilt:
    """One row of another clinic: the whole file is refused."""
    column = next(iter(spoilt.mapping.clinic))
    row = _session_row(spoilt)
    changed = spoilt.with_cell(row, column, "ELSEWHERE")
    return changed.marked(Mark("wrong_clinic", row, column, "WRONG_CLINIC", FILE))


def _short_row(spoilt: Spoilt) -> Spoilt:
    """A row that lost its last three fields."""
    row = _session_row(spoilt)
    patient = spoilt.cell(row, spoilt.mapping.patient)
    changed = spoilt.with_row(row, spoilt.file.rows[row][:-3])
    return changed.marked(Mark("short_row", row, None, "FIELDS_COMPLETE", ROW), patient=patient)


def _duplicate_row(spoilt: Spoilt) -> Spoilt:
    """The same row once more, at the end."""
    row, last = _session_row(spoilt), len(spoilt.file.rows)
    patient = spoilt.cell(row, spoilt.mapping.patient)
    changed = spoilt.with_row(last, spoilt.file.rows[row])
    return changed.marked(Mark("duplicate_row", last, None, None, DUPLICATE), patient=patient)


def _conflicting_row(spoilt: Spoilt) -> Spoilt:
    """The same session once more, with one other answer: nobody can say which one holds."""
    items = spoilt.items(spoilt.main_form())
    row, last = spoilt.chosen_row(items), len(spoilt.file.rows)
    patient = spoilt.cell(row, spoilt.mapping.patient)
    other = "2" if spoilt.cell(row, items[0]) != "2" else "3"
    changed = spoilt.with_row(last, spoilt.file.rows[row]).with_cell(last, items[0], other)
    marks = [Mark("conflicting_row", r, None, "KEY_UNIQUE", ROW) for r in (row, last)]
    return changed.marked(*marks, patient=patient)


def _test_row(spoilt: Spoilt) -> Spoilt:
    """What somebody left behind who tried the form out."""
    row, last = _session_row(spoilt), len(spoilt.file.rows)
    column, values = next(iter(spoilt.mapping.test_rows.items()))
    changed = spoilt.with_row(last, spoilt.file.rows[row]).with_cell(last, column, values[0])
    return changed.marked(Mark("test_row", last, column, None, TEST))


def _missing_column(spoilt: Spoilt) -> Spoilt:
    """The survey lost a question: its column is in no row of the file."""
    column = spoilt.items(PHQ)[-1]
    place = spoilt.file.position(column)
    file = replace(
        spoilt.file,
        headers=[cells[:place] + cells[place + 1 :] for cells in spoilt.file.headers],
        rows=[cells[:place] + cells[place + 1 :] for cells in spoilt.file.rows],
    )
    mark = Mark("missing_column", None, column, "MISSING_COLUMN", FILE)
    return replace(spoilt, file=file).marked(mark)


def _copy(spoilt: Spoilt, kind: str, rows: list[list[str]]) -> Spoilt:
    path = spoilt.file.path.removesuffix(".csv") + "-copy.csv"
    copy = replace(spoilt.file, path=path, rows=rows)
    marked = spoilt.marked(Mark(kind, None, None, None, DUPLICATE, of=copy))
    return replace(marked, further=(*marked.further, copy))


def _re_export(spoilt: Spoilt) -> Spoilt:
    """The same rows in a second file, in another order."""
    return _copy(spoilt, "re_export", spoilt.file.rows[::-1])


def _same_bytes(spoilt: Spoilt) -> Spoilt:
    """The same file under a second name."""
    return _copy(spoilt, "same_bytes", spoilt.file.rows)


SPOILERS: dict[str, Callable[[Spoilt], Spoilt]] = {
    "out_of_range": _out_of_range,
    "not_whole": _not_whole,
    "future_date": _future_date,
    "unreadable_date": _unreadable_date,
    "unknown_therapist": _unknown_therapist,
    "no_patient": _no_patient,
    "wrong_total": _wrong_total,
    "wrong_clinic": _wrong_clinic,
    "short_row": _short_row,
    "duplicate_row": _duplicate_row,
    "conflicting_row": _conflicting_row,
    "test_row": _test_row,
    "missing_column": _missing_column,
    "re_export": _re_export,
    "same_bytes": _same_bytes,
}
"""Kind of defect → what does it."""
