"""REDCap's data dictionary: what the software itself says about the columns of an export.

It comes as the 18-column CSV of the web pages, as the metadata of the interface with other names
for the same columns (``field_name``, ``form_name`` …), or as that in JSON. It holds no answers.
"""

import csv
import html
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rapport.errors import Fault, SettingsError

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "kind": ("Field Type", "field_type"),
    "label": ("Field Label", "field_label"),
    "choices": (
        "Choices, Calculations, OR Slider Labels",
        "Choices OR Calculations",
        "select_choices_or_calculations",
    ),
    "validation": (
        "Text Validation Type OR Show Slider Number",
        "text_validation_type_or_show_slider_number",
    ),
    "identifier": ("Identifier?", "identifier"),
    "branching": ("Branching Logic (Show field only if...)", "branching_logic"),
}
_NEEDED = ("name", "form", "kind")
_FIXED = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
_CHOSEN = ("radio", "dropdown", "checkbox")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a project.

    Attributes:
        name: Its variable.
        form: The form on which it stands.
        kind: REDCap's field type, such as ``radio``, ``text`` or ``checkbox``.
        label: Its text, without markup; data, never printed.
        choices: Code → text of each choice; empty if the field has none.
        validation: What a text must look like, such as ``date_ymd``.
        is_identifier: Whether the project says that it identifies a person.
        branching: The condition under which it is shown; empty if it always is.
    """

    name: str
    form: str
    kind: str
    label: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    validation: str = ""
    is_identifier: bool = False
    branching: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in which it is exported: one, or one a choice of a checkbox."""
        if self.kind == "checkbox":
            return tuple(checkbox_column(self.name, code) for code in self.choices)
        return () if self.kind == "descriptive" else (self.name,)


@dataclass(frozen=True)
class Codebook:
    """The fields of one project, in the order of its forms."""

    questions: tuple[Question, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Question]:
        """Variable → field."""
        return {question.name: question for question in self.questions}

    @cached_property
    def by_column(self) -> Mapping[str, Question]:
        """Column of an export → field."""
        return {name: question for question in self.questions for name in question.columns}

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The forms, in order."""
        return tuple(dict.fromkeys(question.form for question in self.questions))

    @property
    def record_id(self) -> Question:
        """The first field, which names the record."""
        return self.questions[0]


def checkbox_column(name: str, code: str) -> str:
    """Return the column of one choice: ``var___1``, and ``var____90`` for the code −90."""
    return f"{name}___{re.sub(r'[^a-z0-9_]', '_', code.lower())}"


def plain(text: str) -> str:
    """Return a label without markup, in single blanks, as REDCap writes it into headings."""
    return _BLANKS.sub(" ", html.unescape(_TAG.sub(" ", text))).strip()


def is_codebook_header(header: Sequence[str]) -> bool:
    """Whether a header is that of a data dictionary, in either spelling."""
    names = {name.strip() for name in header}
    return all(names & set(_COLUMNS[wanted]) for wanted in _NEEDED)


def parse_codebook(content: bytes, file: str) -> Codebook:
    """Read a data dictionary strictly.

    Args:
        content: CSV (comma, semicolon or tab) or JSON in UTF-8.
        file: Its name, for the fault.

    Raises:
        SettingsError: It is no data dictionary, or holds no field, or one twice.
    """
    try:
        text = content.decode("utf-8-sig")
        records = _from_json(text) if text.lstrip().startswith("[") else _from_csv(text)
    except (UnicodeDecodeError, ValueError, csv.Error, RecursionError):
        raise _fault("The data dictionary cannot be read.", file) from None
    if not records or not is_codebook_header(list(records[0])):
        raise _fault("This is not a REDCap data dictionary.", file)
    questions = tuple(_question(record) for record in records)
    names = [question.name for question in questions]
    if not all(names) or len(set(names)) != len(names):
        raise _fault("The data dictionary names a variable twice, or a field without one.", file)
    return Codebook(questions)


def _from_json(text: str) -> list[dict[str, str]]:
    found = json.loads(text)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError
    return [{str(name): str(value) for name, value in one.items()} for one in found]


def _from_csv(text: str) -> list[dict[str, str]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    header = [name.strip() for name in rows[0]] if rows else []
    return [dict(zip(header, row, strict=False)) for row in rows[1:] if any(row)]


def _question(record: Mapping[str, str]) -> Question:
    said = {
        wanted: next((record[name].strip() for name in names if record.get(name)), "")
        for wanted, names in _COLUMNS.items()
    }
    kind = said["kind"].lower()
    choices = _choices(said["choices"]) if kind in _CHOSEN else _FIXED.get(kind, {})
    return Question(
        name=said["name"],
        form=said["form"],
        kind=kind,
        label=plain(said["label"]),
        choices=choices,
        validation=said["validation"].lower(),
        is_identifier=said["identifier"].lower() in {"y", "yes", "1", "true"},
        branching=said["branching"],
    )


def _choices(text: str) -> dict[str, str]:
    """Read ``1, Control | 2, Treatment``; REDCap also takes line ends between choices."""
    found = {}
    for choice in re.split(r"[|\n]", text):
        code, comma, label = choice.partition(",")
        if comma and code.strip():
            found[code.strip()] = plain(label)
    return found


def _fault(message: str, file: str) -> SettingsError:
    return SettingsError(
        Fault(
            "DICTIONARY",
            message,
            "Download it anew in REDCap (Project Setup, Data Dictionary) and do not edit it.",
            file=file,
        )
    )
