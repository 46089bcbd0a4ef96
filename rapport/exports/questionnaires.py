"""Whether a form's answers all come from one questionnaire, where its questions are bare numbers.

In FHIR, question ``1`` is another question in every questionnaire. A form that is mapped by linkIds
alone would take the seven answers of one for the first seven of another, and the rest for gaps.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rapport.clinics.mapping import ExportMapping, FormMapping
from rapport.errors import Fault
from rapport.exports.answers import ITEM
from rapport.exports.table import Table
from rapport.instruments import Instrument

_QUESTIONNAIRE = "questionnaire"


def mixed_faults(
    table: Table, mapping: ExportMapping, catalogue: Mapping[str, Instrument]
) -> tuple[Fault, ...]:
    """Return one fault of ``WRONG_FORMAT`` for every form that several questionnaires fill.

    Questionnaires that answer the same items are taken for one: copies have other names.

    Args:
        table: The file.
        mapping: How it is read.
        catalogue: Instruments by id.
    """
    if mapping.format != "fhir":
        return ()
    found = [
        (form, _mixed(table, form, _columns(table, form, catalogue[form.instrument])))
        for form in mapping.forms
        if not form.where.keys() & set(table.form_key)
    ]
    return tuple(_fault(form, place, table) for form, place in found if place is not None)


def _columns(table: Table, form: FormMapping, instrument: Instrument) -> list[str]:
    """Return the columns of a form's items, and those that go on where its pattern ends."""
    own = list(form.columns(instrument.n_items))
    if not isinstance(form.items, str):
        return own
    before, _, rest = form.items.partition("{item")
    behind = rest.partition("}")[2]
    further = (name for name in table.header if name.startswith(before) and name.endswith(behind))
    return [*own, *(n for n in further if n[len(before) : len(n) - len(behind)].isdecimal())]


def _mixed(table: Table, form: FormMapping, columns: Sequence[str]) -> int | None:
    """Return the place of a row whose questionnaire answers other items than those before it."""
    places = {name: table.header.index(name) for name in columns if name.startswith(ITEM)}
    names = table.header.index(_QUESTIONNAIRE)
    wanted = [(table.header.index(name), text) for name, text in form.where.items()]
    answered: defaultdict[str, set[str]] = defaultdict(set)
    firsts: dict[str, int] = {}
    for at, row in enumerate(table.rows):
        filled = {name for name, place in places.items() if row[place]}
        if filled and all(row[place] == text for place, text in wanted):
            answered[row[names]] |= filled
            firsts.setdefault(row[names], at)
    first = next(iter(answered.values()), set())
    return next((firsts[name] for name, items in answered.items() if items != first), None)


def _fault(form: FormMapping, place: int, table: Table) -> Fault:
    return Fault(
        "WRONG_FORMAT",
        f"Responses to several questionnaires answer questions that are mapped for {form.key}, and "
        "not all of them answer all of it: some are another questionnaire.",
        "Name the one under `where` of the form: `where: {questionnaire: …}`, its address "
        "without a version.",
        line=int(table.lines[place]),
        column=_QUESTIONNAIRE,
    )
