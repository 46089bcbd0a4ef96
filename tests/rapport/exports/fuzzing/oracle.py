"""What must be true of any bytes whatever: the outcome is one that is allowed, or it is a finding.

Allowed is a file refused for rules that exist, without a row; or rows that each end in one of the
five states, as many as the file has, none of them lost on the way to the canonical frames. Nothing
that is told holds a value, and no exception comes out.
"""

import traceback
from dataclasses import dataclass

from rapport.exports import FILE_RULES, Reading, concat_rows, read_export
from rapport.exports.canonical import responses_of, sessions_of
from rapport.exports.facts import FACTS, add_facts
from rapport.exports.file_rules import WARNINGS
from rapport.exports.reconcile import STATES, reconcile
from rapport.instruments import load_catalogue
from rapport.sources import Delivery
from tests.rapport.exports.fuzzing.readers import CANARY, MONTH, Reader

CATALOGUE = load_catalogue()


@dataclass(frozen=True)
class Finding:
    """Something that must not be.

    Attributes:
        what: What it is, in a sentence; two findings with the same sentence are one.
        content: The bytes that do it.
        trace: Where in the code it happened, if it is an exception.
    """

    what: str
    content: bytes
    trace: str = ""


def examine(reader: Reader, content: bytes) -> Finding | None:
    """Read some bytes as an export of this reader's clinic and look whether all is well."""
    try:
        reading = _read(reader, content)
        what = _about_file(reading) or _about_rows(reader, reading)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename.rpartition('/')[2]}, {place.name}"
        return Finding(f"{type(error).__name__} in {where}", content, traceback.format_exc())
    return Finding(what, content) if what else None


def outcome(reader: Reader, content: bytes) -> str:
    """Return what became of the file, for telling inputs apart: its rules, or how many rows."""
    reading = _read(reader, content)
    broken = [rule for rule in FILE_RULES if reading.file[rule] == "broken"]
    return ",".join(broken) or f"{min(len(reading.rows), 9)} rows"


def _read(reader: Reader, content: bytes) -> Reading:
    export = reader.clinic.exports[0]
    delivery = Delivery(reader.clinic.id, MONTH, export.id, "export", content)
    return read_export(delivery, mapping=export, clinic=reader.clinic, catalogue=CATALOGUE)


def _about_file(reading: Reading) -> str:
    """Return what is wrong with what is told about the file."""
    broken = {rule for rule in FILE_RULES if reading.file[rule] == "broken"}
    n_rows = int(reading.file["rows_received"] or 0)
    wrongs = {
        "a value is told in a message": CANARY in f"{reading.faults} {reading.file}",
        "a fault without a word of help": not all(f.message and f.remedy for f in reading.faults),
        "the file frame and the faults disagree": broken != {f.rule for f in reading.faults},
        "a file is refused without a rule, or not in spite of one": (
            reading.is_refused != bool(broken - WARNINGS)
        ),
        "rows are lost or invented": len(reading.rows) != (0 if reading.is_refused else n_rows),
    }
    return next((what for what, is_so in wrongs.items() if is_so), "")


def _about_rows(reader: Reader, reading: Reading) -> str:
    if reading.is_refused:
        return ""
    clinics = {reader.clinic.id: reader.clinic}
    rows = add_facts(concat_rows([reading]), clinics=clinics, catalogue=CATALOGUE)
    broken = (rows[[f"fact.{name}" for name in FACTS]] == "no").any(axis=1)
    for name in rows.columns:
        form, _, item = name.rpartition(".")
        instrument = CATALOGUE.get(form.partition(".")[0])
        if instrument is not None and item.isdigit():
            allowed = instrument.allowed_answers(int(item))
            broken |= rows[name].notna() & ~rows[name].isin(allowed)
    for name in ("mode", "attendance", "ending"):
        broken |= rows[name].notna() & rows[name].str.startswith("?", na=False)
    states = reconcile(rows, broken)
    if len(states) != int(reading.file["rows_received"] or 0) or not states.isin(STATES).all():
        return "rows in are not the sum of the five states"
    sessions = sessions_of(rows, states)
    responses = responses_of(rows, states, CATALOGUE)
    if len(sessions) > (states == "accepted").sum() or len(responses) > len(states):
        return "more sessions or forms than rows"
    if not set(sessions["therapist_id"].dropna()) <= set(reader.clinic.therapists):
        return "a therapist whom nobody registered is accepted"
    return ""
