"""Duplicates, corrections, late and cumulative exports: what counts, what holds a month back."""

import gzip
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.intake import Intake
from rapport.exports.exported import from_name, in_order
from rapport.sources import Delivery
from tests.expectations.small_clinic import (
    MONTH,
    Row,
    as_csv,
    broken_rules,
    clinic_named,
    delivery,
    export_mapping,
    only_verdict,
    sound_rows,
)

Taken = Callable[..., Intake]
FATES = ("accepted", "quarantined", "superseded", "duplicate", "test")
STAMPED = "sessions_{month}_{exported:%Y%m%d}.csv"


def fates(intake: Intake) -> list[tuple[int, ...]]:
    """Each file's rows by fate; and the law that they add up."""
    rows = intake.readings[[f"rows_{fate}" for fate in FATES]]
    assert (rows.sum(axis=1) == intake.readings.rows_received).all()
    return [tuple(map(int, row)) for row in rows.to_numpy().tolist()]


def fingerprint(intake: Intake) -> str:
    (found,) = intake.verdicts.accepted_sha256
    return str(found)


def stamped(rows: list[Row], day: str, *, month: str = MONTH, **more: str) -> Delivery:
    return Delivery(
        "alpha", month, "sessions", f"sessions_{month}_{day}.csv", as_csv(rows).encode(), **more
    )


# ── I64 to I68: the same again ────────────────────────────────────────────────────────────────


def test_the_same_file_twice_is_one_file(taken: Taken) -> None:
    one = as_csv(sound_rows())
    assert fates(taken(one, one)) == [(20, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    "again",
    [
        lambda rows: as_csv(rows[::-1]).encode(),
        lambda rows: as_csv(rows).replace("\n", "\r\n").encode(),
        lambda rows: b"\xef\xbb\xbf" + as_csv(rows).encode(),
        lambda rows: as_csv(rows, list(rows[0])[::-1]).encode(),
        lambda rows: gzip.compress(as_csv(rows).encode(), mtime=0),
    ],
    ids=["re-sorted", "CRLF", "byte order mark", "columns in another order", "compressed"],
)
def test_the_same_rows_in_another_dress_change_nothing(
    taken: Taken, again: Callable[[list[Row]], bytes]
) -> None:
    rows = sound_rows()
    twice = taken(as_csv(rows), delivery(again(rows)))
    assert fates(twice) == [(20, 0, 0, 0, 0), (0, 0, 0, 20, 0)]
    assert fingerprint(twice) == fingerprint(taken(as_csv(rows)))


def test_an_exact_duplicate_row_is_kept_once(taken: Taken) -> None:
    rows = sound_rows()
    found = taken(as_csv([*rows, rows[3]]))
    assert fates(found) == [(20, 0, 0, 1, 0)]
    assert fingerprint(found) == fingerprint(taken(as_csv(rows)))


def test_conflicting_duplicates_in_one_file_are_both_refused(taken: Taken) -> None:
    rows = sound_rows()
    other = {**rows[3], "mode": "p" if rows[3]["mode"] == "v" else "v"}
    found = taken(as_csv([*rows, other]))
    assert fates(found) == [(19, 2, 0, 0, 0)]


# ── I69, I70: corrections, and older exports that arrive late ─────────────────────────────────


def corrected(rows: list[Row]) -> list[Row]:
    return [{**row, "mode": "p"} for row in rows]


def test_a_corrected_export_supersedes(taken: Taken) -> None:
    rows = sound_rows()
    found = taken(as_csv(rows), as_csv(corrected(rows)))
    assert set(found.sessions["mode"]) == {"in_person"}
    assert only_verdict(found) == "passed"


def test_an_older_export_that_arrives_late_does_not_regress(taken: Taken) -> None:
    clinic = clinic_named(exports=[export_mapping(path=STAMPED)])
    rows = sound_rows()
    old, new = stamped(rows, "20250301"), stamped(corrected(rows), "20250305")
    late, on_time = taken(new, old, clinics=[clinic]), taken(old, new, clinics=[clinic])
    assert set(late.sessions["mode"]) == {"in_person"}
    assert fingerprint(late) == fingerprint(on_time)
    assert late.readings.content_sha256.tolist() == on_time.readings.content_sha256.tolist()


def test_a_late_older_export_that_cannot_be_read_holds_nothing_up(taken: Taken) -> None:
    clinic = clinic_named(exports=[export_mapping(path=STAMPED)])
    broken = Delivery("alpha", MONTH, "sessions", f"sessions_{MONTH}_20250301.csv", b"nothing\n1\n")
    assert only_verdict(taken(stamped(sound_rows(), "20250305"), broken, clinics=[clinic])) == (
        "passed"
    )


def test_the_latest_time_in_a_column_says_when_a_file_was_made(taken: Taken) -> None:
    header = [*sound_rows()[0], "made"]
    clinic = clinic_named(exports=[export_mapping(exported="made")])
    old = [{**row, "made": "2025-03-01"} for row in sound_rows()]
    new = [{**row, "made": "2025-03-05"} for row in corrected(sound_rows())]
    found = taken(as_csv(new, header), as_csv(old, header), clinics=[clinic])
    assert set(found.sessions["mode"]) == {"in_person"}


@pytest.mark.parametrize(
    ("pattern", "name", "made"),
    [
        ("{month}/a_{exported:%Y%m%d}.csv", "2025-02/a_20250301.csv", "2025-03-01T00:00:00+00:00"),
        ("a_{month}_{exported:%Y-%m-%d_%H%M}*.csv", "a_2025-02_2025-07-01_0930_x.csv",
         "2025-07-01T08:30:00+00:00"),
        ("a_{month}_{exported:%Y%m%dT%H%M%S%z}.csv", "a_2025-02_20250301T120000+0200.csv",
         "2025-03-01T10:00:00+00:00"),
        ("a_{month}_{exported:%Y%m%d}.csv", "a_2025-02_20251345.csv", None),
        ("a_{month}_{exported:%Y%m%d}.csv", "b_2025-02_20250301.csv", None),
        ("a_{month}.csv", "a_2025-02.csv", None),
    ],
)  # fmt: skip
def test_a_name_says_when_its_file_was_made(pattern: str, name: str, made: str | None) -> None:
    (export,) = clinic_named(exports=[export_mapping(path=pattern)]).exports
    found = from_name(name, export, "Europe/London")
    assert (found.isoformat() if found else None) == made


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.one_of(st.none(), st.datetimes())), max_size=9))
def test_files_whose_time_is_known_are_put_in_order_among_themselves(
    files: list[tuple[str, object]],
) -> None:
    kinds, made = [(kind,) for kind, _ in files], [moment for _, moment in files]
    order = in_order(kinds, made)  # type: ignore[arg-type]
    assert sorted(order) == list(range(len(files)))
    for place, moved in enumerate(order):
        assert kinds[place] == kinds[moved]
        assert (made[moved] is None) == (made[place] is None)
        if made[place] is None:
            assert moved == place
    for kind in "ab":
        told = [made[m] for m in order if kinds[m] == (kind,) and made[m] is not None]
        assert told == sorted(told)  # type: ignore[type-var]


# ── I71: a re-export that lacks rows ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lacking", "verdict", "accepted"),
    [(0, "passed", 100), (1, "passed", 99), (2, "passed", 98), (3, "failed", 97),
     (30, "failed", 70), (80, "failed", 20)],
)  # fmt: skip
def test_a_whole_export_that_lacks_more_than_two_in_a_hundred_holds_the_month(
    taken: Taken, lacking: int, verdict: str, accepted: int
) -> None:
    rows = sound_rows(50)
    found = taken(
        as_csv(rows), as_csv(rows[: len(rows) - lacking] + rows[:0]) + ("\n" * (not lacking))
    )
    assert only_verdict(found) == verdict
    assert ("ROWS_VANISHED" in broken_rules(found)) == (verdict == "failed")
    assert len(found.sessions) == accepted
    told = found.readings[["n_known_before", "n_lacking"]].to_numpy().tolist()
    assert told == ([[0, 0], [100, lacking]] if lacking else told)
    assert found.readings.rows_superseded.sum() == lacking
    fates(found)


def test_the_clinic_can_confirm_that_rows_were_deleted(taken: Taken) -> None:
    rows = sound_rows(50)
    shorter = delivery(as_csv(rows[:-10]))
    confirming = clinic_named(confirmed_deletions={MONTH: [shorter.content_sha256]})
    assert only_verdict(taken(as_csv(rows), shorter)) == "failed"
    found = taken(as_csv(rows), shorter, clinics=[confirming])
    assert (only_verdict(found), len(found.sessions)) == ("passed", 90)
    cut_again = as_csv(rows[:-20])
    assert only_verdict(taken(as_csv(rows), shorter, cut_again, clinics=[confirming])) == "failed"


def test_the_share_that_may_vanish_is_the_clinics_to_set(taken: Taken) -> None:
    rows = sound_rows(50)
    patient = clinic_named(thresholds={"ROWS_VANISHED": 0.2})
    assert only_verdict(taken(as_csv(rows), as_csv(rows[:-10]), clinics=[patient])) == "passed"


def test_rows_that_come_back_count_again(taken: Taken) -> None:
    rows = sound_rows(50)
    found = taken(as_csv(rows), as_csv(rows[:-10]), as_csv(rows[::-1]))
    assert (only_verdict(found), len(found.sessions)) == ("passed", 100)


def test_a_correction_of_some_rows_is_no_whole_export(taken: Taken) -> None:
    rows = sound_rows(50)
    found = taken(as_csv(rows), as_csv(corrected(rows[:20])))
    assert (only_verdict(found), len(found.sessions)) == ("passed", 100)


def test_parts_of_a_month_add_up(taken: Taken) -> None:
    rows = sound_rows(50)
    weeks = [as_csv(rows[start : start + 25]) for start in range(0, 100, 25)]
    found = taken(*weeks)
    assert (only_verdict(found), len(found.sessions)) == ("passed", 100)


def test_a_part_sent_again_in_another_dress_holds_nothing_back(taken: Taken) -> None:
    rows = sound_rows(50)
    found = taken(as_csv(rows[:50]), as_csv(rows[50:]), as_csv(rows[:50][::-1]))
    assert (only_verdict(found), len(found.sessions)) == ("passed", 100)


def test_where_files_are_declared_to_be_parts_nothing_vanishes(taken: Taken) -> None:
    rows = sound_rows(50)
    parts = clinic_named(exports=[export_mapping(complete=False)])
    found = taken(as_csv(rows), as_csv(rows[:-30]), clinics=[parts])
    assert (only_verdict(found), len(found.sessions)) == ("passed", 100)


def test_where_files_are_declared_whole_everything_else_vanishes(taken: Taken) -> None:
    rows = sound_rows(50)
    whole = clinic_named(exports=[export_mapping(complete=True)])
    found = taken(as_csv(rows), as_csv(corrected(rows[:20])), clinics=[whole])
    assert (only_verdict(found), len(found.sessions)) == ("failed", 20)


def test_a_mended_export_puts_right_what_could_not_be_read(taken: Taken) -> None:
    rows = sound_rows(50)
    spoilt = [{**row, "pid": ""} if place < 20 else row for place, row in enumerate(rows)]
    assert only_verdict(taken(as_csv(spoilt))) == "failed"
    found = taken(as_csv(spoilt), as_csv(rows))
    assert (only_verdict(found), len(found.sessions)) == ("passed", 100)
    assert fates(found)[0] == (80, 0, 20, 0, 0)


def test_what_still_cannot_be_read_stays_refused(taken: Taken) -> None:
    rows = sound_rows(50)
    spoilt = [{**row, "pid": ""} if place < 4 else row for place, row in enumerate(rows)]
    found = taken(as_csv(spoilt), as_csv(spoilt[::-1]))
    assert found.readings.rows_quarantined.sum() == 4
    assert len(found.sessions) == 96


# ── cumulative exports ────────────────────────────────────────────────────────────────────────

CUMULATIVE = clinic_named(exports=[export_mapping(cumulative=True)])


def in_month(rows: list[Row], month: str) -> list[Row]:
    return [
        {**row, "pid": f"{month[-2:]}{row['pid']}", "day": month + row["day"][7:]} for row in rows
    ]


def test_rows_of_other_months_are_counted_as_such_and_not_refused(taken: Taken) -> None:
    rows = [
        *in_month(sound_rows(40), "2025-01"),
        *sound_rows(10),
        *in_month(sound_rows(1), "2025-03"),
    ]
    found = taken(as_csv(rows), clinics=[CUMULATIVE])
    assert fates(found) == [(20, 0, 0, 82, 0)]
    assert found.readings.n_other_month.tolist() == [82]
    assert only_verdict(found) == "passed"
    assert "DUPLICATE_ROWS" not in broken_rules(found)


def test_without_the_declaration_they_are_refused(taken: Taken) -> None:
    rows = [*in_month(sound_rows(40), "2025-01"), *sound_rows(10)]
    assert fates(taken(as_csv(rows))) == [(20, 80, 0, 0, 0)]


def test_a_date_beyond_the_next_month_is_refused_all_the_same(taken: Taken) -> None:
    rows = [*sound_rows(20), *in_month(sound_rows(1), "2025-04")]
    assert fates(taken(as_csv(rows), clinics=[CUMULATIVE])) == [(40, 2, 0, 0, 0)]


def later(rows: list[Row], month: str = "2025-03") -> Delivery:
    """A cumulative file that came for a later month, read for February."""
    return Delivery(
        "alpha", MONTH, "sessions", f"sessions_{month}.csv", as_csv(rows).encode(), month
    )


def test_a_later_cumulative_file_corrects_the_months_before(taken: Taken) -> None:
    rows = sound_rows(20)
    march = in_month(sound_rows(20), "2025-03")
    found = taken(as_csv(rows), later([*corrected(rows), *march]), clinics=[CUMULATIVE])
    assert set(found.sessions["mode"]) == {"in_person"}
    assert len(found.sessions) == 40
    assert found.readings.n_other_month.tolist() == [0, 40]


def test_a_later_cumulative_file_that_lacks_rows_holds_the_month(taken: Taken) -> None:
    rows = sound_rows(20)
    march = in_month(sound_rows(20), "2025-03")
    found = taken(as_csv(rows), later([*rows[:-4], *march]), clinics=[CUMULATIVE])
    assert "ROWS_VANISHED" in broken_rules(found)


def test_what_cannot_be_read_in_a_later_file_is_not_this_months_to_refuse(taken: Taken) -> None:
    rows = sound_rows(20)
    spoilt = [{**row, "day": "soon"} for row in sound_rows(8)]
    found = taken(as_csv(rows), later([*rows, *spoilt]), clinics=[CUMULATIVE])
    assert found.readings.rows_quarantined.sum() == 0
    assert only_verdict(found) == "passed"


def test_a_later_file_that_is_refused_says_nothing_about_this_month(taken: Taken) -> None:
    refused = Delivery("alpha", MONTH, "sessions", "x.csv", b"nothing\n1\n", "2025-03")
    found = taken(as_csv(sound_rows(20)), refused, clinics=[CUMULATIVE])
    assert only_verdict(found) == "passed"
    assert len(found.readings) == 1


@settings(deadline=None, max_examples=8)
@given(st.lists(st.integers(0, 3), min_size=30, max_size=60))
def test_every_session_counts_in_exactly_one_month(places: list[int]) -> None:
    """A cumulative file of four months, read for each of them."""
    from expectations.intake import take_in
    from rapport.clinics import Registry
    from rapport.instruments import load_catalogue

    months = ["2025-01", "2025-02", "2025-03", "2025-04"]
    rows = [
        {**row, "day": f"{months[place]}-15"}
        for place, row in zip(places, sound_rows(30), strict=False)
    ]
    counted = 0
    for month in months:
        one = Delivery("alpha", month, "sessions", "x.csv", as_csv(rows).encode(), months[-1])
        found = take_in(
            [one],
            registry=Registry({"alpha": CUMULATIVE}, "0" * 64),
            catalogue=load_catalogue(None),
        )
        fates(found)
        assert len(found.sessions) == places[: len(rows)].count(months.index(month))
        counted += len(found.sessions)
    assert counted == len(rows)
