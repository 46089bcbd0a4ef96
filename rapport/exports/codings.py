"""Whether the codes that a file gives labels to are the answers that the instrument knows.

A form coded 1–4 in the file and 0–3 in the instrument would shift every score by its item count; a
codebook inside the file tells that before any row is read.
"""

from collections.abc import Mapping

from rapport.clinics.mapping import ExportMapping, FormMapping
from rapport.errors import Fault
from rapport.exports.missing import codes_of
from rapport.exports.table import Table
from rapport.exports.values import number_text
from rapport.instruments import Instrument


def coding_faults(
    table: Table, mapping: ExportMapping, catalogue: Mapping[str, Instrument]
) -> tuple[Fault, ...]:
    """Return one fault of ``WRONG_FORMAT`` for every item whose labelled codes are no answers.

    Args:
        table: The file, with the codes that it labels itself.
        mapping: Declares codes of forms and of missing values.
        catalogue: Instruments by id.
    """
    if not table.codings:
        return ()
    return tuple(
        _fault(name, form, table)
        for form in mapping.forms
        for item, name in enumerate(form.columns(catalogue[form.instrument].n_items), 1)
        if not _labelled(table, name, form, mapping)
        <= set(catalogue[form.instrument].allowed_answers(item))
    )


def _labelled(table: Table, name: str, form: FormMapping, mapping: ExportMapping) -> set[str]:
    """Return what an item's labelled codes stand for; an undeclared code stands for nothing."""
    missing = codes_of(form, mapping)
    codes = [code for code in table.codings.get(name, ()) if code not in missing]
    if form.codes is not None:
        return {form.codes.get(code, "") for code in codes}
    return {number_text(code, ".") for code in codes}


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
