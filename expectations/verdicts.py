"""From judged rules to one verdict a clinic-month: may its figures be used?

``passed`` – every critical rule about the clinic-month held. ``failed`` – one did not. ``error`` –
a rule could not be asked, or Rapport contradicts itself: nothing is known, and nothing is used.
``not_applicable`` – nothing was received.
"""

import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from expectations.judging import Judgement, State, state_of
from expectations.rule import Rule, Severity, Suite
from expectations.slices import Codes
from rapport.monthly.slices import ClinicMonth
from rapport.warehouse.tables import verdicts as table

ROW_STATES = ("accepted", "quarantined", "superseded", "duplicate", "test")
"""What can become of a row; the columns ``rows_<state>`` count them."""

_CHAIN = {"sequence", "recorded_at", "previous_sha256", "entry_sha256"}
VERDICT_COLUMNS = [column.name for column in table.columns if column.name not in _CHAIN]
"""Columns of the verdicts table that are decided here; the others chain its entries."""


class Verdict(StrEnum):
    """The outcome for a clinic-month."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, eq=False, slots=True)
class Judged:
    """A frame that was judged, and to which clinic-month each of its rows belongs.

    Attributes:
        judgement: Rule key → outcome.
        codes: Number of each row's clinic-month, shape (n,); -1 for none that matters.
    """

    judgement: Judgement
    codes: Codes


@dataclass(frozen=True, slots=True)
class RuleCount:
    """One rule in one clinic-month: of how many it was asked, and how many broke it."""

    rule: Rule
    state: State
    asked: int
    broken: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a verdict rests on, beside the files: hashes of rules and registry, code version."""

    rules_sha256: str
    registry_sha256: str
    code_version: str


def counts_by_slice(judged: Sequence[Judged], n_slices: int) -> list[list[RuleCount]]:
    """Split the outcomes of many clinics by clinic-month.

    Args:
        judged: Judged frames of any suites.
        n_slices: Number of clinic-months.

    Returns:
        For each clinic-month the rules that were asked there, in the rules' order.
    """
    found: list[list[RuleCount]] = [[] for _ in range(n_slices)]
    for one in judged:
        known = one.codes >= 0
        for outcome in one.judgement.values():
            asked, broken = (
                np.bincount(one.codes[mask & known], minlength=n_slices)
                for mask in (outcome.asked, outcome.broken)
            )
            concerned = (asked > 0) | (broken > 0) | outcome.is_error
            for place in np.flatnonzero(concerned).tolist():
                n_asked, n_broken = int(asked[place]), int(broken[place])
                state = state_of(outcome, n_asked, n_broken)
                found[place].append(RuleCount(outcome.rule, state, n_asked, n_broken))
    return found


def decide(counts: Sequence[RuleCount]) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict of a clinic-month that received files, and the rules that decided it."""
    unknown = [
        one.rule.key
        for one in counts
        if one.state is State.ERROR or (one.rule.is_own_check and one.state is State.BROKEN)
    ]
    if unknown or not any(one.rule.suite is Suite.ACCEPTED_SLICES for one in counts):
        return Verdict.ERROR, tuple(unknown)
    broken = [one.rule.key for one in counts if _closes_the_gate(one)]
    return (Verdict.FAILED if broken else Verdict.PASSED), tuple(broken)


def _closes_the_gate(one: RuleCount) -> bool:
    return (
        one.rule.suite is Suite.ACCEPTED_SLICES
        and one.rule.severity is Severity.CRITICAL
        and one.state is State.BROKEN
    )


def verdict_row(
    one: ClinicMonth,
    *,
    readings: Sequence[Mapping[Hashable, Any]],
    counts: Sequence[RuleCount],
    provenance: Provenance,
) -> dict[str, object]:
    """Return one row of the verdicts table, without the columns of the chain.

    Args:
        one: The clinic-month.
        readings: The clinic-month's rows of ``export_readings``, by column.
        counts: The rules that were asked there.
        provenance: What else the verdict rests on.

    Returns:
        ``broken_rules`` names every kind of rule that broke: first why files were refused,
        then what decided the verdict, other critical ones, warnings;
        ``result_json`` holds every rule with its counts, and ``decided_by``.
    """
    verdict, decided_by = decide(counts) if readings else (Verdict.NOT_APPLICABLE, ())
    broken = [one for one in counts if one.state is State.BROKEN]
    return {
        "clinic_id": one.clinic_id,
        "month": one.month,
        "verdict": verdict.value,
        **{
            f"rows_{name}": sum(int(one[f"rows_{name}"]) for one in readings)
            for name in ("received", *ROW_STATES)
        },
        "rules_asked": len(counts),
        "rules_broken": len(broken),
        "broken_rules": ",".join(_kinds(decided_by, broken)),
        "result_json": _result(decided_by, counts),
        "inputs_sha256": _inputs_sha256(one["content_sha256"] for one in readings),
        "rules_sha256": provenance.rules_sha256,
        "registry_sha256": provenance.registry_sha256,
        "code_version": provenance.code_version,
    }


def _kinds(decided_by: Sequence[str], broken: Sequence[RuleCount]) -> list[str]:
    """Return the ids of broken kinds: why files were refused, what decided, the rest, warnings."""

    def place(one: RuleCount) -> tuple[bool, bool, bool]:
        is_warning = one.rule.severity is Severity.WARNING
        return is_warning, one.rule.suite is not Suite.EXPORT_FILES, one.rule.key not in decided_by

    return list(dict.fromkeys(one.rule.id for one in sorted(broken, key=place)))


def _result(decided_by: Sequence[str], counts: Sequence[RuleCount]) -> str:
    rules = {
        f"{one.rule.suite.value}/{one.rule.key}": {
            "severity": one.rule.severity.value,
            "state": one.state.value,
            "asked": one.asked,
            "broken": one.broken,
        }
        for one in counts
    }
    return json.dumps(
        {"decided_by": list(decided_by), "rules": rules}, sort_keys=True, separators=(",", ":")
    )


def _inputs_sha256(hashes: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()
