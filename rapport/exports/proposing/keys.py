"""Which columns are patient, therapist, session, date and episode: by name, and by the format."""

from collections.abc import Collection, Mapping, Sequence

from rapport.clinics.mapping import ExportFormat
from rapport.exports.formats.google_forms import TIMESTAMPS
from rapport.exports.formats.limesurvey import SUBMIT_DATES
from rapport.exports.formats.microsoft_forms import COMPLETIONS
from rapport.exports.proposing.columns import Column, joined, named, words_of
from rapport.exports.proposing.dates import is_date_column, is_serial_column
from rapport.exports.proposing.said import FILL_IN, Said, unsure
from rapport.exports.proposing.words import known_words

_NATIVE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "redcap": {"session": ("redcap_repeat_instance", "Repeat Instance")},
    "qualtrics": {
        "patient": ("ExternalReference", "ExternalDataReference"),
        "date": ("EndDate", "RecordedDate", "StartDate", "V9", "V8"),
    },
    "limesurvey": {"date": ("submitdate", *SUBMIT_DATES, "datestamp"), "patient": ("token",)},
    "surveymonkey": {"date": ("End Date", "EndDate"), "patient": ("Custom Data 1",)},
    "google_forms": {"date": TIMESTAMPS},
    "microsoft_forms": {"date": COMPLETIONS},
    "fhir": {
        "patient": ("subject",),
        "therapist": ("encounter.participant", "author"),
        "session": ("encounter",),
        "date": ("authored",),
        "episode": ("encounter.episode",),
    },
}
"""Format → key → the format's own columns for it, the likeliest first."""

_LONGEST_HINT = 40
"""Longer names are whole questions, in which such a word says nothing."""

_BARE_IDS = frozenset({"id", "no", "nr", "number", "nummer", "numer", "case"})
"""Names that a patient's code may have, and anything else that is numbered."""

_NOT_SESSIONS = frozenset({"birth", "born", "dob", "enrolled", "consent", "referral", "discharge"})


def propose_keys(
    found: ExportFormat,
    columns: Sequence[Column],
    *,
    taken: Collection[str],
    known: Collection[str] = (),
    therapists: Collection[str] = (),
) -> dict[str, Said]:
    """Propose the columns of keys.

    Args:
        found: The native shape.
        columns: The columns of the file.
        taken: Columns that hold items, totals or identifiers.
        known: Columns of the format's own, which are keys only where the format says so.
        therapists: The clinic's therapists, where they are known.

    Returns:
        Key → column; ``patient`` always, others where a column was found.
    """
    free = [column for column in columns if column.name and column.name not in taken]
    keys: dict[str, Said] = {}
    if found == "redcap":
        keys["patient"] = Said(columns[0].name, "REDCap's first column is the record")
    used: set[str] = {str(said.value) for said in keys.values()}
    for key in ("patient", "therapist", "session", "date", "episode"):
        if key in keys:
            continue
        left = [one for one in free if one.name not in used]
        others = [one for one in left if one.name not in known]
        said = _key(key, found, left, others, therapists)
        if said is not None:
            keys[key] = said
            used.add(str(said.value))
    if "patient" not in keys:
        keys = {"patient": unsure(FILL_IN, "no column looks like the patient's code"), **keys}
    for key in ("therapist", "session", "date"):
        if key not in keys:
            keys[key] = unsure(FILL_IN, f"no column looks like the {key}; every session needs one")
    if str(keys["session"].value) == FILL_IN and str(keys["date"].value) != FILL_IN:
        del keys["session"]
        why = "no column looks like the session; a day counts as one, unless you name a column"
        keys["session_by_date"] = unsure(True, why)
    return keys


def _key(
    key: str,
    found: ExportFormat,
    free: Sequence[Column],
    others: Sequence[Column],
    therapists: Collection[str],
) -> Said | None:
    if key == "therapist" and therapists:
        known = [one.name for one in free if one.texts and one.texts <= set(therapists)]
        if len(known) == 1:
            return Said(known[0], "holds ids of the clinic's therapists and nothing else")
    exact = [one for one in others if _is_called(key, one) and _may_be(key, one)]
    native = _natives(key, found, free)
    if exact:
        return _chosen(key, exact, [*exact, *native])
    filled = [one for one in native if one.texts]
    if filled:
        return _native(key, found, filled)
    said = _hinted(key, others)
    if said is None and native and key not in ("session", "episode"):
        return unsure(native[0].name, "the format's own column; it is empty in this file")
    return said


def _natives(key: str, found: ExportFormat, free: Sequence[Column]) -> list[Column]:
    """Return the format's own columns for a key, by name or by what the file itself calls them."""
    columns = {
        one.name: one
        for name in _NATIVE.get(found, {}).get(key, ())
        for one in free
        if name in (one.name, one.title) and (key != "session" or _may_be(key, one))
    }
    return list(columns.values())


def _hinted(key: str, others: Sequence[Column]) -> Said | None:
    """Return a column of which a word of its name, or its content, hints at a key."""
    hinted = [one for one in others if _is_hinted(key, one)]
    if key == "patient" and not hinted:
        hinted = [one for one in others if joined(one.name) in _BARE_IDS]
    if key == "date" and not hinted:
        return _by_content(others)
    if not hinted:
        return None
    why = f"its name only hints at the {key}"
    more = [one.name for one in hinted[1:]]
    return unsure(hinted[0].name, f"{why}; so do: {named(more)}" if more else why)


def _by_content(others: Sequence[Column]) -> Said | None:
    """Return the first column of dates, whatever its name; serial numbers are no proof."""
    dated = [one for one in others if is_date_column(one.texts) and _may_be("date", one)]
    if not dated:
        return None
    more = [one.name for one in dated[1:]]
    why = "by its content alone: it holds dates"
    return unsure(dated[0].name, f"{why}; so do: {named(more)}" if more else why)


def _native(key: str, found: ExportFormat, filled: Sequence[Column]) -> Said:
    others = [one.name for one in filled[1:]]
    also = f"; {named(others)} would do as well" if others else ""
    if key == "date" or (found, key) == ("fhir", "patient"):
        return Said(filled[0].name, f"the format's own{also}")
    return unsure(filled[0].name, f"the format's own column, if you use it as the {key}{also}")


def _chosen(key: str, exact: Sequence[Column], every: Sequence[Column]) -> Said:
    """Return the first column that the name speaks for, doubtful if others do, too."""
    episodes = known_words().names["episode"]
    own = [one for one in exact if key != "patient" or joined(one.name) not in episodes] or exact
    best = next((one for one in own if one.texts), own[0])
    others = [one.name for one in dict.fromkeys(every) if one.name != best.name]
    if others:
        return unsure(best.name, f"could also be: {named(others)}")
    if not best.texts:
        return unsure(best.name, "by its name alone; it is empty in this file")
    return Said(best.name)


def _is_called(key: str, column: Column) -> bool:
    names = known_words().names[key]
    return joined(column.name) in names or joined(column.title) in names


def _is_hinted(key: str, column: Column) -> bool:
    words = set(words_of(column.name)) if len(column.name) <= _LONGEST_HINT else set()
    return bool(words & known_words().hints[key]) and _may_be(key, column)


def _may_be(key: str, column: Column) -> bool:
    """Whether a column's content does not speak against a key."""
    if key == "date":
        is_date = is_date_column(column.texts) or is_serial_column(column.texts)
        return not set(words_of(column.name)) & _NOT_SESSIONS and (is_date or not column.texts)
    if key == "session":
        return all(text.isdecimal() for text in column.texts)
    return not is_date_column(column.texts)
