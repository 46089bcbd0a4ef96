"""REDCap: which rows describe a patient, whose rows they are, and which event is which session."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from rapport.exports.proposing.columns import Column, named
from rapport.exports.proposing.said import FILL_IN, Said, unsure

_EVENT = ("redcap_event_name", "Event Name")
_REPEATED = ("redcap_repeat_instrument", "Repeat Instrument")
_INSTANCE = ("redcap_repeat_instance", "Repeat Instance")
_GROUP = ("redcap_data_access_group", "Data Access Group")
_NUMBER = re.compile(r"\d{1,3}", re.ASCII)
_ARM = re.compile(r"(_arm_\d+[a-z]?| \(Arm \d+: .*\))$")
_RECORDS = "no row with this has a session: it describes a patient, or is about something else"
_INHERITED = "the therapist stands on these rows alone; sessions take it over from there"
_NOT_INSTANCES = "no row with a repeat instance has a date of a session; a day counts as one"
_EVENT_NAME = re.compile(r"[a-z0-9_]{1,40}_arm_\d{1,3}[a-z]?", re.ASCII)
_FIRST = frozenset({"baseline", "intake", "screening", "enrolment", "enrollment", "pre"})


def propose_records(
    columns: Sequence[Column], keys: Mapping[str, Said], items: Collection[str] = ()
) -> dict[str, Said]:
    """Propose ``record_rows`` and ``inherited``.

    Args:
        columns: The columns of a REDCap export.
        keys: The columns of keys, as proposed.
        items: Columns of the forms found.

    Returns:
        ``record_rows`` where an event or a repeating form has rows without a session's number
        (where days are sessions, without its date) and without an answer, and no others;
        ``inherited`` if the therapist stands on such rows alone. Nothing otherwise.
    """
    by_name = {column.name: column for column in columns}
    by_day = "session" not in keys or str(keys["session"].value) in _EVENT
    telling = "date" if by_day else "session"
    therapist, session = (
        by_name.get(str(keys[key].value)) if key in keys else None for key in ("therapist", telling)
    )
    if session is None or not session.texts:
        return {}
    filled = [session, *(by_name[name] for name in items if name in by_name)]
    rows = [at for at in range(len(session.cells)) if not any(one.cells[at] for one in filled)]
    is_theirs = therapist is not None and therapist.texts and _is_within(therapist, rows)
    for sign in (by_name[name] for name in (*_EVENT, *_REPEATED) if name in by_name):
        values = {sign.cells[at] for at in rows}
        others = {text for at, text in enumerate(sign.cells) if at not in set(rows)}
        own = sorted(text for text in values - others if _is_name(text, sign, by_name))
        if own and (not is_theirs or _is_within(therapist, _rows_of(sign, own))):
            found = {sign.name: own[0] if len(own) == 1 else own}
            records = {"record_rows": unsure(found, _RECORDS)}
            return records | ({"inherited": unsure(["therapist"], _INHERITED)} if is_theirs else {})
    return {}


def _is_name(text: str, sign: Column, forms: Collection[str]) -> bool:
    """Whether a text is surely the name of an event or a form, and nobody's; a blank is neither."""
    if sign.name == _EVENT[0]:
        return _EVENT_NAME.fullmatch(text) is not None
    return not text or f"{text}_complete" in forms


def _is_within(column: Column | None, rows: Collection[int]) -> bool:
    """Whether a column is filled on some rows alone."""
    known = frozenset(rows)
    return column is None or all(at in known for at, text in enumerate(column.cells) if text)


def _rows_of(sign: Column, values: Collection[str]) -> list[int]:
    return [at for at, text in enumerate(sign.cells) if text in values]


def propose_clinic(columns: Sequence[Column]) -> dict[str, Said]:
    """Propose by which data access group a row shows that it belongs to the clinic."""
    group = next((one for one in columns if one.name in _GROUP), None)
    if group is None:
        return {}
    if len(group.texts) == 1 and all(group.cells):
        own = {group.name: next(iter(group.texts))}
        return {"clinic": unsure(own, "the only access group in the file; is it this clinic's?")}
    why = (
        f"{len(group.texts)} access groups are in the file, and rows without one count as none; "
        "name this clinic's own: rows of another refuse the file"
    )
    return {"clinic": unsure({group.name: FILL_IN}, why)}


def propose_events(
    columns: Sequence[Column], keys: Mapping[str, Said]
) -> tuple[dict[str, Said], dict[str, Said]]:
    """Propose what tells sessions apart in a longitudinal project.

    Args:
        columns: The columns of a REDCap export.
        keys: The columns of keys, as proposed.

    Returns:
        The keys with another session, and event → number of the session; no numbers where events
        are no sessions.
    """
    by_name = {column.name: column for column in columns}
    event = next((by_name[name] for name in _EVENT if name in by_name), None)
    dated = by_name.get(str(keys["date"].value))
    session = str(keys["session"].value) if "session" in keys else ""
    if event is None or dated is None or not dated.texts:
        return dict(keys), {}
    if session in _INSTANCE and not _are_dated(by_name[session], dated):
        # The instances are those of another form: sessions stand on rows without any.
        keys = {key: said for key, said in keys.items() if key != "session"}
        keys["session_by_date"] = unsure(True, _NOT_INSTANCES)
        session = ""
    if session in _INSTANCE:
        if not _begins_anew(by_name[session], event, dated, columns[0]):
            return dict(keys), {}
        why = "instances are counted anew in each event; a day counts as one session"
        return _by_day(keys, why), {}
    rows = zip(event.cells, dated.cells, strict=True)
    with_session = {text for text, day in rows if text and day}
    if session not in ("", FILL_IN) or len(with_session) < 2:  # noqa: PLR2004 - one event tells nothing apart
        return dict(keys), {}
    numbers = {text: _number_of(text) for text in sorted(with_session)}
    given = Counter(str(said.value) for said in numbers.values() if said is not None)
    numbers = {
        text: said if said is not None and given[str(said.value)] == 1 else None
        for text, said in numbers.items()
    }
    found = {key: said for key, said in keys.items() if key != "session_by_date"}
    found["session"] = unsure(event.name, _why_events(numbers))
    return found, {text: said for text, said in numbers.items() if said is not None}


def _why_events(numbers: Mapping[str, Said | None]) -> str:
    """Say what has to be decided of events; only what is surely the name of one is told."""
    why = "an event is a session, if each has one at most"
    still_open = [text for text, said in numbers.items() if said is None]
    told = [text for text in still_open if _EVENT_NAME.fullmatch(text)]
    if not still_open:
        return why
    names = f" ({named(told)})" if told == still_open else ""
    return (
        f"{why}; {len(still_open)} events with a date tell no number of their own{names}: list "
        "them under session_codes"
    )


def _are_dated(instance: Column, dated: Column) -> bool:
    """Whether any row with an instance has a date of a session."""
    return any(n and day for n, day in zip(instance.cells, dated.cells, strict=True))


def _begins_anew(instance: Column, event: Column, dated: Column, patient: Column) -> bool:
    """Whether one instance of one patient stands in several events, on different days."""
    days: defaultdict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    rows = zip(patient.cells, instance.cells, event.cells, dated.cells, strict=True)
    for who, number, where, day in rows:
        if number and day:
            days[who, number].add((where, day))
    return any(len({where for where, _ in found}) > 1 for found in days.values())


def _by_day(keys: Mapping[str, Said], why: str) -> dict[str, Said]:
    found = {key: said for key, said in keys.items() if key != "session"}
    return found | {"session_by_date": unsure(True, why)}


def _number_of(event: str) -> Said | None:
    """Return the number of an event: the one in its name, or 0 for what comes before the first."""
    name = _ARM.sub("", event)
    numbers = _NUMBER.findall(name)
    if len(numbers) == 1:
        return unsure(str(int(numbers[0])), "by the number in its name")
    if not numbers and _FIRST & set(re.split(r"[^a-z]+", name.lower())):
        return unsure("0", "by its name, it comes before the first session")
    return None
