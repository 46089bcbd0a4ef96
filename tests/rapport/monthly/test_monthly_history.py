"""What has become stale and why, what was known when, and the data of then read again."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from expectations.catalogue import rules_sha256
from expectations.intake import take_in as read_again
from expectations.words import rule_words
from rapport.errors import RapportError
from rapport.evidence.verify import verify_home
from rapport.home import Home
from rapport.monthly import ClinicMonth
from rapport.monthly.history.known import known_as_of
from rapport.monthly.history.moments import moment_of
from rapport.monthly.history.rebuilding import Rebuilt, rebuild
from rapport.monthly.history.staleness import Stale, stale_editions
from rapport.warehouse import tables
from tests.rapport.monthly.small_home import (
    MONTH,
    Clock,
    clinic,
    close,
    mapping,
    publish,
    register,
    rows_of,
    set_clock,
    small_home,
    take_in,
    upload,
)

HERE = ClinicMonth("alpha", MONTH)
FILE = f"sessions_{MONTH}.csv"


def stale(home: Home, *slices: ClinicMonth, rules: str = "") -> list[Stale]:
    wanted = rules or rules_sha256(home.catalogue)
    return stale_editions(home, slices or (HERE,), rule_words(), wanted)


def kinds(found: Sequence[Stale]) -> list[str]:
    return [reason.kind for one in found for reason in one.reasons]


def now(clock: Clock) -> str:
    return clock.now.isoformat(timespec="microseconds").replace("+00:00", "Z")


@pytest.fixture
def published(home: Home) -> Home:
    """The month was sent, closed and published."""
    upload(home, FILE, rows_of(30))
    assert take_in(home) == "passed"
    close(home)
    assert publish(home).edition == 1
    return home


# ── staleness ─────────────────────────────────────────────────────────────────────────────────


def test_what_was_just_published_is_not_stale(published: Home) -> None:
    assert stale(published) == []


def test_what_was_never_published_is_not_stale(home: Home) -> None:
    upload(home, FILE, rows_of(30))
    take_in(home)
    assert stale(home) == []


def test_each_step_of_late_data_is_told_with_what_to_run(published: Home) -> None:
    from rapport.monthly import collecting

    upload(published, f"sessions_{MONTH}_late.csv", rows_of(40))
    collecting.collect(published, [HERE])
    (found,) = stale(published)
    assert kinds([found]) == ["files"]
    assert found.run == (f"rapport run --month {MONTH} --clinic alpha",)
    take_in(published)
    (found,) = stale(published)
    assert kinds([found]) == ["trailing_window", "verdict"]
    assert MONTH in found.reasons[0].sentence
    assert found.run == (
        f"rapport close --month {MONTH}",
        f"rapport publish --month {MONTH} --clinic alpha",
    )
    close(published)
    assert kinds(stale(published)) == ["verdict"]
    assert publish(published).edition == 2
    assert stale(published) == []


def test_rows_sent_again_under_another_name_make_no_new_edition(published: Home) -> None:
    upload(published, f"sessions_{MONTH}_again.csv", rows_of(30)[::-1])
    assert take_in(published) == "passed"
    close(published)
    assert publish(published).edition == 1
    assert stale(published) == []


def test_other_rules_make_a_month_stale(published: Home) -> None:
    assert kinds(stale(published, rules="0" * 64)) == ["rules"]


def test_only_the_clinic_whose_entry_changed_is_stale(tmp_path: Path) -> None:
    home = small_home(tmp_path / "two", clinic("alpha"), clinic("beta"))
    both = [ClinicMonth(name, MONTH) for name in ("alpha", "beta")]
    for name in ("alpha", "beta"):
        upload(home, FILE, rows_of(30), of=name)
        take_in(home, of=name)
    close(home)
    for name in ("alpha", "beta"):
        publish(home, of=name)
    home = register(home, clinic("alpha"), clinic("beta", thresholds={"TEST_ROWS": 0.2}))
    found = stale(home, *both)
    assert [(one.clinic_id, kinds([one])) for one in found] == [("beta", ["registry"])]


def test_other_code_makes_a_month_stale(published: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapport.__version__", "99")
    assert kinds(stale(published)) == ["code", "code"]


def test_another_clinics_late_data_make_the_benchmarks_stale(tmp_path: Path) -> None:
    home = small_home(tmp_path / "two", clinic("alpha"), clinic("beta"))
    for name in ("alpha", "beta"):
        upload(home, FILE, rows_of(30), of=name)
        take_in(home, of=name)
    close(home)
    publish(home)
    upload(home, f"sessions_{MONTH}_b.csv", rows_of(60), of="beta")
    take_in(home, of="beta")
    assert kinds(stale(home)) == ["benchmarks"]


def test_late_data_of_an_earlier_month_make_the_trailing_window_stale(published: Home) -> None:
    upload(published, "sessions_2025-01.csv", rows_of(30, month="2025-01"))
    take_in(published, "2025-01")
    (found,) = stale(published)
    assert kinds([found]) == ["trailing_window"]
    assert "2025-01" in found.reasons[0].sentence


def test_a_later_month_leaves_an_earlier_one_alone(published: Home) -> None:
    upload(published, "sessions_2025-03.csv", rows_of(30, month="2025-03"))
    take_in(published, "2025-03")
    assert stale(published) == []


def test_a_later_cumulative_file_makes_the_months_before_stale(tmp_path: Path) -> None:
    home = small_home(tmp_path / "home", clinic(export=mapping(cumulative=True)))
    february, march = rows_of(30), rows_of(60, month="2025-03")[60:]
    upload(home, FILE, february)
    take_in(home)
    close(home)
    publish(home)
    corrected = [{**row, "phq1": "3"} for row in february]
    upload(home, "sessions_2025-03.csv", [*corrected, *march])
    assert take_in(home, "2025-03") == "passed"
    assert kinds(stale(home)) == ["files"]
    assert take_in(home) == "passed"
    answers = home.warehouse.read(tables.survey_responses, month=MONTH)
    assert (len(answers), set(answers.item_01)) == (60, {3.0})
    assert "files" not in kinds(stale(home))


# ── revised ───────────────────────────────────────────────────────────────────────────────────


def test_a_revised_report_says_why_and_which_figures_differ(published: Home) -> None:
    first = published.reports / publish(published).path
    before = first.read_bytes()
    upload(published, f"sessions_{MONTH}_late.csv", rows_of(45))
    take_in(published)
    close(published)
    edition = publish(published)
    text = (published.reports / edition.path).read_text()
    assert "revised, replaces edition 1" in text
    assert "New or corrected data arrived" in text
    assert "Revised since edition 1" in text
    assert '"value": "30"' in text
    assert '"value": "45"' in text
    assert first.read_bytes() == before


# ── what was known when ───────────────────────────────────────────────────────────────────────


def test_what_was_known_stays_answerable(published: Home, clock: Clock) -> None:
    early = now(clock)
    clock.now += timedelta(days=3)
    upload(published, f"sessions_{MONTH}_late.csv", rows_of(40))
    take_in(published)
    (then,) = known_as_of(published, [HERE], early)
    (today,) = known_as_of(published, [HERE], now(clock))
    assert [len(one.files) for one in (then, today)] == [1, 2]
    assert then.verdict is not None
    assert today.verdict is not None
    assert [then.verdict.rows["accepted"], today.verdict.rows["accepted"]] == [60, 80]
    assert then.edition is not None
    assert then.edition.edition == 1


def test_before_anything_came_nothing_was_known(published: Home) -> None:
    (found,) = known_as_of(published, [HERE], moment_of("2025-02-28"))
    assert (found.files, found.verdict, found.edition) == ((), None, None)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2025-03-01", "2025-03-01T23:59:59.999999Z"),
        ("2025-03-01T12:30", "2025-03-01T12:30:00.000000Z"),
        ("2025-03-01T12:30:15+02:00", "2025-03-01T10:30:15.000000Z"),
        ("2025-03-01T00:00Z", "2025-03-01T00:00:00.000000Z"),
    ],
)
def test_a_moment_is_read_as_the_ledger_writes_it(written: str, moment: str) -> None:
    assert moment_of(written) == moment


@pytest.mark.parametrize("written", ["yesterday", "2025-02-30", "2025-13-01", ""])
def test_what_is_no_moment_is_refused(written: str) -> None:
    with pytest.raises(RapportError, match="AS_OF"):
        moment_of(written)


def again(home: Home, moment: str, *, rules: str = "") -> Rebuilt:
    found = rebuild(
        home,
        HERE,
        moment,
        take_in=lambda files, registry, one: read_again(
            files, registry=registry, catalogue=home.catalogue, expected=[one]
        ),
        rules_sha256=rules or rules_sha256(home.catalogue),
    )
    assert found is not None
    return found


def test_the_rows_of_then_can_be_read_again(published: Home, clock: Clock) -> None:
    early = now(clock)
    upload(published, f"sessions_{MONTH}_late.csv", [{**r, "phq1": "0"} for r in rows_of(30)])
    take_in(published)
    then, today = again(published, early), again(published, now(clock))
    assert (then.matches, then.changed, then.files) == (True, (), 1)
    assert (today.matches, today.changed, today.files) == (True, (), 2)
    assert then.accepted_sha256 != today.accepted_sha256


def test_it_is_read_by_the_registry_entry_of_then(published: Home, clock: Clock) -> None:
    early = now(clock)
    home = register(published, clinic(export=mapping(test_rows={"pid": ["P000"]})))
    set_clock(home, clock)
    assert again(home, early).matches
    take_in(home)
    assert again(home, early).matches
    assert len(home.warehouse.read(tables.survey_responses)) == 58


def test_a_change_of_rules_is_said(published: Home, clock: Clock) -> None:
    assert again(published, now(clock), rules="0" * 64).changed == (
        "The rules or the instruments' scales have changed since.",
    )


def test_everything_that_was_kept_verifies(published: Home) -> None:
    landing = published.root / published.settings.landing
    assert verify_home(published.warehouse, landing, published.reports) == []
