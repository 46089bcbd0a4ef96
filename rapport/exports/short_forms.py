"""Short questionnaires whose questions have the codes of a longer one: PHQ-2 and PHQ-8 of PHQ-9.

LOINC codes a question, not the questionnaire that it stands in. A PHQ-2 read as a PHQ-9 is one with
seven gaps, and a PHQ-8 is one with a single gap, which a rule for missing answers would fill. So it
is found out which questionnaire was asked: by the questionnaire itself where the export holds it,
by its address, or by what its responses hold. Answers to a short one get names of their own
(``phq-2.1``), which a mapping reads, or ignores.

Source:
    LOINC panel 55757-9 is the PHQ-2; PHQ-4 is the first two questions of GAD-7 and of PHQ-9
    (Kroenke et al. (2009), Psychosomatics 50, 613-621).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rapport.clinics.mapping import ExportMapping
from rapport.errors import ExportRefusedError, Fault
from rapport.exports import loinc

_NAMED = re.compile(r"(?<![a-z0-9])(phq|gad)[-_ .]?0?([1-9]\d?)(?!\d)", re.IGNORECASE)
_PANELS = {"55757-9": ("phq", 2)}
SHORT_FORMS = ("phq-", "gad-")
"""What the names of short forms start with."""

_JOINT = "phq-4"
_OF_EACH = 2
_TOTALS = frozenset(loinc.BESIDE_THE_ITEMS)
_JOINT_FIRST = {"gad": 0, "phq": 2}
"""Prefix → how many questions of PHQ-4 stand before its own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one response answered, and to which questionnaire.

    Attributes:
        questionnaire: Address or id of the questionnaire; empty if it is not told.
        answers: Column → answer, the columns of LOINC's items by the names of the long form.
        line: Where the response stands.
    """

    questionnaire: str
    answers: Mapping[str, str]
    line: int


def under_own_names(
    answers: Mapping[str, str], questionnaire: str, codes: Collection[str]
) -> dict[str, str]:
    """Return answers with those to a short form under its own names.

    Args:
        answers: Column → answer.
        questionnaire: Address or id of the questionnaire.
        codes: LOINC codes of the questions in it, where the export holds the questionnaire.
    """
    held = {loinc.NAMES[code] for code in codes if code in loinc.NAMES}
    found = dict(answers)
    for instrument, items in _columns().items():
        short = _short_form(instrument, items, questionnaire, held)
        if short is None:
            continue
        before = _JOINT_FIRST[_prefix(instrument)] if short == _JOINT else 0
        for number, name in enumerate(items, 1):
            if name in found:
                found[f"{short}.{number + before}"] = found.pop(name)
    return found


def short_form_fault(name: str, line: int) -> Fault:
    """Return what is told of an answer to a short form that is neither mapped nor ignored.

    Args:
        name: Its column, such as ``phq-2.1``.
        line: Where its response stands.
    """
    short = name.partition(".")[0]
    return Fault(
        "WRONG_FORMAT",
        f"A short form ({short}) is answered, whose questions have the codes of a longer "
        "questionnaire; it is neither mapped nor listed as ignored.",
        f'List it under `ignored` in this clinic\'s registry entry, as "{short}.*", if it is not '
        "to be read.",
        line=line,
        column=name,
    )


def check_ambiguous(asked: Iterable[Asked], mapping: ExportMapping) -> None:
    """Refuse an export in which one questionnaire has all items of a form and another but some.

    Where a form's ``where`` names the questionnaire, there is nothing to find out.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT``, with the line of a response to the shorter one.
    """
    responses = list(asked)
    faults = []
    for form in mapping.forms:
        items = _columns().get(form.instrument)
        if items is None or "questionnaire" in form.where:
            continue
        line = _of_a_part(responses, items)
        if line is not None:
            faults.append(_fault(form.instrument, line))
    if faults:
        raise ExportRefusedError(faults)


def _of_a_part(responses: Iterable[Asked], items: Sequence[str]) -> int | None:
    """Return where a questionnaire with some of the items is answered beside one with all."""
    held: defaultdict[str, set[str]] = defaultdict(set)
    lines: dict[str, int] = {}
    for one in responses:
        answered = {name for name in items if name in one.answers}
        if answered:
            held[one.questionnaire] |= answered
            lines.setdefault(one.questionnaire, one.line)
    parts = [name for name, found in held.items() if len(found) < len(items)]
    return lines[parts[0]] if parts and len(parts) < len(held) else None


def _short_form(
    instrument: str, items: Sequence[str], questionnaire: str, held: AbstractSet[str]
) -> str | None:
    """Return the name of the short form that a questionnaire is; ``None`` if it is none."""
    prefix, whole = _prefix(instrument), len(items)
    own = sum(name in held for name in items)
    if own:
        is_joint = own == len(held - _TOTALS) / 2 == _OF_EACH
        return _JOINT if is_joint else f"{prefix}-{own}" if own < whole else None
    named = {(found[1].lower(), int(found[2])) for found in _NAMED.finditer(questionnaire)}
    named |= {told for panel, told in _PANELS.items() if panel in questionnaire}
    if ("phq", 4) in named and prefix not in {name for name, n in named if n != 4}:  # noqa: PLR2004
        return _JOINT
    numbers = {number for name, number in named if name == prefix}
    if len(numbers) == 1 and (number := numbers.pop()) < whole:
        return f"{prefix}-{number}"
    return None


def _prefix(instrument: str) -> str:
    return instrument.partition("-")[0]


def _columns() -> dict[str, tuple[str, ...]]:
    """Return instrument → the columns of its items."""
    return {
        instrument: tuple(loinc.NAMES[code] for code in codes)
        for instrument, codes in loinc.ITEM_CODES.items()
    }


def _fault(instrument: str, line: int) -> Fault:
    return Fault(
        "WRONG_FORMAT",
        f"Two questionnaires share the questions of {instrument}, and one of them never has all of "
        "them: it may be a short form.",
        "Name the questionnaire that is meant under `where` of the form in clinics.yaml, as "
        "`questionnaire: ADDRESS`; or leave the other one out of the export.",
        line=line,
        column="questionnaire",
    )
