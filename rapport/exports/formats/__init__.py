"""One file a format: each turns bytes into a :class:`~rapport.exports.table.Table` of text."""

from collections.abc import Callable, Mapping

from rapport.clinics.mapping import ExportFormat, ExportMapping
from rapport.exports.formats import (
    delimited,
    fhir,
    google_forms,
    limesurvey,
    microsoft_forms,
    qualtrics,
    redcap,
    spss,
    surveymonkey,
    workbook,
)
from rapport.exports.table import Table

Reader = Callable[[bytes, ExportMapping], Table]
"""Reads a file of one format; refuses it by :func:`~rapport.exports.file_rules.refuse`."""

READERS: Mapping[ExportFormat, Reader] = {
    "delimited": delimited.read,
    "fhir": fhir.read,
    "google_forms": google_forms.read,
    "limesurvey": limesurvey.read,
    "microsoft_forms": microsoft_forms.read,
    "qualtrics": qualtrics.read,
    "redcap": redcap.read,
    "spss": spss.read,
    "surveymonkey": surveymonkey.read,
    "workbook": workbook.read,
}
"""Every format that can be read."""
