"""Microsoft Forms: a workbook with its own columns first, then one column a question.

Headings lose their no-break spaces. A question text that occurs again has a number behind it.
Of a question that takes several choices, each choice is written with a semicolon behind it; where
only one was taken, the semicolon goes, and the answer is that choice.
"""

import glob
import re
from collections.abc import Sequence
from dataclasses import replace

from rapport.clinics.mapping import ExportMapping
from rapport.exports.formats.workbook import plain_name, sheet_tokens, table_of
from rapport.exports.mangled import check_ids
from rapport.exports.table import Table

STARTS = (
    "Start time", "Startzeit", "Heure de début", "Hora de inicio", "Hora de início",
    "Ora di inizio", "Begintijd", "Godzina rozpoczęcia", "Starttidspunkt", "Starttid", "开始时间",
)  # fmt: skip
"""What the column of a response's beginning is called, in the language of the form's owner."""

COMPLETIONS = (
    "Completion time", "Fertigstellungszeit", "Heure de fin", "Hora de finalización",
    "Hora de conclusão", "Ora di completamento", "Tijd van voltooien", "Godzina ukończenia",
    "Fuldførelsestidspunkt", "Fullføringstidspunkt", "Slutförandetid", "完成时间",
)  # fmt: skip
"""The same of its end."""

_KNOWN = (
    "ID", "Id", *STARTS, *COMPLETIONS, "Email", "Name", "Last modified time", "Language",
    "Total points", "Quiz feedback", "Grade posted time", "Points - *", "Feedback - *",
    "E-Mail", "E-mail", "Adresse de messagerie", "Adresse de courriel", "Correo electrónico",
    "Posta elettronica", "Adres e-mail", "E-post", "Nom", "Nombre", "Nome", "Naam", "Nazwa",
    "Navn", "Namn", "Zeitpunkt der letzten Änderung", "Heure de la dernière modification",
    "Hora de la última modificación", "Hora da última modificação", "Ora dell'ultima modifica",
    "Tijd van laatste wijziging", "Czas ostatniej modyfikacji", "Sprache", "Langue", "Idioma",
    "Lingua", "Taal", "Język", "Gesamtpunktzahl", "Quizfeedback",
)  # fmt: skip
_GRADED = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)? ?[-–:] ?")


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read the workbook that Microsoft Forms exports; times are the clinic's own.

    Raises:
        ExportRefusedError: The file is no plain workbook, or the sheet cannot be told or read.
    """
    table = table_of(sheet_tokens(content, mapping))
    if not any(code.endswith(";") for form in mapping.forms for code in form.codes or ()):
        table = replace(table, rows=_with_single_choices(table.rows))
    names = tuple(map(plain_name, table.header))
    table = replace(table, header=names, known=(*_KNOWN, *_grades(names)), heading=table.header)
    check_ids(table, mapping)
    return table


def _with_single_choices(rows: Sequence[list[str]]) -> list[list[str]]:
    """Take the semicolon off, in columns in which every text ends with one."""
    width = max(map(len, rows), default=0)
    chosen = [
        place
        for place in range(width)
        if (texts := {row[place] for row in rows if place < len(row)} - {""})
        and all(text.endswith(";") for text in texts)
    ]
    kept = [list(row) for row in rows] if chosen else list(rows)
    for row in kept:
        for place in chosen:
            if place < len(row) and row[place].count(";") == 1:
                row[place] = row[place].removesuffix(";")
    return kept


def _grades(names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of points and feedback, which repeat a question's name behind a word."""
    asked = set(names)
    return tuple(
        glob.escape(name)
        for name in names
        if (found := _GRADED.match(name)) and name[found.end() :] in asked
    )
