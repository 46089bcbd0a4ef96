"""Whether the codes that a file gives labels to are the answers that the instrument knows.

A form coded 1–4 in the file and 0–3 in the instrument would shift every score by its item count; a
codebook inside the file tells that before any row is read. So it does of a form that is coded the
other way round, 3 for "never" and 0 for "always": codes and answers are the same, and every score
is turned over. That is told by the order of words for how often or how much, which are known, as is
a form of which nobody gave the highest answer, so that all of its codes are answers; a mapping that
declares what each code stands for is believed.
"""

import re
from collections.abc import Mapping

from rapport.clinics.mapping import ExportMapping, FormMapping
from rapport.errors import Fault
from rapport.exports.missing import codes_of
from rapport.exports.table import Table
from rapport.exports.values import number_text
from rapport.instruments import Instrument

PRINTED_BOTH_WAYS = frozenset({"reqol-10"})
"""Instruments whose own codes fall with how often on some items and rise on others.

Source:
    Catalogue entry of each: the printed codes are reversed already on negatively worded items.
"""

_NUMBER = re.compile(r"\d{1,4}(\.\d{1,3})?", re.ASCII)


def coding_faults(
    table: Table, mapping: ExportMapping, catalogue: Mapping[str, Instrument]
) -> tuple[Fault, ...]:
    """Return one fault of ``WRONG_FORMAT`` for every item whose labelled codes are no answers.

    Args:
        table: The file, with the codes that it labels itself.
        mapping: Declares codes of forms and of missing values.
        catalogue: Instruments by id.
    """
    if not table.codings and not table.labels:
        return ()
    items = [
        (name, form, set(catalogue[form.instrument].allowed_answers(item)))
        for form in mapping.forms
        for item, name in enumerate(form.columns(catalogue[form.instrument].n_items), 1)
    ]
    strange = tuple(
        _fault(name, form, table)
        for name, form, allowed in items
        if not _labelled(table, name, form, mapping) <= allowed
    )
    return strange or tuple(
        _turned(name, form, table)
        for name, form, _ in items
        if form.codes is None and form.instrument not in PRINTED_BOTH_WAYS
        if _is_turned(table, name, form, mapping)
        or _is_shifted(table, name, form, mapping, catalogue[form.instrument])
    )


def _labelled(table: Table, name: str, form: FormMapping, mapping: ExportMapping) -> set[str]:
    """Return what an item's labelled codes stand for; an undeclared code stands for nothing."""
    missing = codes_of(form, mapping)
    codes = [code for code in table.codings.get(name, ()) if code not in missing]
    if form.codes is not None:
        return {form.codes.get(code, "") for code in codes}
    return {number_text(code, ".") for code in codes}


def _is_turned(table: Table, name: str, form: FormMapping, mapping: ExportMapping) -> bool:
    """Whether an item's labels say less where the answers that they stand for are higher."""
    # Late, because proposals are not needed where no file has labels.
    from rapport.exports.proposing.words import order_of

    answers = _by_label(table, name, form, mapping)
    found = [answers[label] for label in order_of(answers)]
    return found != sorted(found)


def _is_shifted(
    table: Table, name: str, form: FormMapping, mapping: ExportMapping, instrument: Instrument
) -> bool:
    """Whether an item's labels are all words of the instrument's scale, for other answers of it."""
    from rapport.exports.proposing.words import answers_by_words

    answers = _by_label(table, name, form, mapping)
    meant = answers_by_words(answers, instrument.scale.answers())
    return meant is not None and any(
        float(meant[label]) != answer for label, answer in answers.items()
    )


def _by_label(
    table: Table, name: str, form: FormMapping, mapping: ExportMapping
) -> dict[str, float]:
    """Return label → the number it stands for, of an item's labelled answers."""
    missing = codes_of(form, mapping)
    return {
        label: float(number_text(code, "."))
        for code, label in table.labels.get(name, {}).items()
        if code not in missing and _NUMBER.fullmatch(number_text(code, "."))
    }


def _turned(name: str, form: FormMapping, table: Table) -> Fault:
    return Fault(
        "WRONG_FORMAT",
        "The labels of an item's codes stand for other answers of "
        f"{form.instrument} than the codes; the file is coded otherwise, such as the other way "
        "round, or from 1.",
        "Declare what each code stands for under `codes` of the form, or export the instrument's "
        "own coding, before any item is reversed.",
        line=table.header_line,
        column=name,
    )


def _fault(name: str, form: FormMapping, table: Table) -> Fault:
    return Fault(
        "WRONG_FORMAT",
        "The value labels of an item name codes that are no answers of "
        f"{form.instrument}; the file is coded otherwise.",
        "Declare what each code stands for under `codes` of the form, or export the instrument's "
        "own coding.",
        line=table.header_line,
        column=name,
    )
