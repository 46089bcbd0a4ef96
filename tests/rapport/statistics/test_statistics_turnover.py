"""Who came into a window and who left it, counted by hand."""

import pandas as pd

from benchmarks.disclosure_worlds import small_world
from rapport.months import Month, trailing
from rapport.statistics.turnover import turnover

MONTH = Month(2026, 2)


def _frames(seen: list[tuple[str, str, str]]) -> dict[str, pd.DataFrame]:
    """Return frames in which patients were seen once each: month, patient, therapist."""
    empty = {name: frame.iloc[:0] for name, frame in small_world(1, n_clinics=1).items()}
    sessions = pd.DataFrame(seen, columns=["month", "patient_id", "therapist_id"]).assign(
        clinic_id="c1",
        episode="1",
        session=range(len(seen)),
        session_date="2026-02-01",
        attendance="attended",
        mode=None,
        ending=None,
    )
    return {
        **{name: empty[name] for name in ("scores", "outcomes", "changes")},
        "sessions": sessions,
    }


CLINICS = pd.DataFrame({"clinic_id": ["c1"], "sector": ["public"]})


def _counts(level: str, therapist: str = "") -> dict[int, tuple[int, int]]:
    frames = _frames(
        [
            ("2026-02", "a", "t1"),
            ("2026-01", "a", "t1"),
            ("2026-01", "b", "t1"),
            ("2026-01", "c", "t2"),
            ("2025-04", "d", "t1"),
            ("2025-02", "e", "t1"),
            ("2025-01", "e", "t1"),
            ("2025-01", "f", "t2"),
        ]
    )
    found = turnover(frames, frames, CLINICS, MONTH)
    chosen = found[
        (found["figure"] == "patients.seen")
        & (found["level"] == level)
        & (found["therapist_id"] == therapist)
    ]
    pairs = zip(chosen["n_gained"], chosen["n_lost"], strict=True)
    return dict(zip(chosen["apart"], pairs, strict=True))


def test_a_patient_is_counted_once_over_the_months_gained_and_over_the_months_lost() -> None:
    # One month apart: a gained, e lost; two: a and b gained, still e lost; eleven: d gained too.
    counts = _counts("therapist", "t1")
    assert (counts[1], counts[2], counts[10], counts[11]) == ((1, 1), (2, 1), (2, 1), (3, 1))


def test_the_clinic_counts_the_patients_of_all_its_therapists() -> None:
    counts = _counts("clinic")
    assert (counts[1], counts[2]) == ((1, 1), (3, 2))


def test_a_unit_without_change_has_no_row() -> None:
    assert _counts("therapist", "t2") == dict.fromkeys(range(2, 13), (1, 1))


def test_the_spans_are_those_in_which_two_windows_overlap() -> None:
    frames = _frames([(str(month), "a", "t1") for month in trailing(MONTH, 12)])
    found = turnover(frames, frames, CLINICS, MONTH)
    assert set(found.loc[found["level"] != "month", "apart"]) == set(range(1, 13))


def test_the_shares_of_single_months_are_counted_back_from_the_close_over_two_years() -> None:
    frames = _frames([("2026-02", "a", "t1"), ("2026-02", "b", "t1"), ("2026-01", "a", "t1")])
    before = _frames([("2025-02", "a", "t1")])
    found = turnover(frames, before, CLINICS, MONTH)
    rows = found[(found["level"] == "month") & (found["figure"] == "attendance.attended")]
    assert list(zip(rows["apart"], rows["n_patients"], rows["total"], strict=True)) == [
        (1, 1, 1), (0, 2, 2), (12, 1, 1),
    ]  # fmt: skip
    # a arrives in January and leaves in February; b is there in February only.
    assert list(rows["n_arriving"]) == [1, 1, 1]
    assert list(rows["n_leaving"]) == [0, 2, 1]
