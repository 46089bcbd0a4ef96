"""Random histories of a clinic's uploads, held against a simple model in plain Python.

A history uploads, corrects, deletes, sends again, sends late, collects, crashes, confirms, closes
and publishes. The model knows what must count after each collect, whether the month must be held,
and what was known at any moment before; the ledgers must verify at the end of every history.

``scripts/histories --examples N`` runs many of them.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from expectations.catalogue import rules_sha256
from expectations.intake import take_in
from expectations.words import rule_words
from rapport.evidence.fingerprints import accepted_sha256
from rapport.evidence.verify import verify_home
from rapport.home import Home
from rapport.monthly import ClinicMonth
from rapport.monthly.editions import sha256_of
from rapport.monthly.history.known import known_as_of
from rapport.monthly.history.rebuilding import rebuild
from rapport.monthly.history.staleness import stale_editions
from rapport.warehouse import tables
from tests.rapport.monthly import small_home as small
from tests.rapport.monthly.plain_engine import without_great_expectations

NAME = "sessions_{month}_{exported:%Y%m%d%H%M}*.csv"
MONTHS = ("2025-02", "2025-03")
HELD_ABOVE = 0.02
WHOLE_ABOVE = 0.5

Key = tuple[int, int]
Rows = dict[Key, int]


HAPPENED: Counter[str] = Counter()
"""What happened over all histories of this process, for whoever reads how much was tried."""


class CrashError(Exception):
    """Stands for a process that dies."""


@dataclass
class Sent:
    """One file as the model has it: when it was made, what it says, its bytes' hash."""

    made: datetime
    rows: Rows
    sha256: str = ""


@dataclass
class ModelMonth:
    """What must be true of one clinic-month."""

    truth: Rows = field(default_factory=dict)
    inbox: list[Sent] = field(default_factory=list)
    received: list[Sent] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)
    judged: tuple[Rows, bool] | None = None
    published: int = 0

    def receive(self) -> None:
        """Take note of what lies in the inbox, the same bytes once."""
        known = {one.sha256 for one in self.received}
        for one in self.inbox:
            if one.sha256 not in known:
                self.received.append(one)
                known.add(one.sha256)
        self.inbox = []

    def in_order(self) -> list[Sent]:
        """The files in the order in which they were made."""
        return sorted(self.received, key=lambda one: one.made)

    def counted(self) -> tuple[Rows, bool]:
        """Return what counts, and whether the month must be held."""
        files = self.in_order()
        said: Rows = {}
        for one in files:
            said |= one.rows
        whole = next((n for n in range(len(files) - 1, 0, -1) if self._is_whole(files, n)), None)
        if whole is None:
            return said, False
        before = {key for one in files[:whole] for key in one.rows}
        still = {key for one in files[whole:] for key in one.rows}
        gone = before - still
        is_held = len(gone) > HELD_ABOVE * len(before)
        is_held &= files[whole].sha256 not in self.confirmed
        return {key: value for key, value in said.items() if key not in gone}, is_held

    def newest_whole(self) -> Sent | None:
        """Return the file that decides what has vanished."""
        files = self.in_order()
        return next(
            (files[n] for n in range(len(files) - 1, 0, -1) if self._is_whole(files, n)), None
        )

    @staticmethod
    def _is_whole(files: list[Sent], place: int) -> bool:
        own = files[place].rows
        before = {key for one in files[:place] for key in one.rows}
        if len(before & own.keys()) > WHOLE_ABOVE * len(before):
            return True
        last: Rows = {}
        for one in files:
            last |= one.rows
        repeats = all(
            last[key] == value and any(one.rows.get(key) == value for one in files[:place])
            for key, value in own.items()
        )
        return repeats and all(one.rows.keys() != own.keys() for one in files[:place])


@dataclass(frozen=True)
class Snapshot:
    """What was known at a moment: files, verdicts with accepted rows, editions."""

    moment: str
    files: dict[str, int]
    accepted: dict[str, int]
    editions: dict[str, int]


CRASHES: dict[str, str] = {
    "landing": "rapport.sources.landing.write_each_whole",
    "ledger": "rapport.warehouse.ledger.entry_hash",
    "slices": "rapport.warehouse.slices._insert",
    "recording": "rapport.monthly.recording._new",
}
"""Where a process dies: name → the function during which it does."""


class Histories(RuleBasedStateMachine):
    """One clinic, two months, and everything that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="histories-"))
        self.stack = ExitStack()
        self.stack.enter_context(without_great_expectations())
        self.stack.enter_context(mock.patch("rapport.monthly.closing.WINDOW_MONTHS", 2))
        self.clock = small.Clock()
        self.model = {month: ModelMonth() for month in MONTHS}
        self.sent = 0
        self.snapshots: list[Snapshot] = []
        self.filed: dict[str, bytes] = {}
        self.home = self._register()
        HAPPENED["histories"] += 1

    def _register(self) -> Home:
        confirmed = {m: sorted(one.confirmed) for m, one in self.model.items() if one.confirmed}
        clinic = small.clinic(
            export=small.mapping(path=NAME),
            confirmed_deletions=confirmed,
            thresholds={"DUPLICATE_ROWS": 1},
        )
        if hasattr(self, "home"):
            home = small.register(self.home, clinic)
        else:
            home = small.small_home(self.root / "home", clinic)
        small.set_clock(home, self.clock)
        return home

    def teardown(self) -> None:
        """Whatever happened: everything verifies, and every moment can still be asked about."""
        try:
            self._check_history()
        finally:
            self.home.warehouse.close()
            self.stack.close()
            shutil.rmtree(self.root)

    # ── the clinic ────────────────────────────────────────────────────────────────────────────

    @initialize(patients=st.integers(30, 60))
    def begin(self, patients: int) -> None:
        """The clinic sees patients in both months."""
        for model in self.model.values():
            model.truth = {(patient, s): patient % 3 for patient in range(patients) for s in (1, 2)}

    @rule(month=st.sampled_from(MONTHS), how_many=st.integers(1, 8), by=st.integers(1, 3))
    def correct(self, month: str, how_many: int, by: int) -> None:
        """Answers are corrected in the clinic's own system."""
        truth = self.model[month].truth
        for key in list(truth)[:: max(len(truth) // how_many, 1)]:
            truth[key] = (truth[key] + by) % 4

    @rule(month=st.sampled_from(MONTHS), how_many=st.integers(1, 12))
    def delete(self, month: str, how_many: int) -> None:
        """Sessions are deleted in the clinic's own system."""
        truth = self.model[month].truth
        for key in list(truth)[: min(how_many, len(truth) - 20)]:
            del truth[key]

    @rule(month=st.sampled_from(MONTHS), how_many=st.integers(1, 6))
    def see(self, month: str, how_many: int) -> None:
        """More patients are seen."""
        truth = self.model[month].truth
        first = max(patient for patient, _ in truth) + 1
        truth |= {(first + n, 1): n % 4 for n in range(how_many)}

    # ── what it sends ─────────────────────────────────────────────────────────────────────────

    def _send(self, month: str, rows: Rows, *, made: datetime, backwards: bool = False) -> None:
        self.sent += 1
        content = small.as_csv(
            [
                small.a_row(patient, session, month=month, answer=answer)
                for (patient, session), answer in sorted(rows.items(), reverse=backwards)
            ]
        )
        name = f"sessions_{month}_{made:%Y%m%d%H%M}_{self.sent:03d}.csv"
        file = small.upload(self.home, name, content)
        HAPPENED["files sent"] += 1
        sha256 = sha256_of(file)
        self.model[month].inbox.append(Sent(made, dict(rows), sha256))

    def _made(self) -> datetime:
        self.clock.now += timedelta(hours=1)
        return self.clock.now.replace(second=0, microsecond=0)

    @rule(month=st.sampled_from(MONTHS), backwards=st.booleans())
    def export(self, month: str, backwards: bool) -> None:
        """The whole month is exported, in one order or the other."""
        self._send(month, self.model[month].truth, made=self._made(), backwards=backwards)

    @precondition(lambda self: any(one.received for one in self.model.values()))
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """A file that was sent before comes under another name, and perhaps in another order."""
        month = data.draw(st.sampled_from([m for m in MONTHS if self.model[m].received]))
        old = data.draw(st.sampled_from(self.model[month].received))
        self._send(month, old.rows, made=old.made, backwards=data.draw(st.booleans()))

    @rule(month=st.sampled_from(MONTHS), how_many=st.integers(1, 9))
    def send_part(self, month: str, how_many: int) -> None:
        """Only some rows are sent, corrected or not."""
        truth = self.model[month].truth
        self._send(month, dict(list(truth.items())[-how_many:]), made=self._made())

    @rule(month=st.sampled_from(MONTHS), hours=st.integers(2, 400), answer=st.integers(0, 3))
    def send_late(self, month: str, hours: int, answer: int) -> None:
        """An export of some time ago arrives only now, with answers of then."""
        made = self._made() - timedelta(hours=hours, minutes=self.sent % 50 + 1)
        truth = self.model[month].truth
        self._send(month, {key: (value + answer) % 4 for key, value in truth.items()}, made=made)

    # ── what Rapport does ─────────────────────────────────────────────────────────────────────

    @rule(month=st.sampled_from(MONTHS))
    def collect(self, month: str) -> None:
        """The month is taken in; a second time changes nothing."""
        model = self.model[month]
        model.receive()
        small.take_in(self.home, month)
        HAPPENED["months taken in"] += 1
        if model.received:
            model.judged = model.counted()
            HAPPENED["of them held back"] += model.judged[1]
            HAPPENED["with files made in another order than received"] += (
                model.in_order() != model.received
            )
        self._check_month(month)
        before = len(self.home.warehouse.read(tables.verdicts))
        small.take_in(self.home, month)
        assert len(self.home.warehouse.read(tables.verdicts)) == before
        self._take_snapshot()

    @precondition(lambda self: any(one.inbox for one in self.model.values()))
    @rule(where=st.sampled_from(sorted(CRASHES)), data=st.data())
    def crash(self, where: str, data: st.DataObject) -> None:
        """A process dies while it takes a month in; what was there stands, or is there whole."""
        month = data.draw(st.sampled_from([m for m in MONTHS if self.model[m].inbox]))
        before = self._stored(month)
        HAPPENED["crashes"] += 1
        with mock.patch(CRASHES[where], side_effect=CrashError), suppress(CrashError):
            small.take_in(self.home, month)
        if where in ("slices", "recording"):
            self.model[month].receive()
        if where != "landing":
            assert self._stored(month) == before

    @precondition(lambda self: any(one.judged and one.judged[1] for one in self.model.values()))
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        """The clinic confirms that what the newest whole file lacks was deleted on purpose."""
        held = [m for m in MONTHS if (judged := self.model[m].judged) and judged[1]]
        model = self.model[data.draw(st.sampled_from(held))]
        if (whole := model.newest_whole()) is not None:
            model.confirmed.add(whole.sha256)
            HAPPENED["deletions confirmed"] += 1
            self.home = self._register()

    @precondition(lambda self: any(one.judged for one in self.model.values()))
    @rule(month=st.sampled_from(MONTHS))
    def close_and_publish(self, month: str) -> None:
        """The month is closed and published; a second time files nothing."""
        if self.model[month].judged is None:
            return
        before = self._stale(month)
        small.close(self.home, month)
        edition = small.publish(self.home, month)
        assert edition.edition in (self.model[month].published, self.model[month].published + 1)
        if edition.edition > 1 and edition.is_new:
            assert before, "an edition was replaced that was not said to be stale"
        assert small.publish(self.home, month).edition == edition.edition
        self.model[month].published = edition.edition
        HAPPENED["closed and published"] += 1
        HAPPENED["editions that replaced one"] += edition.is_new and edition.edition > 1
        self.filed[edition.path] = (self.home.reports / edition.path).read_bytes()
        self._take_snapshot()

    @precondition(lambda self: any(one.published for one in self.model.values()))
    @rule()
    def whole_run(self) -> None:
        """Everything is run in order; after that nothing is stale."""
        for month in MONTHS:
            self.collect(month)
        for month in MONTHS:
            if self.model[month].judged is not None:
                self.close_and_publish(month)
        for month in MONTHS:
            assert not self._stale(month)

    # ── what must hold ────────────────────────────────────────────────────────────────────────

    def _stale(self, month: str) -> list[Any]:
        slices = [ClinicMonth("alpha", month)]
        rules = rules_sha256(self.home.catalogue)
        return stale_editions(self.home, slices, rule_words(), rules)

    def _stored(self, month: str) -> tuple[Any, ...]:
        key = {"clinic_id": "alpha", "month": month}
        read = self.home.warehouse.read
        return tuple(
            tuple(read(table, **key).itertuples(index=False, name=None))
            for table in (tables.sessions, tables.export_readings, tables.verdicts)
        )

    def _accepted(self, month: str) -> Rows:
        rows = self.home.warehouse.read(tables.survey_responses, clinic_id="alpha", month=month)
        return {
            (int(patient[1:]), int(session)): int(answer)
            for patient, session, answer in zip(
                rows.patient_id, rows.session, rows.item_01, strict=True
            )
        }

    def _check_month(self, month: str) -> None:
        model = self.model[month]
        if model.judged is None:
            return
        rows, is_held = model.judged
        assert self._accepted(month) == rows
        newest = self.home.warehouse.newest_verdicts([month]).iloc[0]
        broken = newest.broken_rules.split(",")
        assert ("ROWS_VANISHED" in broken) == is_held
        assert (newest.verdict == "passed") == (not is_held)
        readings = self.home.warehouse.read(tables.export_readings, month=month)
        fates = ("accepted", "quarantined", "superseded", "duplicate", "test")
        sums = sum(readings[f"rows_{fate}"] for fate in fates)
        assert (readings.rows_received == sums).all()
        assert len(readings) == len(model.received)
        read = self.home.warehouse.read
        found = accepted_sha256(
            read(tables.sessions, month=month), read(tables.survey_responses, month=month)
        )
        assert found[("alpha", month)] == newest.accepted_sha256

    def _take_snapshot(self) -> None:
        moment = self.clock.now.isoformat(timespec="microseconds").replace("+00:00", "Z")
        self.snapshots.append(
            Snapshot(
                moment,
                files={month: len(one.received) for month, one in self.model.items()},
                accepted={m: len(one.judged[0]) for m, one in self.model.items() if one.judged},
                editions={month: one.published for month, one in self.model.items()},
            )
        )

    def _check_history(self) -> None:
        slices = [ClinicMonth("alpha", month) for month in MONTHS]
        for snapshot in self.snapshots:
            for one in known_as_of(self.home, slices, snapshot.moment):
                assert len(one.files) == snapshot.files[one.month]
                edition = one.edition.edition if one.edition else 0
                assert edition == snapshot.editions[one.month]
                if one.month in snapshot.accepted:
                    assert one.verdict is not None
                    assert one.verdict.rows["accepted"] == snapshot.accepted[one.month]
        for snapshot in random.Random(len(self.snapshots)).sample(
            self.snapshots, min(2, len(self.snapshots))
        ):
            for one in slices:
                self._check_rebuilt(one, snapshot.moment)
        for path, content in self.filed.items():
            assert (self.home.reports / path).read_bytes() == content
        root = self.home.root / self.home.settings.landing
        assert not verify_home(self.home.warehouse, root, self.home.reports)

    def _check_rebuilt(self, one: ClinicMonth, moment: str) -> None:
        found = rebuild(
            self.home,
            one,
            moment,
            take_in=lambda files, registry, which: take_in(
                files, registry=registry, catalogue=self.home.catalogue, expected=[which]
            ),
            rules_sha256=rules_sha256(self.home.catalogue),
        )
        if found is not None and found.files:
            HAPPENED["earlier states read again"] += 1
            assert found.matches
            assert found.changed == ()


def run(examples: int, steps: int, *, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    """Run histories; raises at the first one that the model and Rapport tell differently."""
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


def main() -> None:
    """Run many histories, and say how many, how long and how they ended."""
    parser = argparse.ArgumentParser(prog="histories", description="Run random histories.")
    parser.add_argument("--examples", type=int, default=300, help="how many histories")
    parser.add_argument("--steps", type=int, default=12, help="steps of each")
    given = parser.parse_args()
    began = time.monotonic()
    try:
        run(given.examples, given.steps, phases=(Phase.generate,))
        sys.stdout.write("No mismatch.\n")
    finally:
        took = time.monotonic() - began
        sys.stdout.write(f"{took:.0f} s, up to {given.steps} steps a history\n")
        for what, count in HAPPENED.items():
            sys.stdout.write(f"{count:7d} {what}\n")


if __name__ == "__main__":
    main()
