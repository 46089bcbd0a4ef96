"""What stands below the tables of adjusted figures: what each of them holds equal, and what not."""

from collections.abc import Iterable, Mapping

from rapport.rendering.figure_book import TRAILING_12, FigureBook
from rapport.rendering.process_tables import ADJUSTED_FOR_THERAPISTS
from rapport.statistics.figures import CATALOGUE, MEASURES

_COMPARED = "Public − private"


def clinic_notes(clinic: FigureBook, together: FigureBook) -> tuple[str, ...]:
    """Return the sentences below the clinic's adjusted figures, each once.

    Args:
        clinic: The clinic's figures.
        together: What is said of all clinics together.
    """
    own = _by_note((measure, [clinic], "adjusted") for measure in MEASURES)
    compared = _by_note((measure, [together], "comparison") for measure in MEASURES)
    differing = {note: who for note, who in compared.items() if not _is_said(note, own)}
    return (*_told(own, ""), *_told(differing, f"{_COMPARED}, "))


def therapist_notes(books: Mapping[str, FigureBook]) -> tuple[str, ...]:
    """Return the sentences below the therapists' adjusted figures, each once."""
    shown = [one for one in MEASURES if f"adjusted.{one}" in ADJUSTED_FOR_THERAPISTS]
    return _told(_by_note((one, books.values(), "adjusted") for one in shown), "")


def _by_note(
    asked: Iterable[tuple[str, Iterable[FigureBook], str]],
) -> dict[str, list[str]]:
    """Note → names of the measures to which it belongs, in the order of the report."""
    found: dict[str, list[str]] = {}
    for measure, books, kind in asked:
        name = CATALOGUE[f"outcome.{measure}.pre"].title.partition(":")[0]
        for book in books:
            reading = book.find(f"{kind}.{measure}", TRAILING_12)
            if reading is None or not reading.is_shown or not reading.note:
                continue
            names = found.setdefault(reading.note, [])
            if name not in names:
                names.append(name)
    return found


def _is_said(note: str, own: Mapping[str, list[str]]) -> bool:
    """Whether the clinic's own notes begin with the same sentences."""
    return any(said.startswith(note) for said in own)


def _told(notes: Mapping[str, list[str]], before: str) -> tuple[str, ...]:
    return tuple(f"{before}{', '.join(names)}: {note}" for note, names in notes.items())
