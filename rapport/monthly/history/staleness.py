"""Which published clinic-months have become stale, why, and what to run.

An edition rests on a verdict, the verdict on files, rules and the clinic's registry entry, and the
figures on the verdicts of all clinics that were known at the close. Each link is held against what
the stores say now; the last one, whether the report would say something else, by drafting it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import rapport
from rapport.evidence.fingerprints import clinic_sha256, instruments_sha256
from rapport.monthly.drafting import Draft, drafts_due
from rapport.monthly.editions import Edition, newest_editions
from rapport.monthly.history.closings import newest_close
from rapport.monthly.history.inputs import files_hashes, inputs_of
from rapport.monthly.slices import ClinicMonth, months
from rapport.months import Month
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.rendering.data_quality import RuleWords

Kind = Literal[
    "files", "rules", "registry", "code", "trailing_window", "benchmarks", "figures", "verdict"
]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an edition no longer rests on what is known.

    Attributes:
        kind: What changed.
        sentence: The same in plain words.
        step: The first step of the month that has to be run again.
    """

    kind: Kind
    sentence: str
    step: Literal["collect", "close", "publish"]


@dataclass(frozen=True, slots=True)
class Stale:
    """A published clinic-month whose newest edition rests on superseded inputs.

    Attributes:
        clinic_id: The clinic.
        month: The month.
        edition: Number of its newest edition.
        reasons: Every reason, in the order of the steps.
        run: The commands that put it right.
    """

    clinic_id: str
    month: str
    edition: int
    reasons: tuple[Reason, ...]
    run: tuple[str, ...]


def stale_editions(
    home: "Home",
    slices: Sequence[ClinicMonth],
    rules: Mapping[str, "RuleWords"],
    rules_sha256: str,
) -> list[Stale]:
    """Return which of these clinic-months are published and stale.

    Args:
        home: The home.
        slices: The clinic-months; one without an edition cannot be stale.
        rules: Rule id → its words, as reports print them.
        rules_sha256: Hash of the rules in force.
    """
    editions = newest_editions(home, slices)
    published = [one for one in slices if one in editions]
    if not published:
        return []
    now = _Now.of(home, published, rules_sha256)
    since = _Since.of(home, published)
    drafts = _drafts(home, published, rules, editions, since)
    found = []
    for one in published:
        verdict = now.verdicts.get(one)
        reasons = [
            *(now.reasons(one, verdict) if verdict else ()),
            *(since.reasons(home, one) if editions[one].kind == "report" else ()),
            *_said_otherwise(editions[one], drafts.get(one)),
        ]
        if reasons:
            run = _commands(one, {reason.step for reason in reasons})
            found.append(
                Stale(one.clinic_id, one.month, editions[one].edition, tuple(reasons), run)
            )
    return found


@dataclass(frozen=True)
class _Now:
    """What verdicts are to rest on now, and what the newest ones rest on."""

    home: "Home"
    rules_sha256: str
    files: Mapping[ClinicMonth, str]
    verdicts: Mapping[ClinicMonth, Mapping[str, Any]]

    @classmethod
    def of(cls, home: "Home", slices: Sequence[ClinicMonth], rules_sha256: str) -> "_Now":
        newest = home.warehouse.newest_verdicts(months(slices))
        verdicts = {ClinicMonth(row["clinic_id"], row["month"]): row for row in records(newest)}
        return cls(home, rules_sha256, files_hashes(inputs_of(home, slices)), verdicts)

    def reasons(self, one: ClinicMonth, verdict: Mapping[str, Any]) -> Iterator[Reason]:
        """Yield why a clinic-month has to be taken in again."""
        clinic = clinic_sha256(self.home.registry.clinic(one.clinic_id))
        if _differs(verdict["files_sha256"], self.files[one]):
            yield Reason("files", "A file was received since the month was validated.", "collect")
        if verdict["rules_sha256"] != self.rules_sha256:
            yield Reason("rules", "Rules or instruments changed since.", "collect")
        if _differs(verdict["clinic_sha256"], clinic):
            yield Reason("registry", "The clinic's registry entry changed since.", "collect")
        if verdict["code_version"] != rapport.__version__:
            yield Reason("code", "The month was judged by another version of the code.", "collect")


def _differs(recorded: object, now: str) -> bool:
    """Whether a hash differs; one that was not recorded yet says nothing."""
    return isinstance(recorded, str) and recorded != now


@dataclass(frozen=True)
class _Since:
    """What changed since each month was closed.

    Attributes:
        closes: Month → its newest close, if there is one.
        changed: Clinic-months whose newest verdict says something else than one before it did,
            each with the number of the verdict that changed it.
    """

    closes: Mapping[str, Mapping[str, Any] | None]
    changed: Sequence[tuple[ClinicMonth, int]]

    @classmethod
    def of(cls, home: "Home", slices: Sequence[ClinicMonth]) -> "_Since":
        closes = {month: newest_close(home, Month.parse(month)) for month in months(slices)}
        return cls(closes, list(_changes(home)))

    def reasons(self, home: "Home", one: ClinicMonth) -> Iterator[Reason]:
        """Yield why a month has to be closed again, as far as this clinic is concerned."""
        close = self.closes[one.month]
        if close is None:
            yield Reason("figures", "No close of this month is on record.", "close")
            return
        until = close["verdicts_until"]
        known = [w for w, number in self.changed if number > until and w.month <= one.month]
        if any(where.clinic_id == one.clinic_id for where in known):
            told = ", ".join(sorted({w.month for w in known if w.clinic_id == one.clinic_id}))
            yield Reason(
                "trailing_window", f"What is known of {told} changed since the close.", "close"
            )
        if any(where.clinic_id != one.clinic_id for where in known):
            yield Reason("benchmarks", "Data of other clinics changed since the close.", "close")
        if close["instruments_sha256"] != instruments_sha256(home.catalogue):
            yield Reason("rules", "Instruments changed since the close.", "close")
        if close["code_version"] != rapport.__version__:
            yield Reason("code", "The month was closed by another version of the code.", "close")


def _changes(home: "Home") -> Iterator[tuple[ClinicMonth, int]]:
    """Yield each verdict that changes what may be used of a clinic-month."""
    columns = ["sequence", "clinic_id", "month", "verdict", "accepted_sha256"]
    rows = home.warehouse.read(tables.verdicts, columns=columns).sort_values("sequence")
    before: dict[ClinicMonth, str | None] = {}
    for row in records(rows):
        one = ClinicMonth(row["clinic_id"], row["month"])
        usable = str(row["accepted_sha256"]) if row["verdict"] == "passed" else None
        if before.get(one) != usable:
            yield one, int(row["sequence"])
        before[one] = usable


def _drafts(
    home: "Home",
    slices: Sequence[ClinicMonth],
    rules: Mapping[str, "RuleWords"],
    editions: Mapping[ClinicMonth, Edition],
    since: _Since,
) -> Mapping[ClinicMonth, Draft]:
    """Draft what may say something else: where a verdict or a close is newer than the edition."""
    verdicts = home.warehouse.newest_verdicts(months(slices))
    newest = {ClinicMonth(r["clinic_id"], r["month"]): r["sequence"] for r in records(verdicts)}
    moved = []
    for one in slices:
        close = since.closes[one.month]
        rests_on = editions[one].rests_on
        is_same = rests_on.get("Verdict entry") == newest.get(one) and rests_on.get(
            "Closing entry"
        ) == (close["sequence"] if close else None)
        if not is_same:
            moved.append(one)
    return drafts_due(home, moved, rules, editions)


def _said_otherwise(edition: Edition, draft: Draft | None) -> Iterator[Reason]:
    """Yield why the clinic-month has to be published again."""
    if draft is None:
        return
    if edition.rests_on.get("Verdict entry") != draft.rests_on.get("Verdict entry"):
        yield Reason("verdict", "A newer verdict says something else.", "publish")
    else:
        yield Reason("figures", "The figures were computed anew and differ.", "publish")


def _commands(one: ClinicMonth, steps: set[str]) -> tuple[str, ...]:
    """Return what to run, the first step first."""
    month, clinic = f"--month {one.month}", f"--clinic {one.clinic_id}"
    if "collect" in steps:
        return (f"rapport run {month} {clinic}",)
    found = [f"rapport close {month}"] if "close" in steps else []
    return (*found, f"rapport publish {month} {clinic}")
