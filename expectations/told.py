"""A dry run as people are told it: faults grouped, the most frequent first, each told once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from expectations.catalogue import find
from expectations.judging import State
from expectations.rule import Severity, Suite
from expectations.verdicts import RuleCount, suite_verdicts
from rapport.rendering.check_page import CheckFacts, FaultGroup, Place, Tally
from rapport.sources.delivery import printable

if TYPE_CHECKING:
    from expectations.dry_run import DryRun
    from rapport.errors import Fault

_TITLES = {
    Suite.EXPORT_FILES: "the file",
    Suite.EXPORT_ROWS: "its rows and answers",
    Suite.ACCEPTED_ROWS: "what was accepted",
    Suite.ACCEPTED_SLICES: "the month as a whole",
}


def check_facts(found: "DryRun") -> CheckFacts:
    """Return everything that a dry run tells, without any value of a cell."""
    mapping = found.chosen.export
    counts = own_counts(found)
    return CheckFacts(
        clinic_id=found.clinic.id,
        clinic_name=found.clinic.name,
        file=found.file,
        sha256=found.sha256,
        month=found.chosen.month,
        month_from=found.chosen.month_from,
        read_as=(
            ("Export", mapping.id),
            ("Format", f"{mapping.format}, {mapping.encoding}"),
            ("Questionnaires", ", ".join(form.key for form in mapping.forms) or "none"),
        ),
        exit_code=found.exit_code,
        rows=found.rows,
        forms={} if found.is_refused else found.forms,
        faults=fault_groups(found),
        notes=() if found.is_refused else _notes(counts),
        fine=_tallies(counts),
        n_months=found.n_months,
    )


def own_counts(found: "DryRun") -> list[RuleCount]:
    """Return the checks that a single file can answer for.

    What asks for the clinic's other exports, or for forms that stand in them, is left out.
    """
    (counts,) = found.intake.counts.values()
    if len(found.clinic.exports) == 1:
        return list(counts)
    own = {form.key for form in found.chosen.export.forms}
    own |= {form.instrument for form in found.chosen.export.forms}
    own |= set(found.chosen.export.covariates)
    return [
        one
        for one in counts
        if (one.rule.part and _subject(one.rule.part) in own)
        or (not one.rule.part and one.rule.suite is not Suite.ACCEPTED_SLICES)
    ]


def _subject(part: str) -> str:
    head, _, last = part.rpartition(".")
    return head if last.isdigit() else part


def fault_groups(found: "DryRun") -> tuple[FaultGroup, ...]:
    """Return what is wrong with file and rows: what refuses first, then the most frequent."""
    groups = [
        *_of_the_file(found.intake.faults),
        *(() if found.is_refused else _of_the_rows(found)),
    ]
    return tuple(sorted(groups, key=lambda one: (not one.refuses, -one.n_rows)))


def _of_the_file(faults: Iterable["Fault"]) -> list[FaultGroup]:
    """Group the reader's faults by rule; where several messages differ, the rule's words speak."""
    by_rule: dict[str, list[Fault]] = {}
    for fault in faults:
        by_rule.setdefault(fault.rule, []).append(fault)
    return [_file_group(rule_id, own) for rule_id, own in by_rule.items()]


def _file_group(rule_id: str, faults: Sequence["Fault"]) -> FaultGroup:
    rule = find(rule_id)
    messages = dict.fromkeys(fault.message for fault in faults)
    remedies = dict.fromkeys(fault.remedy for fault in faults)
    lines: dict[str, list[int]] = {}
    for fault in faults:
        own = lines.setdefault(printable(fault.column or ""), [])
        if fault.line is not None:
            own.append(fault.line)
    told = next(iter(messages)) if len(messages) == 1 else rule.asks
    return FaultGroup(
        rule=rule.id,
        refuses=rule.severity is Severity.CRITICAL,
        what=printable(told),
        why=rule.rationale,
        remedy=printable(next(iter(remedies)) if len(remedies) == 1 else rule.remedy),
        places=_places(lines),
    )


def _of_the_rows(found: "DryRun") -> list[FaultGroup]:
    """Group refused rows by rule, with their columns and lines."""
    by_rule: dict[str, dict[str, list[int]]] = {}
    refused = found.intake.quarantine[["line", "column", "rule"]]
    for line, column, rule_id in refused.itertuples(index=False, name=None):
        by_rule.setdefault(rule_id, {}).setdefault(printable(column), []).append(line)
    return [_row_group(rule_id, lines) for rule_id, lines in by_rule.items()]


def _row_group(rule_id: str, lines: Mapping[str, Sequence[int]]) -> FaultGroup:
    rule = find(rule_id)
    return FaultGroup(
        rule=rule.id,
        refuses=True,
        what=rule.asks,
        why=rule.rationale,
        remedy=rule.remedy,
        n_rows=len({line for own in lines.values() for line in own}),
        places=_places(lines),
    )


def _places(lines: Mapping[str, Sequence[int]]) -> tuple[Place, ...]:
    """Return the places that say something, the one with most lines first."""
    found = [Place(column, tuple(sorted(set(own)))) for column, own in lines.items()]
    return tuple(sorted((one for one in found if one.in_words), key=lambda one: -len(one.lines)))


def _notes(counts: Sequence[RuleCount]) -> tuple[FaultGroup, ...]:
    """Return what is broken of the month as a whole, one group a kind of rule."""
    by_rule: dict[str, list[RuleCount]] = {}
    for one in counts:
        if one.rule.suite is Suite.ACCEPTED_SLICES and one.state is State.BROKEN:
            by_rule.setdefault(one.rule.id, []).append(one)
    groups = [
        FaultGroup(
            rule=rule_id,
            refuses=own[0].rule.severity is Severity.CRITICAL,
            what=own[0].rule.asks,
            why=own[0].rule.rationale,
            remedy=own[0].rule.remedy,
            parts=tuple(filter(None, (_part_in_words(one) for one in own))),
        )
        for rule_id, own in by_rule.items()
    ]
    return tuple(sorted(groups, key=lambda one: (not one.refuses, -len(one.parts))))


def _part_in_words(one: RuleCount) -> str:
    """Return what a check is about, and where its measure lies against where it usually does."""
    band = ""
    if "now" in one.told:
        now, low, high = (f"{one.told[name]:.3g}" for name in ("now", "low", "high"))
        band = f"{now}, usually {low} to {high}"
    if not one.rule.part:
        return band
    return f"{one.rule.part} ({band})" if band else one.rule.part


def _tallies(counts: Sequence[RuleCount]) -> tuple[Tally, ...]:
    verdicts = suite_verdicts(counts)
    states = [(one.rule.suite, one.state) for one in counts]
    return tuple(
        Tally(
            title=title,
            verdict=verdicts[suite.value].value,
            holds=states.count((suite, State.HOLDS)),
            broken=states.count((suite, State.BROKEN)),
            not_applicable=states.count((suite, State.NOT_APPLICABLE)),
            error=states.count((suite, State.ERROR)),
        )
        for suite, title in _TITLES.items()
    )
