"""Tables of the relationship over time, of what it explains, and of what is adjusted."""

from collections.abc import Mapping

from rapport.rendering.facts import SILENT_STATES, FigureFact, FigureTable, TableRow
from rapport.rendering.figure_book import MONTH, TRAILING_12, FigureBook
from rapport.statistics.figures import CATALOGUE, MEASURES
from rapport.statistics.figures.estimates import CONSISTENCY_FORMS
from rapport.statistics.figures.process import MODES, STAGES

TWELVE = "Twelve months"

FALLS = {
    "rupture.criterion": ("Marked falls", "of sessions with an earlier one"),
    "rupture.repaired": ("Repaired", "of marked falls, within three sessions"),
    "rupture.unrepaired": ("Not repaired", "of marked falls"),
    "rupture.open": ("Still open", "of marked falls"),
    "rupture.chart": ("Below the patient’s own limit", "of sessions, six or more rated"),
    "reported.patient.rupture": ("Reported by patients", "of post-session forms"),
    "reported.therapist.rupture": ("Reported by therapists", "of post-session forms"),
    "reported.patient.resolution": ("Resolved, say patients", "1 to 5"),
    "reported.therapist.resolution": ("Resolved, say therapists", "1 to 5"),
}
SIDES = {
    "congruence.bias": ("Therapists minus patients", "at the patient’s own mean"),
    "congruence.tracking": ("Following the patient", "points per point; 1: moves along"),
    "congruence.correlation": ("Moving together", "correlation within dyads"),
    "agreement.patient": ("Falls and patients’ reports", "kappa; 0: no more than chance"),
    "agreement.therapist": ("Falls and therapists’ reports", "kappa; 0: no more than chance"),
    "real_relationship.rri-c": ("Real relationship, patients", "mean answer, 1 to 5"),
    "real_relationship.rri-c-sf": ("Real relationship, patients, short", "mean answer, 1 to 5"),
    "real_relationship.rri-t": ("Real relationship, therapists", "mean answer, 1 to 5"),
    "beside.within": ("Real relationship and alliance", "correlation within patients"),
    "beside.between": ("Real relationship and alliance", "correlation between patients"),
}
EXPLAINED = {
    "explained.r": ("Alliance and improvement", "correlation; published: .278"),
    "explained.share": ("Share of improvement", "that goes with it; published: 7.7%"),
    "explained.within": ("Next PHQ-9, within patients", "per point above the own mean"),
    "explained.between": ("Next PHQ-9, between patients", "per point of the mean"),
    "explained.by_patient": ("Next PHQ-9, patient’s view", "therapist’s held equal"),
    "explained.by_therapist": ("Next PHQ-9, therapist’s view", "patient’s held equal"),
    "surface.a1": ("Improvement, both sides high", "slope where both agree"),
    "surface.a4": ("Improvement, sides differ", "negative: a difference goes with less"),
}
ADJUSTED_FOR_THERAPISTS = {
    "adjusted.phq-9": "PHQ-9 improvement, adjusted",
    "adjusted.gad-7": "GAD-7 improvement, adjusted",
    "adjusted.difference": "Patient − therapist, adjusted",
    "rupture.criterion": "Marked falls, of sessions",
}
_STAGE_HEADINGS = {
    "first": "First contact",
    "agreeing": "Agreeing goals and tasks",
    "working": "Working",
    "ending": "Ending",
}
_MODE_HEADINGS = {
    "in_person": "In person",
    "video": "By video",
    "telephone": "By telephone",
    "text": "By text",
    "unstated": "Not stated",
}


def falls_table(
    clinic: FigureBook, sector: FigureBook, sector_name: str, together: FigureBook
) -> FigureTable:
    """Return falls of the alliance and what became of them, beside the sector."""
    drop = together.fact("rupture.drop", TRAILING_12)
    least = TableRow(
        "What counts as a marked fall",
        "points of the mean answer, all clinics",
        (_not_applicable(drop), _not_applicable(drop), drop),
    )
    rows = [
        TableRow(
            heading,
            note,
            (
                clinic.fact(figure, MONTH),
                clinic.fact(figure, TRAILING_12),
                sector.fact(figure, TRAILING_12),
            ),
        )
        for figure, (heading, note) in FALLS.items()
    ]
    given = _with_data(rows)
    return FigureTable(
        "Ruptures and repairs, as scores and forms tell them, with 95% interval",
        "Sessions",
        ("This month", TWELVE, f"{sector_name.capitalize()} sector, 12 months"),
        (*given, *_with_data([least])) if given else (),
    )


def sides_table(clinic: FigureBook, sector: FigureBook, sector_name: str) -> FigureTable:
    """Return how far the two sides go together over sessions, beside the sector."""
    return FigureTable(
        "How far the two sides go together over sessions, with 95% interval",
        "Both sides",
        _columns(sector_name),
        _beside(SIDES, clinic, sector),
    )


def explained_table(clinic: FigureBook, sector: FigureBook, sector_name: str) -> FigureTable:
    """Return what the alliance explains, beside the sector."""
    return FigureTable(
        "What goes with the alliance, with 95% interval",
        "Alliance and",
        _columns(sector_name),
        _beside(EXPLAINED, clinic, sector),
    )


def _columns(sector_name: str) -> tuple[str, ...]:
    return (f"This clinic, {TWELVE.lower()}", f"{sector_name.capitalize()} sector, 12 months")


def _beside(
    figures: Mapping[str, tuple[str, str]], clinic: FigureBook, sector: FigureBook
) -> tuple[TableRow, ...]:
    rows = []
    for figure, (heading, note) in figures.items():
        own = clinic.fact(figure, TRAILING_12)
        if "clinic" not in CATALOGUE[figure].levels:
            own = _not_applicable(own)
        rows.append(TableRow(heading, note, (own, sector.fact(figure, TRAILING_12))))
    return _with_data(rows)


def stage_table(clinic: FigureBook) -> FigureTable:
    """Return the alliance in each stage of treatment, and who breaks off in it."""
    rows = []
    for stage in STAGES:
        cells = [clinic.fact(f"stage.{stage}.{rater}", TRAILING_12) for rater in _RATERS]
        broken_off = f"dropout.{stage}"
        cells.append(
            clinic.fact(broken_off, TRAILING_12)
            if broken_off in CATALOGUE
            else _not_applicable(cells[0])
        )
        rows.append(TableRow(_STAGE_HEADINGS[stage], "", tuple(cells)))
    return FigureTable(
        "The stages of treatment, twelve months, with 95% interval",
        "Stage",
        ("Rated by patients", "Rated by therapists", "Broken off here, of those who reached it"),
        _with_data(rows),
    )


_RATERS = ("patient", "therapist")


def _not_applicable(like: FigureFact) -> FigureFact:
    """Return an empty cell: nobody breaks off in the ending; some estimates are of sectors."""
    return FigureFact(like.id, like.title, like.window, "empty", "–", "", "", "")


def mode_table(clinic: FigureBook) -> FigureTable:
    """Return alliance and falls by session mode, and the contrast within the same patients."""
    rows = []
    for mode in MODES:
        contrast = f"contrast.{mode}"
        alliance = clinic.fact(f"mode.{mode}.alliance", TRAILING_12)
        cells = (
            alliance,
            clinic.fact(f"mode.{mode}.rupture", TRAILING_12),
            clinic.fact(contrast, TRAILING_12)
            if contrast in CATALOGUE
            else _not_applicable(alliance),
        )
        rows.append(TableRow(_MODE_HEADINGS[mode], "", cells))
    return FigureTable(
        "By session mode, twelve months, with 95% interval",
        "Mode",
        (
            "Alliance rated by patients",
            "Marked falls, of sessions",
            "Same patients, minus in person",
        ),
        _with_data(rows),
    )


def adjusted_table(clinic: FigureBook, together: FigureBook) -> FigureTable:
    """Return improvement adjusted for case mix, and how much of it lies between whom."""
    rows = [
        TableRow(
            CATALOGUE[f"outcome.{measure}.pre"].title.split(":", maxsplit=1)[0],
            "",
            (
                clinic.fact(f"adjusted.{measure}", TRAILING_12),
                together.fact(f"clinics.{measure}", TRAILING_12),
                together.fact(f"therapists.{measure}", TRAILING_12),
                together.fact(f"needed.{measure}", TRAILING_12),
                together.fact(f"comparison.{measure}", TRAILING_12),
            ),
        )
        for measure in MEASURES
    ]
    return FigureTable(
        "Improvement at the same case mix, twelve months, with 95% interval",
        "Measure",
        (
            "This clinic, adjusted",
            "Variance between clinics",
            "Between therapists",
            "Patients needed per therapist",
            "Public − private, standardised",
        ),
        _with_data(rows),
    )


def adjusted_therapist_table(books: Mapping[str, FigureBook]) -> FigureTable:
    """Return one row a therapist, in the order of ids: what is adjusted, or too few to say."""
    rows = [
        TableRow(
            therapist,
            "",
            tuple(book.fact(figure, TRAILING_12) for figure in ADJUSTED_FOR_THERAPISTS),
        )
        for therapist, book in books.items()
    ]
    columns = tuple(ADJUSTED_FOR_THERAPISTS.values())
    caption = "Therapists in the order of their ids: adjusted figures, twelve months"
    return FigureTable(caption, "Therapist", columns, _with_data(rows))


def consistency_table(clinic: FigureBook, sector: FigureBook, sector_name: str) -> FigureTable:
    """Return alpha and omega of the forms in use."""
    rows = [
        TableRow(
            CATALOGUE[f"alpha.{form}"].title.split(":", maxsplit=1)[0],
            "",
            (
                clinic.fact(f"alpha.{form}", MONTH),
                clinic.fact(f"omega.{form}", MONTH),
                sector.fact(f"alpha.{form}", MONTH),
            ),
        )
        for form in CONSISTENCY_FORMS
    ]
    return FigureTable(
        "How consistently forms were answered this month, with 95% interval",
        "Form",
        ("Alpha", "Omega", f"Alpha, {sector_name} sector"),
        _with_data(rows),
    )


def _with_data(rows: list[TableRow]) -> tuple[TableRow, ...]:
    """Leave out rows of which there is nothing to say; a suppressed figure is something."""
    return tuple(row for row in rows if any(cell.state not in SILENT_STATES for cell in row.cells))
