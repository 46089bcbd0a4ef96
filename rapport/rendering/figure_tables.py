"""Which figures stand in which table of the report, and in which columns."""

from collections.abc import Mapping

from rapport.rendering.facts import FigureTable, TableRow
from rapport.rendering.figure_book import MONTH, TRAILING_12, FigureBook
from rapport.statistics.figures import CATALOGUE, SCALES
from rapport.statistics.figures.treatment import MEASURE_RANGE

TWO_SIDES = ("alliance.patient.total", "alliance.therapist.total", "alliance.difference.total")
SHARES_OF_EPISODES = (
    "outcome.reliable_improvement",
    "outcome.recovery",
    "outcome.reliable_recovery",
    "outcome.reliable_deterioration",
    "outcome.paired",
    "sessions.attended_per_episode",
)
ACTIVITY = (
    "patients.seen",
    "attendance.attended",
    "attendance.missed",
    "attendance.cancelled",
    "completion.patient",
    "completion.therapist",
    "completion.both",
)
MEASURE_NOTES = {
    measure: f"{words.split(', ')[0]}; {words.split(', ')[2]}, {low:g} to {high:g}"
    for measure, (_, words, low, high) in MEASURE_RANGE.items()
}
THERAPIST_COLUMNS = {
    "patients.seen": "Patients seen",
    "alliance.patient.total": "Alliance, patients",
    "alliance.therapist.total": "Alliance, therapist",
    "outcome.reliable_improvement": "Improved, of treatments",
    "completion.both": "Both forms, of sessions",
}
MOMENTS = {"pre": "First score", "post": "Last score", "improvement": "Improvement"}

_SCALE_NAMES = {
    "total": ("Whole alliance", "all twelve items"),
    "goal": ("Goals", "agreement on what therapy is for"),
    "task": ("Tasks", "agreement on what is done"),
    "bond": ("Bond", "trust and liking"),
}
_HEADINGS = {
    "alliance.patient.total": "Rated by patients",
    "alliance.therapist.total": "Rated by therapists",
    "alliance.difference.total": "Difference",
    "attendance.missed": "Missed without notice",
    "attendance.cancelled": "Cancelled",
    "completion.patient": "Patient’s form filled in",
    "completion.therapist": "Therapist’s form filled in",
    "completion.both": "Both forms filled in",
    "outcome.paired": "First and last score known",
    "sessions.attended_per_episode": "Sessions attended",
}
"""Headings of rows that are shorter than the figure's title."""

_NOTES = {
    "alliance.patient.total": "mean answer, 1 to 5",
    "alliance.therapist.total": "mean answer, 1 to 5",
    "alliance.difference.total": "positive: patients rate higher",
    "outcome.reliable_improvement": "of finished treatments",
    "outcome.recovery": "without those below cut-offs at start",
    "outcome.reliable_recovery": "without those below cut-offs at start",
    "outcome.reliable_deterioration": "of finished treatments",
    "outcome.paired": "of finished treatments",
    "patients.seen": "at least one session",
    "attendance.attended": "of all appointments",
    "attendance.missed": "of all appointments",
    "attendance.cancelled": "by patient or clinic, of all",
    "completion.patient": "of attended sessions",
    "completion.therapist": "of attended sessions",
    "completion.both": "of attended sessions",
    "sessions.attended_per_episode": "mean of finished treatments",
}


def alliance_table(book: FigureBook) -> FigureTable:
    """Return both raters' alliance by scale, for the month and for twelve months."""
    columns = (("patient", MONTH), ("therapist", MONTH), ("patient", TRAILING_12),
               ("therapist", TRAILING_12))  # fmt: skip
    rows = [
        TableRow(
            *_SCALE_NAMES[scale],
            tuple(book.fact(f"alliance.{rater}.{scale}", period) for rater, period in columns),
        )
        for scale in SCALES
    ]
    return FigureTable(
        "Alliance by rater and scale: mean answer from 1 to 5, with 95% interval",
        "Scale",
        ("Patients, month", "Therapists, month", "Patients, 12 months", "Therapists, 12 months"),
        tuple(rows),
    )


def alliance_beside_sector(clinic: FigureBook, sector: FigureBook, sector_name: str) -> FigureTable:
    """Return both raters' alliance and the difference between them, beside the sector."""
    return FigureTable(
        "Both sides beside the sector, with 95% interval",
        "Rating",
        ("This month", "Twelve months", f"{sector_name.capitalize()} sector, 12 months"),
        tuple(_beside(figure, clinic, sector) for figure in TWO_SIDES),
    )


def outcome_table(clinic: FigureBook, sector: FigureBook, sector_name: str) -> FigureTable:
    """Return the outcomes of finished treatments, beside the sector."""
    return FigureTable(
        "Outcomes of finished treatments, with 95% interval",
        "Outcome",
        ("This month", "Twelve months", f"{sector_name.capitalize()} sector, 12 months"),
        tuple(_beside(figure, clinic, sector) for figure in SHARES_OF_EPISODES),
    )


def activity_table(clinic: FigureBook, sector: FigureBook, sector_name: str) -> FigureTable:
    """Return appointments kept and forms filled in, beside the sector."""
    return FigureTable(
        "Appointments and forms, with 95% interval",
        "Figure",
        ("This month", "Twelve months", f"{sector_name.capitalize()} sector, 12 months"),
        tuple(_beside(figure, clinic, sector) for figure in ACTIVITY),
    )


def measure_table(clinic: FigureBook, sector: FigureBook, sector_name: str) -> FigureTable:
    """Return first score, last score and improvement over twelve months of every measure used."""
    rows = [_measure(measure, note, clinic, sector) for measure, note in MEASURE_NOTES.items()]
    return FigureTable(
        "Symptoms and wellbeing: treatments with a first and a last score, twelve months",
        "Measure",
        (*MOMENTS.values(), f"Improvement, {sector_name} sector"),
        tuple(row for row in rows if any(cell.state != "no_data" for cell in row.cells)),
    )


def therapist_table(books: Mapping[str, FigureBook]) -> FigureTable:
    """Return one row a therapist, in the order of their ids, never of a value."""
    rows = [
        TableRow(
            therapist, "", tuple(book.fact(figure, TRAILING_12) for figure in THERAPIST_COLUMNS)
        )
        for therapist, book in books.items()
    ]
    caption = "Therapists in the order of their ids, twelve months, with 95% interval"
    return FigureTable(caption, "Therapist", tuple(THERAPIST_COLUMNS.values()), tuple(rows))


def _measure(measure: str, note: str, clinic: FigureBook, sector: FigureBook) -> TableRow:
    name = CATALOGUE[f"outcome.{measure}.pre"].title.split(":")[0]
    cells = [clinic.fact(f"outcome.{measure}.{moment}", TRAILING_12) for moment in MOMENTS]
    cells.append(sector.fact(f"outcome.{measure}.improvement", TRAILING_12))
    return TableRow(name, note, tuple(cells))


def _beside(figure: str, clinic: FigureBook, sector: FigureBook) -> TableRow:
    cells = (
        clinic.fact(figure, MONTH),
        clinic.fact(figure, TRAILING_12),
        sector.fact(figure, TRAILING_12),
    )
    return TableRow(_HEADINGS.get(figure, CATALOGUE[figure].title), _NOTES[figure], cells)
