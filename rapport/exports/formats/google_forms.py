"""Google Forms: CSV from the form, or CSV and XLSX from its sheet; the question is the heading.

A form's own CSV writes times as ``2024/03/01 2:15:07 pm GMT+1``, in the words of its owner's
language; they are turned into AM or PM, and the offset into one that a date format can read
(``+01:00``, read by ``%z``). A grid's heading is ``Question [Row]``.
"""

from dataclasses import replace

from rapport.clinics.mapping import ExportMapping
from rapport.exports.clock_words import plain_moment
from rapport.exports.formats.workbook import table_of, tokens_of_either
from rapport.exports.mangled import check_ids
from rapport.exports.table import Table

TIMESTAMPS = (
    "Timestamp", "Zeitstempel", "Sygnatura czasowa", "Horodateur", "Marca temporal",
    "Carimbo de data/hora", "Informazioni cronologiche", "Tijdstempel", "Tidstämpel", "Tidsstempel",
    "Tidsmerke", "Aikaleima", "Časová značka", "Időbélyeg", "Zaman damgası", "Отметка времени",
    "Позначка часу", "طابع زمني", "חותמת זמן", "タイムスタンプ", "时间戳", "时间戳记", "時間戳記",
    "타임스탬프",
)  # fmt: skip
"""What the first column is called, in the language of the form's owner."""

_KNOWN = (
    *TIMESTAMPS,
    "Email Address", "Username", "E-Mail-Adresse", "Nutzername", "Adresse e-mail",
    "Nom d'utilisateur", "Dirección de correo electrónico", "Endereço de e-mail",
    "Indirizzo email", "E-mailadres", "Adres e-mail", "メールアドレス", "电子邮件地址",
    "Score", "Punktzahl", "Puntuación", "Pontuação", "Punteggio", "Wynik", "スコア", "得分", "分數",
    "* [[]Score]", "* [[]Feedback]", "* [[]Punktzahl]",
)  # fmt: skip


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read responses; answers are the words of the choices, declared under ``codes``.

    Raises:
        ExportRefusedError: The file cannot be split into records, or is something else.
    """
    table = replace(table_of(tokens_of_either(content, mapping)), known=_KNOWN)
    check_ids(table, mapping)
    if mapping.date not in table.header:
        return table
    place = table.header.index(mapping.date)
    rows = [
        [plain_moment(cell) if at == place else cell for at, cell in enumerate(row)]
        for row in table.rows
    ]
    return replace(table, rows=rows)
