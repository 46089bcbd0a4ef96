"""REDCap: which rows describe a patient, whose rows they are, and which event is which session."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from rapport.exports.proposing.columns import Column
from rapport.exports.proposing.said import FILL_IN, Said, unsure

_EVENT = ("redcap_event_name", "Event Name")
_REPEATED = ("redcap_repeat_instrument", "Repeat Instrument")
_INSTANCE = ("redcap_repeat_instance", "Repeat Instance")
_GROUP = ("redcap_data_access_group", "Data Access Group")
_NUMBER = re.compile(r"\d{1,3}", re.ASCII)
_ARM = re.compile(r"(_arm_\d+[a-z]?| \(Arm \d+: .*\))$")
_FIRST = frozenset({"baseline", "intake", "screening", "enrolment", "enrollment", "pre"})


def propose_records(columns: Sequence[Column], keys: Mapping[str, Said]) -> dict[str, Said]:
    """Propose ``record_rows`` and ``inherited``.

    Args:
        columns: The columns of a REDCap export.
        keys: The columns of keys, as proposed.

    Returns:
        The two keys of a mapping if the therapist stands only on rows without a session's number
        (where days are sessions, without its date); nothing otherwise.
    """
    by_name = {column.name: column for column in columns}
    by_day = "session" not in keys or str(keys["session"].value) in _EVENT
    telling = "date" if by_day else "session"
    therapist, session = (
        by_name.get(str(keys[key].value)) if key in keys else None for key in ("therapist", telling)
    )
    if therapist is None or session is None or not therapist.texts or not session.texts:
        return {}
    rows = [at for at, text in enumerate(therapist.cells) if text]
    if any(session.cells[at] for at in rows):
        return {}
    why = "the therapist stands on these rows alone; sessions take it over from there"
    for name in (*_EVENT, *_REPEATED):
        sign = by_name.get(name)
        if sign is None:
            continue
        values = {sign.cells[at] for at in rows}
        others = {text for at, text in enumerate(sign.cells) if session.cells[at]}
        if len(values) == 1 and not values & others:
            found = {name: values.pop()}
            return {"record_rows": unsure(found, why), "inherited": unsure(["therapist"], why)}
    return {}


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
    n_open = sum(said is None for said in numbers.values())
    why = "an event is a session, if each has one at most"
    if n_open:
        why += f"; {n_open} events with a date tell no number: list them under session_codes"
    found = {key: said for key, said in keys.items() if key != "session_by_date"}
    found["session"] = unsure(event.name, why)
    return found, {text: said for text, said in numbers.items() if said is not None}


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
