"""REDCap: which rows describe a patient instead of a session, where the therapist stands there."""

from collections.abc import Mapping, Sequence

from rapport.exports.proposing.columns import Column
from rapport.exports.proposing.said import Said, unsure

_EVENT = ("redcap_event_name", "Event Name")
_REPEATED = ("redcap_repeat_instrument", "Repeat Instrument")


def propose_records(columns: Sequence[Column], keys: Mapping[str, Said]) -> dict[str, Said]:
    """Propose ``record_rows`` and ``inherited``.

    Args:
        columns: The columns of a REDCap export.
        keys: The columns of keys, as proposed.

    Returns:
        The two keys of a mapping if the therapist stands only on rows without a session's number;
        nothing otherwise.
    """
    by_name = {column.name: column for column in columns}
    therapist, session = (
        by_name.get(str(keys[key].value)) if key in keys else None
        for key in ("therapist", "session")
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
