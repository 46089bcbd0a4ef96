"""The rule catalogue: every kind of rule in one list, its hash, and the page that shows it.

``python -m expectations.catalogue`` writes ``docs/rules.md``; a test holds page and rules together.
Great Expectations is not needed for any of this.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.rule import Rule, Suite
from expectations.rules.accepted import ANSWER_TYPED, SESSION_RULES
from expectations.rules.accepted import FORM_RULES as ACCEPTED_FORM_RULES
from expectations.rules.drift import history_kinds
from expectations.rules.files import FILE_RULES
from expectations.rules.items import ITEM_RULES
from expectations.rules.rows import ANSWER_ALLOWED, COVARIATE_DECLARED, ROW_RULES
from expectations.rules.slices import FORM_RULES, SLICE_RULES
from rapport.errors import Fault, RapportError

if TYPE_CHECKING:
    from rapport.instruments import Instrument

PAGE = Path("docs/rules.md")

_PER_ITEM = "<form>.<item>"
_ABOUT = {
    Suite.EXPORT_FILES: (
        "Rules about files",
        "Asked of each file as it is read. A broken critical rule refuses the whole file: its "
        "bytes are kept, none of its rows is used.",
    ),
    Suite.EXPORT_ROWS: (
        "Rules about rows",
        "Asked of each row of a readable file, before anything becomes a number. A broken critical "
        "rule refuses the row, and it is listed with line and column.",
    ),
    Suite.ACCEPTED_ROWS: (
        "Rules about accepted rows",
        "Asked once more of what was accepted, on dates and numbers. Only a mistake in Rapport can "
        "break them; the verdict is then `error`, and nothing is used.",
    ),
    Suite.ACCEPTED_SLICES: (
        "Rules about a clinic-month",
        "Asked of the month as a whole. A broken critical rule closes the gate: the clinic "
        "receives a notice instead of a report. Limits can be set for each clinic by `thresholds` "
        "in `clinics.yaml`, by the rule's id or the id of one check, `FORM_PRESENT[swls.patient]`; "
        "`rapport rules --clinic ID` shows the limits in force. Rules that ask what is *usual* "
        "hold the month against up to twelve earlier months of the clinic that passed, and are not "
        "asked below six (`HISTORY_MONTHS`): distances are in spreads, which are the clinic's own "
        "from month to month, or those of chance if they are larger.",
    ),
}


def kinds() -> tuple[Rule, ...]:
    """Return every kind of rule, in the order in which they are asked."""
    forms = tuple(kind.at("<form>", f"{name}.<form>") for name, kind in FORM_RULES.items())
    items = tuple(kind.at(_PER_ITEM, f"{name}.{_PER_ITEM}") for name, kind in ITEM_RULES.items())
    return (
        *FILE_RULES,
        *ROW_RULES,
        ANSWER_ALLOWED.at(_PER_ITEM, _PER_ITEM),
        COVARIATE_DECLARED.at("<name>", "fact.covariate.<name>"),
        *SESSION_RULES,
        *ACCEPTED_FORM_RULES,
        ANSWER_TYPED.at("<instrument>.<item>", "item_<item>"),
        *SLICE_RULES,
        *forms,
        *items,
        *history_kinds(),
    )


def find(rule_id: str) -> Rule:
    """Return one kind of rule by its id; a part behind it is ignored, and so is case.

    Raises:
        RapportError: There is no such rule.
    """
    wanted = re.split(r"[.\[]", rule_id, maxsplit=1)[0].upper()
    for rule in kinds():
        if rule.id == wanted:
            return rule
    raise RapportError(
        Fault(
            "UNKNOWN_RULE",
            "There is no rule with this id.",
            "`rapport rules` lists all of them.",
        )
    )


def rules_sha256(catalogue: Mapping[str, "Instrument"]) -> str:
    """Return the hash over everything that any rule says: part of every verdict.

    Args:
        catalogue: Id → instrument, whose answer scales the rules about answers ask for.
    """
    said = [{**asdict(rule), "demand": repr(rule.demand)} for rule in kinds()]
    scales = {
        name: [one.allowed_answers(item) for item in range(1, one.n_items + 1)]
        for name, one in catalogue.items()
    }
    return hashlib.sha256(json.dumps([said, scales], sort_keys=True).encode()).hexdigest()


def demand_in_words(rule: Rule) -> str:
    """Return what a rule demands, as half a sentence; per-item rules name the questionnaire."""
    if rule.id in {ANSWER_ALLOWED.id, ANSWER_TYPED.id}:
        return "is one of the questionnaire's answers"
    return rule.demand.in_words(rule)


def page() -> str:
    """Return the whole catalogue page in Markdown."""
    rules = kinds()
    head = (
        "# The rules\n\n"
        "Everything that Rapport asks of an export before a figure is made from it. This page is "
        "made from the rules themselves by `python -m expectations.catalogue`; "
        "`rapport rules ID` shows one of them.\n\n"
        f"There are {len(rules)} kinds of rule. Kinds with `<form>` or `<item>` in their id are "
        "asked for every form and every item in use. *Critical* rules refuse; *warnings* are "
        "counted and told.\n"
    )
    return head + "".join(section for suite in Suite for section in _section(suite, rules))


def _section(suite: Suite, rules: tuple[Rule, ...]) -> Iterator[str]:
    title, about = _ABOUT[suite]
    yield f"\n## {title}\n\n{about}\n"
    for rule in rules:
        if rule.suite is suite:
            yield _entry(rule)


def _entry(rule: Rule) -> str:
    missing = "breaks the rule" if rule.needs_answer else "means that the question does not arise"
    return (
        f"\n### {rule.key}\n\n"
        f"**{rule.asks}** ({rule.severity.value})\n\n"
        f"- Suite: `{rule.suite.value}`\n"
        f"- Holds if: `{rule.column}` {demand_in_words(rule)}; a missing value {missing}.\n"
        f"- Why: {rule.rationale}\n"
        f"- Remedy: {rule.remedy}\n"
    )


def main() -> None:
    """Write the page below the current folder."""
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}: {len(kinds())} kinds of rule\n")


if __name__ == "__main__":
    main()
