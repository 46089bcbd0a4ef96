"""Two who do the same at once: one effect, whoever is first."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest

from expectations.intake import take_in as decide
from expectations.words import rule_words
from rapport.errors import EvidenceError
from rapport.home import Home, open_home
from rapport.monthly import ClinicMonth, collecting, recording
from rapport.monthly.drafting import drafts_due
from rapport.monthly.editions import newest_editions
from rapport.monthly.history import closings
from rapport.months import Month
from rapport.warehouse import tables
from tests.rapport.monthly.plain_engine import without_great_expectations
from tests.rapport.monthly.small_home import (
    MONTH,
    close,
    publish,
    rows_of,
    take_in,
    upload,
)

HERE = ClinicMonth("alpha", MONTH)
FILE = f"sessions_{MONTH}.csv"


def in_processes(work: Callable[[Path, Barrier], None], root: Path, n: int) -> list[int | None]:
    """Run work in several processes that begin together; return how each ended."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(n)
    processes = [context.Process(target=work, args=(root, barrier)) for _ in range(n)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(300)
    return [process.exitcode for process in processes]


def take_in_together(root: Path, barrier: Barrier) -> None:
    home = open_home(root)
    with without_great_expectations():
        barrier.wait(200)
        take_in(home)
        close(home)
        publish(home)


@pytest.mark.parametrize("n", [3])
def test_several_processes_have_the_effect_of_one(home: Home, n: int) -> None:
    upload(home, FILE, rows_of(30))
    assert in_processes(take_in_together, home.root, n) == [0] * n
    for table in (tables.exports, tables.verdicts, tables.closings, tables.editions):
        assert len(home.warehouse.read(table)) == 1, table.name
    assert len(home.warehouse.read(tables.sessions)) == 60
    assert len(home.warehouse.read(tables.scale_scores, scale="total")) == 60


def decided(home: Home) -> recording.Decided:
    return decide(
        collecting.kept_deliveries(home, [HERE]),
        registry=home.registry,
        catalogue=home.catalogue,
        expected=[HERE],
    )


def test_what_was_decided_without_the_newest_file_is_not_recorded(home: Home) -> None:
    upload(home, FILE, rows_of(30))
    collecting.collect(home, [HERE])
    slow = decided(home)
    upload(home, f"sessions_{MONTH}_b.csv", rows_of(40))
    take_in(home)
    assert recording.record(home, slow, [HERE]) == 0
    assert len(home.warehouse.read(tables.sessions)) == 80
    assert len(home.warehouse.read(tables.verdicts)) == 1


def test_other_clinic_months_are_recorded_all_the_same(home: Home) -> None:
    for month in (MONTH, "2025-03"):
        upload(home, f"sessions_{month}.csv", rows_of(30, month=month))
    both = [HERE, ClinicMonth("alpha", "2025-03")]
    collecting.collect(home, both)
    slow = decide(
        collecting.kept_deliveries(home, both),
        registry=home.registry,
        catalogue=home.catalogue,
        expected=both,
    )
    upload(home, f"sessions_{MONTH}_b.csv", rows_of(40))
    collecting.collect(home, [HERE])
    assert recording.record(home, slow, both) == 1
    assert set(home.warehouse.read(tables.sessions).month) == {"2025-03"}


def test_a_close_that_knew_less_does_not_replace_one_that_knew_more(home: Home) -> None:
    upload(home, FILE, rows_of(30))
    take_in(home)
    early = closings.verdicts_until(home, Month.parse(MONTH))
    upload(home, f"sessions_{MONTH}_b.csv", rows_of(40))
    take_in(home)
    close(home)
    nothing = {
        table: pd.DataFrame(columns=[column.name for column in table.columns])
        for table in (tables.clinic_aggregates, tables.sector_benchmarks)
    }
    before = len(home.warehouse.read(tables.clinic_aggregates))
    assert not closings.record(home, Month.parse(MONTH), nothing, until=early)
    assert len(home.warehouse.read(tables.clinic_aggregates)) == before


def test_a_close_that_says_the_same_is_recorded_once(home: Home) -> None:
    upload(home, FILE, rows_of(30))
    take_in(home)
    close(home)
    close(home)
    assert len(home.warehouse.read(tables.closings)) == 1


def test_of_two_who_file_another_edition_at_once_the_second_touches_no_file(home: Home) -> None:
    upload(home, FILE, rows_of(30))
    take_in(home)
    close(home)
    filed = newest_editions(home, [HERE])
    early = drafts_due(home, [HERE], rule_words(), filed)[HERE]
    upload(home, f"sessions_{MONTH}_b.csv", rows_of(40))
    take_in(home)
    close(home)
    edition = publish(home)
    before = (home.reports / edition.path).read_bytes()
    with (
        mock.patch("rapport.monthly.publishing.drafts_due", return_value={HERE: early}),
        pytest.raises(EvidenceError, match="ENTRY_CONTRADICTED"),
    ):
        publish(home)
    assert (home.reports / edition.path).read_bytes() == before
    assert len(home.warehouse.read(tables.editions)) == 1
