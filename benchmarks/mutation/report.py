"""What came of the trials: one line a module, and every survivor with its place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.mutation.accepted import Accepted


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one wrong version.

    Attributes:
        module: Import name of the module.
        line: Where it was changed.
        change: What was changed.
        verdict: ``killed``, ``survived`` or ``timed out``.
    """

    module: str
    line: int
    change: str
    verdict: str


def reason_for(outcome: Outcome, reasons: Sequence[Accepted]) -> str | None:
    """Return why a survivor is accepted, if it is."""
    found = (r.reason for r in reasons if r.covers(outcome.module, outcome.change))
    return next(found, None) if outcome.verdict == "survived" else None


def report_of(outcomes: Sequence[Outcome], reasons: Sequence[Accepted]) -> Iterator[str]:
    """Yield the lines of a Markdown table, the accepted survivors, and the others."""
    yield "| module | wrong versions | noticed | of these by time | accepted | survived | noticed |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    modules = list(dict.fromkeys(outcome.module for outcome in outcomes))
    for module in modules:
        yield _row(module, [o for o in outcomes if o.module == module], reasons)
    yield _row("**all**", outcomes, reasons)
    survivors = [o for o in outcomes if o.verdict == "survived"]
    yield from _accepted(survivors, reasons)
    others = [o for o in survivors if reason_for(o, reasons) is None]
    if others:
        yield "\nNot noticed by any test:\n"
        yield from (f"- `{o.module}` line {o.line}: `{o.change}`" for o in others)


def _accepted(survivors: Sequence[Outcome], reasons: Sequence[Accepted]) -> Iterator[str]:
    for reason in reasons:
        covered = [o for o in survivors if reason.covers(o.module, o.change)]
        if covered:
            yield f"\n`{reason.module}`, {len(covered)} accepted: {reason.reason}\n"
            yield from (f"- line {o.line}: `{o.change}`" for o in covered)


def _row(name: str, outcomes: Sequence[Outcome], reasons: Sequence[Accepted]) -> str:
    n_late = sum(o.verdict == "timed out" for o in outcomes)
    n_accepted = sum(reason_for(o, reasons) is not None for o in outcomes)
    n_survived = sum(o.verdict == "survived" for o in outcomes) - n_accepted
    n_noticed = len(outcomes) - n_accepted - n_survived
    share = f"{100 * n_noticed / len(outcomes):.1f} %" if outcomes else "–"
    numbers = (len(outcomes), n_noticed, n_late, n_accepted, n_survived)
    return f"| {name} | {' | '.join(map(str, numbers))} | {share} |"
