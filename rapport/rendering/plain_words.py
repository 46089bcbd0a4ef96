"""Page 1: sentences for a reader with ten minutes, made by rules whose thresholds are printed.

Nothing is claimed that an interval does not carry. A change or a difference is claimed only where
the two 95 % intervals do not overlap and both sides rest on enough patients; what is suppressed or
absent is "too few to say" or "no data". The thresholds are Rapport's own policy, not published
cut-offs, and :func:`rules_in_words` prints them in every report.
"""

from rapport.rendering.comparing import (
    FEW_PATIENTS,
    Books,
    beside_sector,
    is_apart,
    is_enough,
    quoted,
)
from rapport.rendering.facts import Finding
from rapport.rendering.figure_book import MONTH, TRAILING_12, FigureBook, Reading
from rapport.rendering.formats import counted, listed

COMPLETION_AIM = 0.70
"""Share of attended sessions after which a form is hoped for."""

PAIRED_AIM = 0.80
"""Share of finished episodes that should have a first and a last score."""

REFUSED_AIM = 0.02
"""Share of received rows that may be refused before it is said on page 1."""

MOST_POINTS = 2
"""Changes, and points that need attention, told at length; of further ones only the statement."""

CHANGE_FIGURES = {
    "alliance.patient.total": "the alliance as patients rate it",
    "alliance.therapist.total": "the alliance as therapists rate it",
    "alliance.difference.total": "the difference between the two sides",
    "outcome.reliable_improvement": "reliable improvement",
    "outcome.reliable_recovery": "reliable recovery",
    "completion.patient": "the share of sessions with the patient’s form",
    "completion.therapist": "the share of sessions with the therapist’s form",
    "attendance.attended": "the share of appointments attended",
}
"""Figures of the month that are held against the month before, and how a sentence calls them."""

SECTOR_FIGURES = (
    ("outcome.reliable_deterioration", "reliable deterioration", False),
    ("outcome.reliable_improvement", "reliable improvement", True),
    ("outcome.reliable_recovery", "reliable recovery", True),
    ("alliance.patient.total", "the alliance as patients rate it", True),
    ("attendance.missed", "the share of missed appointments", False),
)
"""Figures held against the sector over twelve months; whether a higher value is better."""


def what_it_shows(books: Books) -> tuple[Finding, ...]:
    """Word the month's alliance on both sides, and the outcomes of twelve months."""
    return (
        _alliance(books.now),
        _difference(books.now),
        _falls(books.now),
        _improvement(books),
        _recovery(books),
    )


def what_changed(books: Books) -> tuple[Finding, ...]:
    """Word what differs from the month before by more than chance explains."""
    earlier = books.before.month.in_words
    if not books.before.readings:
        text = f"There are no published figures of {earlier} to compare with."
        return (Finding("Nothing to compare with yet.", text),)
    pairs = [(f, books.now.find(f), books.before.find(f)) for f in CHANGE_FIGURES]
    apart = [_change(books, new, old) for _, new, old in pairs if is_apart(new, old)]
    claims = [*apart[:MOST_POINTS], *_further(apart[MOST_POINTS:])]
    steady = tuple(
        CHANGE_FIGURES[f] for f, new, old in pairs if is_enough(new, old) and not is_apart(new, old)
    )
    unsaid = tuple(CHANGE_FIGURES[f] for f, new, old in pairs if not is_enough(new, old))
    if steady:
        statement = "No other clear change." if claims else "No clear change."
        text = f"Chance alone could explain what is different in {listed(steady)}."
        claims.append(Finding(statement, text))
    if unsaid:
        text = f"In one of the two months the numbers are too small for {listed(unsaid)}."
        claims.append(Finding("Too few to say.", text))
    return tuple(claims)


def what_needs_attention(
    books: Books, *, refused: int, received: int, advice: str
) -> tuple[Finding, ...]:
    """Word what crosses a threshold, or say that nothing does; the weightiest first."""
    sector = [_against_sector(books, *each) for each in SECTOR_FIGURES]
    found = [
        *(finding for finding in sector if finding),
        *_completion(books.now),
        *_pairs(books.now),
        *_refusals(books.now, refused, received, advice),
    ]
    if not found:
        text = "No figure with enough patients crosses a threshold of the rules on the last page."
        return (Finding("Nothing stands out.", text),)
    return (*found[:MOST_POINTS], *_further(found[MOST_POINTS:]))


def how_complete(
    book: FigureBook, *, refused: int, received: int, accepted: int, files: int
) -> tuple[Finding, ...]:
    """Word how much of what was due has arrived and could be used."""
    style = book.style
    taken = counted(accepted, "row", "rows", style)
    where = counted(files, "file", "files", style)
    kept = Finding(
        f"{taken} of {style.whole(received)} could be used.",
        f"From {where}; {style.whole(refused)} refused, the rest under data quality.",
    )
    both, pairs = book.fact("completion.both"), book.fact("outcome.paired", TRAILING_12)
    forms = Finding(
        f"Both sides filled in the alliance form after {both.value} of attended sessions."
        if both.state == "shown"
        else f"Sessions with both alliance forms: {both.value}.",
        f"{both.basis.capitalize()}. First and last score known, of finished treatments in twelve "
        f"months: {pairs.value}{f' ({pairs.as_of})' if pairs.as_of else ''}.",
    )
    return (kept, forms)


def rules_in_words() -> tuple[str, ...]:
    """Return the rules by which page 1 is worded, with their thresholds."""
    return (
        "A change against the month before, or a difference from the sector, is stated only if "
        f"both figures rest on at least {FEW_PATIENTS} patients and their 95% intervals do not "
        "overlap. Otherwise chance may explain it, and no change is claimed.",
        f"Completion is mentioned below {COMPLETION_AIM:.0%} of attended sessions, pairs of first "
        f"and last scores below {PAIRED_AIM:.0%} of finished episodes, refused rows above "
        f"{REFUSED_AIM:.0%} of received rows. These are thresholds of this report, not published "
        "norms.",
        "A suppressed figure is never described in words either. Where two reports would differ "
        "by the data of too few patients, the earlier figure stands, and its month is named.",
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _unsaid(book: FigureBook, figure: str, period: str, subject: str) -> Finding:
    fact = book.fact(figure, period)
    if fact.state == "suppressed":
        text = f"The figure for {fact.window} is suppressed: {fact.basis}."
        return Finding(f"{subject}: too few to say.", text)
    return Finding(f"{subject}: no data.", f"There is no figure for {fact.window}.")


def _alliance(book: FigureBook) -> Finding:
    figure = "alliance.patient.total"
    reading, fact = book.find(figure), book.fact(figure)
    if reading is None or not reading.is_shown:
        return _unsaid(book, figure, MONTH, "The alliance as patients see it")
    text = f"95% interval {fact.interval}; {fact.basis}."
    ours = book.find("alliance.therapist.total")
    if ours is not None and ours.is_shown:
        other = book.fact("alliance.therapist.total")
        text += f" Their therapists rate it {other.value} ({other.interval}; {other.basis})."
    return Finding(f"Patients rate the alliance {fact.value} on the scale from 1 to 5.", text)


def _difference(book: FigureBook) -> Finding:
    figure = "alliance.difference.total"
    reading, fact = book.find(figure), book.fact(figure)
    if reading is None or not reading.has_interval or reading.low is None or reading.high is None:
        return _unsaid(book, figure, MONTH, "The two sides compared")
    text = f"Mean difference {fact.value} points ({fact.interval}); {fact.basis}."
    if (reading.n_patients or 0) < FEW_PATIENTS:
        return Finding("The two sides compared: too few to say.", text)
    if reading.low > 0:
        usual = " Patients rating higher is the usual pattern."
        return Finding("Patients rate the alliance higher than their therapists.", text + usual)
    if reading.high < 0:
        advice = " The usual pattern is the reverse; worth a talk in the team."
        return Finding("Therapists rate the alliance higher than their patients.", text + advice)
    return Finding("No clear difference between the two sides.", text)


def _falls(book: FigureBook) -> Finding:
    figure = "rupture.criterion"
    reading, fact = book.find(figure, TRAILING_12), book.fact(figure, TRAILING_12)
    if reading is None or not reading.is_shown:
        return _unsaid(book, figure, TRAILING_12, "Marked falls of the alliance")
    text = f"Twelve months: {fact.interval}; {fact.basis}."
    repaired, unrepaired = (
        book.fact(f"rupture.{state}", TRAILING_12) for state in ("repaired", "unrepaired")
    )
    if repaired.state == "shown" and unrepaired.state == "shown":
        is_other = repaired.as_of and repaired.as_of != fact.as_of
        whose = f" (falls {repaired.as_of})" if is_other else ""
        text += (
            f" Within three sessions {repaired.value} of them came back ({repaired.interval}), "
            f"{unrepaired.value} did not ({unrepaired.interval}){whose}."
        )
    return Finding(f"The alliance fell markedly in {fact.value} of sessions.", text)


def _recovery(books: Books) -> Finding:
    figure = "outcome.reliable_recovery"
    reading, fact = books.now.find(figure, TRAILING_12), books.now.fact(figure, TRAILING_12)
    if reading is None or not reading.is_shown:
        return _unsaid(books.now, figure, TRAILING_12, "Reliable recovery")
    text = (
        f"Twelve months: {fact.interval}; {fact.basis}; without those known to begin below the "
        f"cut-offs. {beside_sector(books, reading)}"
    )
    return Finding(f"{fact.value} recovered reliably.", text)


def _improvement(books: Books) -> Finding:
    figure = "outcome.reliable_improvement"
    reading, fact = books.now.find(figure, TRAILING_12), books.now.fact(figure, TRAILING_12)
    if reading is None or not reading.is_shown:
        return _unsaid(books.now, figure, TRAILING_12, "Reliable improvement")
    worse = books.now.fact("outcome.reliable_deterioration", TRAILING_12)
    text = f"Twelve months: {fact.interval}; {fact.basis}. {beside_sector(books, reading)}"
    if worse.state == "shown":
        text += f" Reliably deteriorated: {worse.value} ({worse.interval})."
    return Finding(f"{fact.value} of all finished treatments improved reliably.", text)


def _change(books: Books, new: Reading | None, old: Reading | None) -> Finding:
    if new is None or old is None:
        raise ValueError("a change is worded only for two figures that are shown")
    statement = f"{_capital(CHANGE_FIGURES[new.figure])} is {_direction(new, old)}."
    return Finding(statement, f"{quoted(books.now, new)} against {quoted(books.before, old)}.")


def _direction(new: Reading, old: Reading) -> str:
    return "higher than before" if (new.value or 0) > (old.value or 0) else "lower than before"


def _completion(book: FigureBook) -> list[Finding]:
    found = []
    for figure, who in (
        ("completion.patient", "patients"),
        ("completion.therapist", "therapists"),
    ):
        reading, fact = book.find(figure), book.fact(figure)
        if reading is None or reading.value is None or reading.value >= COMPLETION_AIM:
            continue
        statement = f"Alliance forms of {who} are missing after many sessions."
        text = f"Filled in after {fact.value} of attended sessions ({fact.basis}). "
        advice = f"Below {COMPLETION_AIM:.0%} the figures may not stand for everyone."
        found.append(Finding(statement, text + advice))
    return found


def _pairs(book: FigureBook) -> list[Finding]:
    figure = "outcome.paired"
    reading, fact = book.find(figure, TRAILING_12), book.fact(figure, TRAILING_12)
    if reading is None or reading.value is None or reading.value >= PAIRED_AIM:
        return []
    text = (
        f"{fact.value} of finished treatments have both ({fact.basis}; twelve months). Without a "
        "last score an outcome cannot be told; plan it before the final session."
    )
    return [Finding("First or last scores are missing.", text)]


def _against_sector(books: Books, figure: str, name: str, higher_is_better: bool) -> Finding | None:
    reading = books.now.find(figure, TRAILING_12)
    other = books.sector.find(figure, TRAILING_12)
    if not is_apart(reading, other) or reading is None or other is None:
        return None
    if reading.value is None or other.value is None:
        return None
    is_higher = reading.value > other.value
    if is_higher == higher_is_better:
        return None
    where = "above" if is_higher else "below"
    statement = f"{_capital(name)} lies {where} the {books.sector_name} sector."
    text = (
        f"{quoted(books.now, reading)} against {quoted(books.sector, other)} in twelve months. "
        "Clinics differ in whom they treat: a question, not a verdict."
    )
    return Finding(statement, text)


def _further(findings: list[Finding]) -> list[Finding]:
    if not findings:
        return []
    return [Finding("Also:", " ".join(finding.statement for finding in findings))]


def _refusals(book: FigureBook, refused: int, received: int, advice: str) -> list[Finding]:
    if received == 0 or refused / received <= REFUSED_AIM:
        return []
    rows = counted(refused, "row was", "rows were", book.style)
    of = counted(received, "received row", "received rows", book.style)
    statement = f"{rows} refused, of {of}."
    return [Finding(statement, advice)]
