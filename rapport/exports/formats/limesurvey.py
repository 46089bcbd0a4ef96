"""LimeSurvey responses: CSV with codes, texts or both as headings, and vv files.

Where a heading holds code and text (``G[SQ001]. How often …?``), the column's name is the code.
A vv file has two header rows (texts, then column codes) and is separated by tabs; in its cells
line ends, tabs and braces are escaped, and a question that was not shown says so.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from rapport.clinics.mapping import ExportMapping
from rapport.exports.formats.delimited import tokens_of
from rapport.exports.table import Table

RESPONSE_IDS = (
    "Response ID", "Antwort ID", "Antwort-ID", "ID de la réponse", "ID de respuesta",
    "ID risposta", "ID da resposta", "ID odpowiedzi", "Antwoord ID",
)  # fmt: skip
"""What the first column is called where headings are texts, in the language of the export."""

SUBMIT_DATES = (
    "Date submitted", "Datum Abgeschickt", "Date de soumission", "Fecha de envío", "Data invio",
    "Data de envio", "Data wysłania", "Datum ingestuurd",
)  # fmt: skip
"""The same of the moment at which the response was sent; empty if it was not."""

_KNOWN = (
    "id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp",
    "ipaddr", "refurl", "interviewtime", "groupTime*", *RESPONSE_IDS, *SUBMIT_DATES,
    "Last page", "Letzte Seite", "Dernière page", "Última página", "Ultima pagina",
    "Ostatnia strona", "Start language", "Start-Sprache", "Langue de départ", "Lenguaje inicial",
    "Idioma inicial", "Lingua iniziale", "Seed", "Zufallsstartwert", "Tête de série", "Semilla",
    "Access code", "Zugangscode", "Zugangsschlüssel", "Code d'accès", "Date started",
    "Datum gestartet", "Date de lancement", "Fecha de inicio", "Date last action",
    "Datum letzte Aktivität", "Date de la dernière action", "Fecha de la última acción",
    "IP address", "IP-Adresse", "Adresse IP", "Dirección IP", "Referrer URL", "Weiterleitungs-URL",
    "Total time", "Group time: *", "Question time: *", "Gesamtzeit", "Gruppenzeit: *",
    "Fragenzeit: *",
)  # fmt: skip
_CODE = r"[A-Za-z_]\w*(?:\[[^\[\]]*\])*"
_SEPARATOR = re.compile(r"id([^\w\[\]]{1,5})\w", re.ASCII)
_CODES_OF_VV = {"id", "submitdate"}
NOT_SHOWN = "{question_not_shown}"
"""What a vv file writes for a question that was not asked."""


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read a response export, or a vv file where the second row holds LimeSurvey's column codes.

    Raises:
        ExportRefusedError: The file cannot be split into fields, or is something else.
    """
    tokens = tokens_of(content, mapping)
    is_vv = mapping.delimiter == "\t" and _is_vv(tokens.rows)
    first = 2 if is_vv else 1
    table = Table(
        header=tuple(tokens.rows[1]) if is_vv else _codes(tokens.rows[0]),
        rows=tokens.rows[first:],
        lines=tokens.lines[first:],
        header_line=tokens.lines[first - 1],
        is_ended=tokens.is_ended,
        known=_KNOWN,
        heading=tuple(tokens.rows[0]),
        titles=dict(zip(tokens.rows[1], tokens.rows[0], strict=False)) if is_vv else {},
    )
    if not is_vv:
        return table
    return replace(
        table,
        rows=[[_unescaped(cell) for cell in row] for row in table.rows],
        missing_codes={NOT_SHOWN: "not_asked"},
    )


def _codes(header: Sequence[str]) -> tuple[str, ...]:
    """Return the codes of headings that all hold code and text, and other headings as they are.

    Which signs stand between the two is chosen on export; the first column, ``id``, shows it.
    """
    shown = _SEPARATOR.match(header[0])
    if not shown:
        return tuple(header)
    both = re.compile(f"({_CODE}){re.escape(shown[1])}", re.ASCII)
    found = [both.match(name) for name in header]
    if not all(match or not name for match, name in zip(found, header, strict=True)):
        return tuple(header)
    return tuple(match[1] if match else "" for match in found)


def _is_vv(rows: list[list[str]]) -> bool:
    return len(rows) > 1 and set(rows[1]) >= _CODES_OF_VV and not set(rows[0]) >= _CODES_OF_VV


def _unescaped(cell: str) -> str:
    """Undo the escapes of a vv cell; the brace last, as it was escaped first."""
    if "{" not in cell:
        return cell
    if cell == NOT_SHOWN:
        return cell
    for written, meant in (("{tab}", "\t"), ("{cr}", "\r"), ("{newline}", "\n")):
        cell = cell.replace(written, meant)
    return cell.replace("{lbrace}", "{")
