"""From judged rules to one verdict a clinic-month: may its figures be used?

``passed`` – every critical rule about the clinic-month held. ``failed`` – one did not. ``error`` –
a rule could not be asked, or Rapport contradicts itself: nothing is known, and nothing is used.
``not_applicable`` – nothing was received.
"""

import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np

from expectations.judging import Judgement, State, state_of
from expectations.rule import Rule, Severity, Suite
from expectations.slices import Codes
from rapport.evidence.fingerprints import NOTHING_SHA256, files_sha256
from rapport.monthly.slices import ClinicMonth
from rapport.warehouse.tables import verdicts as table

ROW_STATES = ("accepted", "quarantined", "superseded", "duplicate", "test")
"""What can become of a row; the columns ``rows_<state>`` count them."""

_CHAIN = {"sequence", "recorded_at", "previous_sha256", "entry_sha256"}
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
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
    """One check: a rule in one clinic-month.

    Attributes:
        rule: The rule, resolved for the part that it is about.
        state: What became of it there.
        asked: Of how many files, rows, answers or months it was asked.
        broken: How many of them broke it.
        told: Numbers to go with it: ``measured`` and its ``limit``; for a rule about a level also
            ``now``, ``low`` and ``high``, in the measure's own unit.
    """

    rule: Rule
    state: State
    asked: int
    broken: int
    told: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Suite and key, as a verdict names the check; unique in a clinic-month."""
        return f"{self.rule.suite.value}/{self.rule.key}"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a verdict rests on, beside the files: hashes of rules and registry, code version."""

    rules_sha256: str
    registry_sha256: str
    code_version: str


@dataclass(frozen=True, slots=True)
class Past:
    """The earlier months that a verdict rests on, and what later ones will rest on.

    Attributes:
        sha256: Hash of what the earlier months say; empty if there are none.
        measures: What is remembered of this month.
    """

    sha256: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)


NO_PAST = Past()
"""No earlier month, and nothing to remember."""


def counts_by_slice(judged: Sequence[Judged], n_slices: int) -> list[list[RuleCount]]:
    """Split the outcomes of many clinics by clinic-month.

    Args:
        judged: Judged frames of any suites.
        n_slices: Number of clinic-months.

    Returns:
        For each clinic-month the checks that were asked there, in the rules' order.
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
    unknown = unknown_of(counts)
    if unknown or not any(_was_asked_of_the_month(one) for one in counts):
        return Verdict.ERROR, tuple(unknown)
    broken = [one.rule.key for one in counts if _closes_the_gate(one)]
    return (Verdict.FAILED if broken else Verdict.PASSED), tuple(broken)


def unknown_of(counts: Sequence[RuleCount]) -> list[str]:
    """Return the checks that make a verdict ``error``: not answered, or Rapport's own fault."""
    return [
        one.rule.key
        for one in counts
        if one.state is State.ERROR or (one.rule.is_own_check and one.state is State.BROKEN)
    ]


def _was_asked_of_the_month(one: RuleCount) -> bool:
    return one.rule.suite is Suite.ACCEPTED_SLICES and one.state is not State.NOT_APPLICABLE


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
    past: Past = NO_PAST,
    accepted_sha256: str = NOTHING_SHA256,
    clinic_sha256: str = "",
) -> dict[str, object]:
    """Return one row of the verdicts table, without the columns of the chain.

    Args:
        one: The clinic-month.
        readings: The clinic-month's rows of ``export_readings``, by column.
        counts: The rules that were asked there.
        provenance: What else the verdict rests on.
        past: The earlier months that it was held against, and what is to be remembered of it.
        accepted_sha256: Fingerprint of the accepted rows.
        clinic_sha256: Hash of the clinic's registry entry.

    Returns:
        ``broken_rules`` names every kind of rule that broke: first why files were refused,
        then what decided the verdict, other critical ones, warnings;
        ``result_json`` holds every check with its state and counts, ``decided_by``, which
        ``suites`` passed, and the ``measures`` of a month that passed.
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
        "rules_asked": sum(one.state is not State.NOT_APPLICABLE for one in counts),
        "rules_broken": len(broken),
        "broken_rules": ",".join(_kinds(decided_by, broken)),
        "result_json": _result(verdict, decided_by, counts, past),
        "inputs_sha256": _inputs_sha256((one["content_sha256"] for one in readings), past.sha256),
        "rules_sha256": provenance.rules_sha256,
        "registry_sha256": provenance.registry_sha256,
        "code_version": provenance.code_version,
        "files_sha256": files_sha256(one["content_sha256"] for one in readings),
        "clinic_sha256": clinic_sha256,
        "accepted_sha256": accepted_sha256,
    }


def _kinds(decided_by: Sequence[str], broken: Sequence[RuleCount]) -> list[str]:
    """Return the ids of broken kinds: why files were refused, what decided, the rest, warnings."""

    def place(one: RuleCount) -> tuple[bool, bool, bool]:
        is_warning = one.rule.severity is Severity.WARNING
        return is_warning, one.rule.suite is not Suite.EXPORT_FILES, one.rule.key not in decided_by

    return list(dict.fromkeys(one.rule.id for one in sorted(broken, key=place)))


def suite_verdicts(counts: Sequence[RuleCount]) -> dict[str, Verdict]:
    """Return of each suite of rules whether it passed in a clinic-month.

    ``error`` – a rule could not be asked, or Rapport contradicts itself; ``failed`` – a critical
    rule is broken; ``not_applicable`` – no rule was asked; else ``passed``.
    """
    return {suite.value: _of_suite([o for o in counts if o.rule.suite is suite]) for suite in Suite}


def _of_suite(counts: Sequence[RuleCount]) -> Verdict:
    broken = [one.rule for one in counts if one.state is State.BROKEN]
    if any(one.state is State.ERROR for one in counts) or any(one.is_own_check for one in broken):
        return Verdict.ERROR
    if any(rule.severity is Severity.CRITICAL for rule in broken):
        return Verdict.FAILED
    is_asked = any(one.state is not State.NOT_APPLICABLE for one in counts)
    return Verdict.PASSED if is_asked else Verdict.NOT_APPLICABLE


def check_entry(one: RuleCount) -> dict[str, object]:
    """Return a check as it is recorded: state, counts, numbers; of a broken one its severity.

    A clinic-month has hundreds of checks, so that what is the same for all of a kind is left out.
    """
    entry = {**_counted(one.state, one.asked, one.broken), **one.told}
    if one.state in {State.BROKEN, State.ERROR}:
        entry["severity"] = one.rule.severity.value
    return entry


def _counted(state: State, asked: int, broken: int) -> dict[str, object]:
    if state is State.NOT_APPLICABLE:
        return {"state": state.value}
    return {"state": state.value, "asked": asked, "broken": broken}


def _entry_text(one: RuleCount) -> str:
    """Return a check as JSON; what says no more than hundreds of others do is written once."""
    if one.told or one.state is State.BROKEN or one.state is State.ERROR:
        return _json(check_entry(one))
    return _counted_text(one.state, one.asked, one.broken)


@lru_cache(maxsize=65_536)
def _counted_text(state: State, asked: int, broken: int) -> str:
    return _json(_counted(state, asked, broken))


def _json(told: object) -> str:
    return _CANONICAL.encode(told)


def _result(
    verdict: Verdict, decided_by: Sequence[str], counts: Sequence[RuleCount], past: Past
) -> str:
    """Return the recorded result: as JSON would be written of one whole, keys sorted."""
    checks = {one.name: one for one in counts}
    parts = {
        "decided_by": _json(list(decided_by)),
        "rules": _object({name: _entry_text(checks[name]) for name in sorted(checks)}),
        "suites": _json({name: one.value for name, one in suite_verdicts(counts).items()}),
    }
    if verdict is Verdict.PASSED:
        parts["measures"] = _json(dict(past.measures))
    return _object({name: parts[name] for name in sorted(parts)})


def _object(members: Mapping[str, str]) -> str:
    """Return a JSON object of members that are JSON already."""
    return "{" + ",".join(f"{_json(name)}:{text}" for name, text in members.items()) + "}"


def _inputs_sha256(hashes: Iterable[str], past: str) -> str:
    """Hash what a verdict rests on: the files, and the earlier months where there are any."""
    parts = [*sorted(hashes), *([f"history {past}"] if past else [])]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
