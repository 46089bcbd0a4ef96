"""The page of a dossier: the same evidence as ``dossier.json``, laid out for reading."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

_SUITES = {
    "export_files": "Files",
    "export_rows": "Rows",
    "accepted_rows": "Accepted rows",
    "accepted_slices": "The month as a whole",
}
"""Suite of rules → what its rules are asked of."""

_WORST_FIRST = ("error", "broken", "holds", "not_applicable")


@dataclass(frozen=True, slots=True)
class RuleTold:
    """What became of one kind of rule in one clinic-month.

    Attributes:
        suite: What it was asked of.
        rule: Id of the kind.
        n_rules: How many rules of this kind there were: one a form, an item or a column.
        n_values: Values, rows or files that were looked at, over all of them.
        n_broken: How many of these broke one.
        state: The worst of their states.
        broken: Where it broke: the forms, items or columns that are named in the id.
    """

    suite: str
    rule: str
    n_rules: int
    n_values: int
    n_broken: int
    state: str
    broken: tuple[str, ...]


def page(told: Mapping[str, Any], template: str) -> str:
    """Return the page of a dossier.

    Args:
        told: What ``dossier.json`` says.
        template: Text of the page's template.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(moment=moment, words=_words, rules_told=rules_told)
    return environment.from_string(template).render(told=told)


def moment(recorded_at: str) -> str:
    """Return a time of the ledger to the second, as read: ``2026-03-05 09:12:44``, UTC."""
    return recorded_at[:19].replace("T", " ")


def rules_told(result_json: str) -> list[RuleTold]:
    """Return what became of each kind of rule, in the order of suites, broken ones first.

    Args:
        result_json: The stored result of a verdict; empty where nothing was asked.
    """
    results = json.loads(result_json or "{}").get("rules", {})
    named = sorted((*_parts(name), outcome) for name, outcome in results.items())
    kinds = [
        _kind(suite, rule, [(where, outcome) for _, _, where, outcome in members])
        for (suite, rule), members in _by_kind(named)
    ]
    order = list(_SUITES.values())
    return sorted(
        kinds,
        key=lambda one: (
            _WORST_FIRST.index(one.state) > 1,
            order.index(one.suite) if one.suite in order else len(order),
            one.rule,
        ),
    )


def _by_kind(
    named: Sequence[tuple[str, str, str, dict[str, Any]]],
) -> list[tuple[tuple[str, str], list[tuple[str, str, str, dict[str, Any]]]]]:
    grouped = groupby(named, key=lambda one: (one[0], one[1]))
    return [(kind, list(members)) for kind, members in grouped]


def _parts(name: str) -> tuple[str, str, str]:
    """Take ``accepted_slices/ITEM_MISSING[phq-9.patient.03]`` apart."""
    suite, _, check = name.partition("/")
    rule, _, where = check.partition("[")
    return suite, rule, where.rstrip("]")


def _kind(suite: str, rule: str, members: list[tuple[str, dict[str, Any]]]) -> RuleTold:
    states = {str(outcome["state"]) for _, outcome in members}
    return RuleTold(
        suite=_SUITES.get(suite, suite),
        rule=rule,
        n_rules=len(members),
        n_values=sum(int(outcome.get("asked", 0)) for _, outcome in members),
        n_broken=sum(int(outcome.get("broken", 0)) for _, outcome in members),
        state=min(states, key=_WORST_FIRST.index),
        broken=tuple(where for where, outcome in members if where and outcome["state"] == "broken"),
    )


def _words(identifier: str) -> str:
    return identifier.replace("_", " ")
