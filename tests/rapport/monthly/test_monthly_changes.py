"""Clinics that merge, split or close, and therapists who leave within a month (I48, I74)."""

from pathlib import Path

import pytest

from rapport.clinics import load_registry
from rapport.errors import SettingsError
from rapport.evidence.progress import progress
from rapport.home import Home
from rapport.monthly import ClinicMonth
from rapport.warehouse import tables
from tests.rapport.monthly.small_home import (
    Clock,
    Entry,
    Row,
    a_row,
    clinic,
    close,
    publish,
    register,
    rows_of,
    set_clock,
    take_in,
    upload,
)

FEB, MAR, APR = "2025-02", "2025-03", "2025-04"
OLD: Entry = {"patient_id_scheme": "town", "last_month": FEB}
NEW: Entry = {"patient_id_scheme": "town", "takes_over": [{"clinic": "alpha", "from": MAR}]}


def registered(home: Home, clock: Clock, *clinics: Entry) -> Home:
    made = register(home, *clinics)
    set_clock(made, clock)
    return made


def refused(home: Home, of: str = "alpha") -> list[str]:
    return sorted(set(home.warehouse.read(tables.quarantine, clinic_id=of).rule))


def theirs(patients: range, month: str, **more: str) -> list[Row]:
    return [a_row(one, session, month=month, **more) for one in patients for session in (1, 2)]


@pytest.fixture
def merged(home: Home, clock: Clock) -> Home:
    """Alpha's patients 0 to 9 of February go on in beta in March, and half of them end there."""
    home = registered(home, clock, clinic("alpha", **OLD), clinic("beta", **NEW))
    upload(home, f"sessions_{FEB}.csv", rows_of(10, month=FEB, answer=3))
    own = [{**row, "pid": "B" + row["pid"]} for row in rows_of(10, month=FEB)]
    upload(home, f"sessions_{FEB}.csv", own, of="beta")
    ending = [a_row(one, 2, month=MAR, end="1", answer=0) for one in range(5)]
    upload(home, f"sessions_{MAR}.csv",
           [*theirs(range(10), MAR)[:20:2], *ending], of="beta")  # fmt: skip
    for month in (FEB, MAR):
        take_in(home, month, of="alpha")
        take_in(home, month, of="beta")
    return home


def test_the_patients_of_a_merged_clinic_are_not_refused_in_the_new_one(merged: Home) -> None:
    assert refused(merged, "beta") == []
    assert len(merged.warehouse.read(tables.sessions, clinic_id="beta", month=MAR)) == 15


def test_a_course_that_began_in_the_old_clinic_has_its_first_score_there(merged: Home) -> None:
    close(merged, MAR)
    outcomes = merged.warehouse.read(tables.treatment_outcomes, month=MAR)
    assert outcomes.clinic_id.unique().tolist() == ["beta"]
    assert len(outcomes) == 5
    changes = merged.warehouse.read(tables.measure_changes, month=MAR)
    first = (
        merged.warehouse.read(tables.scale_scores, clinic_id="alpha", month=FEB, scale="total")
        .sort_values("session_date")
        .drop_duplicates("patient_id")
        .set_index("patient_id")
        .score
    )
    assert changes.set_index("patient_id").pre.to_dict() == {
        one: first[one] for one in changes.patient_id
    }
    assert (changes.n_scores == 4).all()


def test_what_was_said_before_the_merger_stays(merged: Home) -> None:
    close(merged, FEB)
    assert set(merged.warehouse.read(tables.clinic_aggregates, month=FEB).clinic_id) == {
        "alpha", "beta",
    }  # fmt: skip
    assert merged.warehouse.read(tables.treatment_outcomes, month=FEB).empty


def test_without_a_shared_scheme_one_id_is_two_persons(home: Home, clock: Clock) -> None:
    no_scheme: Entry = {name: value for name, value in NEW.items() if name != "patient_id_scheme"}
    home = registered(home, clock, clinic("alpha", last_month=FEB), clinic("beta", **no_scheme))
    upload(home, f"sessions_{FEB}.csv", rows_of(6, month=FEB))
    ends = [a_row(one, number, month=MAR, end=end) for one in range(6)
            for number, end in ((1, "0"), (2, "1"))]  # fmt: skip
    upload(home, f"sessions_{MAR}.csv", ends, of="beta")
    take_in(home, FEB, of="alpha")
    take_in(home, MAR, of="beta")
    close(home, MAR)
    assert merged_scores(home) == {2}


def merged_scores(home: Home) -> set[int]:
    return set(home.warehouse.read(tables.measure_changes, month=MAR).n_scores)


def test_a_split_sends_each_patient_on_to_where_he_is_seen(home: Home, clock: Clock) -> None:
    home = registered(
        home, clock, clinic("alpha", **OLD), clinic("beta", **NEW), clinic("gamma", **NEW)
    )
    upload(home, f"sessions_{FEB}.csv", rows_of(6, month=FEB))
    for name, patients in (("beta", range(3)), ("gamma", range(3, 6))):
        ends = [a_row(one, 1, month=MAR, end="1") for one in patients]
        upload(home, f"sessions_{MAR}.csv", ends, of=name)
    take_in(home, FEB, of="alpha")
    for name in ("beta", "gamma"):
        take_in(home, MAR, of=name)
    close(home, MAR)
    outcomes = home.warehouse.read(tables.treatment_outcomes, month=MAR)
    assert outcomes.groupby("clinic_id").size().to_dict() == {"beta": 3, "gamma": 3}
    assert merged_scores(home) == {3}


def test_the_old_clinic_is_told_once_that_nothing_is_awaited(merged: Home) -> None:
    take_in(merged, APR, of="alpha")
    notice = publish(merged, MAR, of="alpha")
    said = (merged.reports / notice.path).read_text()
    assert "reports no more" in said
    assert "go on in Beta" in said
    assert "has arrived" not in said
    with pytest.raises(KeyError):
        publish(merged, APR, of="alpha")


def test_the_grid_awaits_nothing_of_a_clinic_that_has_ended(home: Home) -> None:
    grid = progress(home.warehouse, {"alpha": "2025-01"}, [FEB, MAR], {"alpha": FEB})
    assert [one.month for one in grid] == [FEB]


def test_rows_after_the_end_of_a_clinic_are_refused(home: Home, clock: Clock) -> None:
    home = registered(home, clock, clinic("alpha", last_month=FEB))
    upload(home, f"sessions_{MAR}.csv", rows_of(3, month=MAR))
    assert take_in(home, MAR) == "failed"
    assert refused(home) == ["DATE_NOT_AFTER_END"]


LEFT: Entry = {
    "therapists": ["T1", "T2"],
    "terms": {"T2": {"until": "2025-02-14", "moved_to": "beta"}},
}
CAME: Entry = {"therapists": ["T1", "T2"], "terms": {"T2": {"from": "2025-02-17"}}}


def days_of(home: Home, of: str) -> list[str]:
    rows = home.warehouse.read(tables.sessions, clinic_id=of)
    return sorted(rows[rows.therapist_id == "T2"].session_date)


def test_a_therapist_who_moved_within_the_month_counts_in_each_clinic_on_his_days(
    home: Home, clock: Clock
) -> None:
    home = registered(home, clock, clinic("alpha", **LEFT), clinic("beta", **CAME))
    for name in ("alpha", "beta"):
        rows = [
            a_row(1, number, day=f"2025-02-{day}", ther="T2", pid=f"{name}{day}")
            for number, day in enumerate((10, 14, 15, 16, 17, 20), 1)
        ]
        upload(home, f"sessions_{FEB}.csv", [*theirs(range(0, 60, 2), FEB), *rows], of=name)
        assert take_in(home, FEB, of=name) == "passed"
    assert days_of(home, "alpha") == ["2025-02-10", "2025-02-14"]
    assert days_of(home, "beta") == ["2025-02-17", "2025-02-20"]
    assert refused(home, "alpha") == refused(home, "beta") == ["THERAPIST_IN_TERM"]


def test_a_therapist_who_has_left_is_not_missed(home: Home, clock: Clock) -> None:
    left: Entry = {"therapists": ["T1", "T2", "T3", "T4"],
            "terms": {one: {"until": "2025-01-31"} for one in ("T2", "T3", "T4")}}  # fmt: skip
    home = registered(home, clock, clinic("alpha", **left))
    upload(home, f"sessions_{FEB}.csv", theirs(range(0, 20, 2), FEB))
    take_in(home, FEB)
    newest = home.warehouse.newest_verdicts([FEB]).iloc[0]
    assert "THERAPISTS_SEEN" not in newest.broken_rules


def written(tmp_path: Path, *clinics: Entry) -> Path:
    import yaml

    file = tmp_path / "clinics.yaml"
    file.write_text(yaml.safe_dump({"clinics": list(clinics)}))
    return file


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([clinic(last_month="2024-12")], "last_month lies before first_month"),
        ([clinic(terms={"T9": {"until": "2025-01-31"}})], "not among the therapists"),
        ([clinic(terms={"T1": {}})], "needs from, until, or both"),
        ([clinic(terms={"T1": {"from": "2025-02-02", "until": "2025-02-01"}})], "before from"),
        ([clinic(takes_over=[{"clinic": "beta", "from": MAR}])], "no other clinic"),
        ([clinic(takes_over=[{"clinic": "alpha", "from": MAR}])], "no other clinic"),
        ([clinic(terms={"T1": {"until": "2025-02-01", "moved_to": "beta"}})], "no other clinic"),
        (
            [
                clinic(takes_over=[{"clinic": "beta", "from": MAR}]),
                clinic("beta", takes_over=[{"clinic": "alpha", "from": MAR}]),
            ],
            "take each other over",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_the_registry(
    tmp_path: Path, entries: list[Entry], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        load_registry(written(tmp_path, *entries))


def test_the_places_of_a_merger_are_read_back(tmp_path: Path) -> None:
    registry = load_registry(written(tmp_path, clinic("alpha", **OLD), clinic("beta", **NEW)))
    assert registry.successors("alpha") == ("Beta",)
    assert registry.clinic("alpha").is_over(MAR)
    assert not registry.clinic("alpha").is_over(FEB)
    assert ClinicMonth("alpha", MAR).month > str(registry.clinic("alpha").last_month)
