"""REDCap's raw CSV: longitudinal events, repeating instruments and events, access groups.

A row is one event of one record, or one instance of a repeating instrument in it; fields of other
forms are blank. The key of a row is record, event, repeating instrument and instance.

Source:
    The layout is the one of REDCap's own "CSV / Microsoft Excel (raw data)" export.
"""

from dataclasses import replace

from rapport.clinics.mapping import ExportMapping
from rapport.exports.file_rules import refuse
from rapport.exports.formats import delimited
from rapport.exports.table import Table

_PART = ("redcap_event_name", "redcap_repeat_instrument")
_INSTANCE = "redcap_repeat_instance"
_KNOWN = (
    *_PART,
    _INSTANCE,
    "redcap_data_access_group",
    "redcap_survey_identifier",
    "*_complete",
    "*_timestamp",
)
_LABELS = {"Event Name", "Repeat Instrument", "Repeat Instance", "Data Access Group", "Complete?"}


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read a raw export; one with labels for headers is told apart and refused.

    Raises:
        ExportRefusedError: The file cannot be split into fields, or is something else.
    """
    table = delimited.read(content, mapping)
    if mapping.patient not in table.header and _LABELS & set(table.header):
        refuse(
            "WRONG_FORMAT",
            "This is a REDCap export with labels; only raw exports can be read safely.",
            "Export again and choose CSV / Microsoft Excel (raw data).",
            line=table.header_line,
        )
    form_key = tuple(name for name in _PART if name in table.header)
    instance = (_INSTANCE,) if _INSTANCE in table.header else ()
    return replace(table, known=_KNOWN, form_key=form_key, row_key=(*form_key, *instance))
