"""From a table and its mapping to the text frame of rows: keys, session facts, item responses.

The work is done on arrays of text; each different text of a column is translated once.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from rapport.clinics import ExportMapping, FormMapping
from rapport.clinics.mapping import ATTENDANCES, ENDINGS, SESSION_MODES, CodedColumn
from rapport.exports import covariates, missing, positions, values
from rapport.exports.grouping import joined_texts
from rapport.exports.source import Mask, Source, Texts
from rapport.instruments import Instrument

FILE_COLUMNS = ("clinic_id", "month", "content_sha256", "export_id", "file")
KEY_COLUMNS = ("patient", "therapist", "episode", "session", "date")
CODED_COLUMNS = ("mode", "attendance", "ending")
SIGN_COLUMNS = ("slot", "stated_clinic", "strays")
"""What a row shows of itself beside its content.

``slot`` tells rows of one session apart that hold different forms; ``stated_clinic`` is ``own``,
``other`` or ``blank`` where the export names the clinic; ``strays`` is ``yes`` if the row has
answers where the mapping reads none.
"""
BASE_COLUMNS = (*FILE_COLUMNS, "line", "kind", *KEY_COLUMNS, *CODED_COLUMNS, *SIGN_COLUMNS)
"""Columns of every text frame, before the items and the clinic's own totals."""

FIRST_EPISODE = "1"
"""Episode of a patient where the clinic's export does not tell episodes apart."""

RESOURCE, VERSION = "resource", "version"
"""The format's own name of a row, and its version: of two texts the greater is the newer."""

DELIVERED = "delivered"
"""The month that a cumulative export came for; ``None`` on the rows of all other exports."""

TOTAL = "total."
"""Stands before the form's key in the column of the clinic's own total: ``total.phq-9.patient``."""


def item_column(form_key: str, item: int) -> str:
    """Return the frame's column of one item, counted from 1: ``wai-sr.patient.01``."""
    return f"{form_key}.{item:02d}"


def item_columns(form_key: str, n_items: int) -> tuple[str, ...]:
    """Return the frame's columns of all items of a form, in the instrument's order."""
    return tuple(item_column(form_key, item) for item in range(1, n_items + 1))


def forms_in(columns: Iterable[str], catalogue: Mapping[str, Instrument]) -> dict[str, Instrument]:
    """Return the forms whose items stand in a frame, in the order of its columns.

    Args:
        columns: Names of the frame's columns.
        catalogue: Instruments by id.

    Returns:
        Form key (``wai-sr.patient``) → its instrument.
    """
    split = (name.rpartition(".") for name in columns)
    keys = dict.fromkeys(form_key for form_key, _, item in split if item.isdigit())
    found = {form_key: catalogue.get(form_key.partition(".")[0]) for form_key in keys}
    return {form_key: instrument for form_key, instrument in found.items() if instrument}


def text_rows(source: Source, stamps: Sequence[str]) -> pd.DataFrame:
    """Build the text frame of one file.

    Args:
        source: The table, its mapping and its clinic.
        stamps: The file's values of :data:`FILE_COLUMNS`, in order.

    Returns:
        One row a data row, in the order of the file; every column holds text or ``None`` but
        ``line``, which is an integer. Rows with a wrong field count hold their place only.
    """
    parts = _parts(source)
    names = [name for name in BASE_COLUMNS if name != "line"]
    names += [name for name in parts if name not in names]
    n_rows = len(source.table.rows)
    cells = np.full((len(names), n_rows), None, dtype=object)
    for place, stamp in enumerate(stamps):
        cells[place] = stamp
    cells[names.index("kind")] = "broken"
    for name, texts in parts.items():
        cells[names.index(name), source.whole] = texts
    frame = pd.DataFrame(cells.T, columns=names, dtype=object, copy=False)
    lines = np.fromiter(source.table.lines, dtype=np.int64, count=n_rows)
    frame.insert(BASE_COLUMNS.index("line"), "line", lines)
    return frame


def _parts(source: Source) -> dict[str, Texts]:
    """Return every column of content, for the rows with the right field count."""
    matches = [source.where(form.where) for form in source.mapping.forms]
    kinds = _kinds(source)
    parts = {"kind": kinds, **_keys(source), **_session_facts(source)}
    parts |= covariates.read_covariates(source)
    parts["slot"] = _slots(source, matches, kinds)
    named = ((RESOURCE, source.table.resources), (VERSION, source.table.versions))
    for name, texts in named if source.table.resources else ():
        parts[name] = np.array([text or None for text in texts], dtype=object)[source.whole]
    parts["stated_clinic"] = _stated_clinic(source)
    parts["strays"] = _strays(source, matches, kinds)
    for form, match in zip(source.mapping.forms, matches, strict=True):
        parts |= _answers(source, form, match)
    return parts | positions.position_columns(source)


def _kinds(source: Source) -> Texts:
    kinds = np.full(source.n_rows, "session", dtype=object)
    if source.mapping.record_rows:
        kinds[source.where(source.mapping.record_rows)] = "record"
    for name, signs in source.mapping.test_rows.items():
        kinds[np.isin(source.column(name).astype(str), signs)] = "test"
    if source.table.tests:
        kinds[np.isin(source.whole, list(source.table.tests))] = "test"
    if source.table.withdrawn:
        kinds[np.isin(source.whole, list(source.table.withdrawn))] = "withdrawn"
    return kinds


def _keys(source: Source) -> dict[str, Texts]:
    mapping, clinic = source.mapping, source.clinic
    found = {"patient": _translated(source, mapping.patient, values.key_texts)}
    if mapping.therapist is not None:
        found["therapist"] = _translated(source, mapping.therapist, values.key_texts)
    if mapping.session is not None:
        found["session"] = _translated(source, mapping.session, values.session_texts)
    if mapping.date is not None:
        written = source.table.zones.get(mapping.date)
        found["date"] = _translated(
            source,
            mapping.date,
            lambda texts, mapping: values.date_texts(
                texts, mapping, written=written, local=clinic.timezone
            ),
        )
        if mapping.session_by_date:
            found["session"] = values.sessions_of_days(found["date"])
    episodes = np.full(source.n_rows, None, dtype=object)
    if mapping.episode is not None:
        episodes = _translated(source, mapping.episode, values.key_texts)
    if "episode" not in mapping.inherited:
        episodes[episodes == None] = FIRST_EPISODE  # noqa: E711 - elementwise
    return found | {"episode": episodes}


def _session_facts(source: Source) -> dict[str, Texts]:
    mapping = source.mapping
    declared: tuple[tuple[str, CodedColumn | None, tuple[str, ...]], ...] = (
        ("mode", mapping.mode, SESSION_MODES),
        ("attendance", mapping.attendance, ATTENDANCES),
        ("ending", mapping.ending, ENDINGS),
    )
    found: dict[str, Texts] = {}
    for name, coded, words in declared:
        if coded is not None:
            texts = source.different(source.columns.places[coded.column])
            column = source.column(coded.column)
            found[name] = _by(column, values.coded_texts(texts, coded, mapping, words))
    return found


def _answers(source: Source, form: FormMapping, match: Mask) -> dict[str, Texts]:
    """Return the items of one form, and the clinic's total, on the rows it is looked for."""
    n_items = source.catalogue[form.instrument].n_items
    places = [source.columns.places[name] for name in form.columns(n_items)]
    raw = source.cells[places]
    different = dict.fromkeys(text for place in places for text in source.different(place))
    texts = values.item_texts(different, form, source.mapping)
    answers = _by(raw.ravel(), texts).reshape(n_items, -1)
    if not match.all():
        answers[:, ~match] = None
    found = missing.reason_column(raw, texts.keys(), form, source.mapping, match)
    found |= dict(zip(item_columns(form.key, n_items), answers, strict=True))
    if form.total is not None:
        total = _translated(source, form.total, values.total_texts)
        total[~match] = None
        found[TOTAL + form.key] = total
    return found


def _slots(source: Source, matches: Sequence[Mask], kinds: Texts) -> Texts:
    """Return which part of a session each row holds; of a record, which of its rows it is."""
    forms = joined_texts(
        [
            np.where(match, form.key, "").astype(object)
            for form, match in zip(source.mapping.forms, matches, strict=True)
            if form.where
        ],
        source.n_rows,
    )
    header = source.table.header
    parts, rows = (
        joined_texts([source.cells[header.index(name)] for name in names], source.n_rows)
        for names in (source.table.form_key, source.table.row_key)
    )
    slots: Texts = np.where(kinds == "record", forms + "|" + rows, forms + "|" + parts)
    return slots


def _stated_clinic(source: Source) -> Texts:
    stated = np.full(source.n_rows, None, dtype=object)
    for name, own in source.mapping.clinic.items():
        column = source.column(name)
        stated[(column == own) & (stated == None)] = "own"  # noqa: E711 - elementwise
        stated[(column == "") & (stated != "other")] = "blank"
        stated[(column != own) & (column != "")] = "other"
    return stated


def _strays(source: Source, matches: Sequence[Mask], kinds: Texts) -> Texts:
    """Mark rows with answers that no form reads: in columns of a form not looked for there."""
    strays = np.full(source.n_rows, None, dtype=object)
    is_session = kinds == "session"
    is_uncounted = np.isin(kinds, ("test", "withdrawn"))
    if is_session.all() and all(match.all() for match in matches):
        return strays
    read: dict[str, Mask] = {}
    for form, match in zip(source.mapping.forms, matches, strict=True):
        for name in form.columns(source.catalogue[form.instrument].n_items):
            here = match & is_session
            read[name] = read[name] | here if name in read else here
    for name, where in read.items():
        left = ~where & ~is_uncounted
        if left.any():
            strays[left & _filled(source, name)] = "yes"
    return strays


def _filled(source: Source, name: str) -> Mask:
    filled = _translated(source, name, values.key_texts)
    present: Mask = filled != None  # noqa: E711 - elementwise
    return present


def _translated(
    source: Source, name: str, translate: Callable[[Collection[str], ExportMapping], values.Texts]
) -> Texts:
    texts = source.different(source.columns.places[name])
    return _by(source.column(name), translate(texts, source.mapping))


def _by(column: Texts, texts: values.Texts) -> Texts:
    """Replace every text by what the dictionary says; where it says little, only that."""
    changed = [(text, word) for text, word in texts.items() if text != word]
    if len(changed) <= 1:
        found = column.copy()
        for text, word in changed:
            found[column == text] = word
        return found
    found = np.empty(len(column), dtype=object)
    found[:] = list(map(texts.__getitem__, column.tolist()))
    return found
