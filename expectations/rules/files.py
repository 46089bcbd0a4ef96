"""Rules asked of each file: can it be read at all, exactly as it was declared?

A file that breaks a critical one is refused whole. Its bytes are kept, none of its rows is used.
The reader finds out, and hands over one column a rule, holding ``holds``, ``broken`` or
``not_reached``. The last of these is allowed only behind a broken rule (:func:`asked_files`): a
file of which nothing was asked does not pass.
"""

import pandas as pd

from expectations.demands import Among
from expectations.rule import Rule, Severity, Suite

_HELD = Among(("holds",))


def _file_rule(
    rule_id: str,
    *,
    asks: str,
    rationale: str,
    remedy: str,
    severity: Severity = Severity.CRITICAL,
) -> Rule:
    return Rule(
        id=rule_id,
        suite=Suite.EXPORT_FILES,
        severity=severity,
        asks=asks,
        rationale=rationale,
        remedy=remedy,
        column=rule_id,
        demand=_HELD,
    )


FILE_RULES = (
    _file_rule(
        "EMPTY_FILE",
        asks="Does the file hold anything at all?",
        rationale="A file without a byte is a broken transfer, and not a month without patients.",
        remedy="Export the file again and send it; look at its size before sending.",
    ),
    _file_rule(
        "NO_ROWS",
        asks="Does the file have at least one row below its header?",
        rationale="A header alone looks like a month in which nobody was seen.",
        remedy="Check the date range and the filters of the export, then send it again.",
    ),
    _file_rule(
        "ENCODING",
        asks="Can every byte be read in the declared text encoding?",
        rationale="Read in the wrong encoding, ids with special letters turn into other ids.",
        remedy=(
            "Export in the declared encoding, or correct `encoding` of this export in clinics.yaml."
        ),
    ),
    _file_rule(
        "NUL_BYTE",
        asks="Is the text free of NUL characters?",
        rationale="A NUL character cuts text short in some programs and not in others.",
        remedy="Export again as plain text; a NUL often means UTF-16, or a damaged file.",
    ),
    _file_rule(
        "UNCLOSED_QUOTE",
        asks="Is every quotation mark closed?",
        rationale="An open quotation mark swallows the rows that follow it.",
        remedy="Export again; if you edited the file by hand, restore the original export.",
    ),
    _file_rule(
        "FIELD_TOO_LONG",
        asks="Is every field shorter than 64 KiB?",
        rationale="A field that long is a whole document, or several rows run together.",
        remedy="Leave long free text out of the export, and check its quotation marks.",
    ),
    _file_rule(
        "DUPLICATE_COLUMN",
        asks="Does every column name stand once?",
        rationale="Of two columns of one name nobody can say which one holds the answers.",
        remedy="Give each column a name of its own in the survey tool, then export again.",
    ),
    _file_rule(
        "MISSING_COLUMN",
        asks="Is every mapped column in the file?",
        rationale="A questionnaire or key whose column has gone would silently be empty.",
        remedy="Put the column back into the export, or change its name in clinics.yaml.",
    ),
    _file_rule(
        "UNKNOWN_COLUMN",
        asks="Is every column either mapped or listed as ignored?",
        rationale="A column that nobody knows may be a renamed question or a direct identifier.",
        remedy="Map the column in clinics.yaml, or add it to `ignored` of this export.",
        severity=Severity.WARNING,
    ),
    _file_rule(
        "FIELD_COUNT",
        asks="Do the rows have as many fields as the header?",
        rationale="Rows of another width shift answers into the wrong columns.",
        remedy="Check delimiter and quotation marks of the export, then send it again.",
    ),
    _file_rule(
        "WRONG_FORMAT",
        asks="Is the file what it was declared to be?",
        rationale=(
            "A workbook, a web page or a data dictionary read as a survey export gives nonsense."
        ),
        remedy="Send the kind of export that clinics.yaml declares, or correct `format` there.",
    ),
    _file_rule(
        "WRONG_CLINIC",
        asks="Do all rows belong to the clinic that sent the file?",
        rationale=(
            "Another clinic's patients must be seen neither here nor in this clinic's report."
        ),
        remedy=(
            "Do not forward the file. Tell the data protection officer, and export this clinic "
            "alone."
        ),
    ),
    _file_rule(
        "DIRECT_IDENTIFIER",
        asks=(
            "Are the columns that are read free of names, addresses and numbers that name a person?"
        ),
        rationale=(
            "Rapport works with pseudonyms; an e-mail address or phone number must not travel "
            "further."
        ),
        remedy="Take the identifier out of the export, or list its column under `ignored`.",
    ),
    _file_rule(
        "ERASED",
        asks="Is the file free of rows of patients whose data were erased?",
        rationale=(
            "A patient who was erased must not come back with the next export; the rows are left "
            "out before anything is kept, and counted."
        ),
        remedy="Leave erased patients out of further exports.",
        severity=Severity.WARNING,
    ),
)
"""All rules about files."""


def asked_files(files: pd.DataFrame) -> pd.DataFrame:
    """Return the file frame with the questions that could not arise left out.

    A file that breaks a critical rule is not read on, so that later rules are missing for it.
    Anywhere else ``not_reached``, or no word at all, is an answer that is owed.

    Args:
        files: One row a file, a column for each rule of :data:`FILE_RULES`.
    """
    known = [rule.column for rule in FILE_RULES if rule.column in files]
    stops = [rule.column for rule in FILE_RULES if rule.severity is Severity.CRITICAL]
    answers = files[known].astype(object).where(files[known].notna(), "not_told")
    is_stopped = (answers[[name for name in stops if name in answers]] == "broken").any(axis=1)
    skipped = (answers == "not_reached").mul(is_stopped, axis=0)
    return files.assign(**answers.mask(skipped, None))
