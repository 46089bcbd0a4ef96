"""Taking in part by part says the same as all at once, and leaves whole clinic-months behind."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from expectations import taking_in
from expectations.answers import Answers
from expectations.judging import judge
from expectations.taking_in import take_in_and_record
from rapport.home import Home
from rapport.monthly import ClinicMonth, collecting, parts, recording, scoring
from rapport.monthly.recording import Decided
from rapport.warehouse import tables
from tests.rapport.monthly import small_home as small

NAMES = ("alpha", "beta", "gamma")
MONTHS = ("2025-01", "2025-02")
SLICES = [ClinicMonth(name, month) for name in NAMES for month in MONTHS]
WRITTEN = (
    tables.export_readings,
    tables.quarantine,
    tables.sessions,
    tables.survey_responses,
    tables.scale_scores,
)
CHAIN = ["sequence", "recorded_at", "previous_sha256", "entry_sha256"]


def delivered(root: Path) -> Home:
    """A home of three clinics and two months; one file has a row to refuse, one clinic is late."""
    home = small.small_home(root, *(small.clinic(name) for name in NAMES))
    for number, one in enumerate(SLICES[:-1]):
        rows = small.rows_of(20 + number, month=one.month, answer=number)
        if number == 2:
            rows[3]["phq4"] = "8"
        small.upload(home, f"sessions_{one.month}.csv", rows, of=one.clinic_id)
    collecting.collect(home, SLICES)
    return home


def stored(home: Home) -> dict[str, pd.DataFrame]:
    """Everything that taking in and scoring writes, without when and in which order."""
    verdicts = home.warehouse.read(tables.verdicts).drop(columns=CHAIN)
    ordered = verdicts.sort_values(["clinic_id", "month"], ignore_index=True)
    return {one.name: home.warehouse.read(one) for one in WRITTEN} | {"verdicts": ordered}


def assert_same(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> None:
    for name, rows in one.items():
        pd.testing.assert_frame_equal(rows, other[name], check_exact=True)


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    home = delivered(tmp_path_factory.mktemp("whole") / "home")
    take_in_and_record(home, SLICES)
    scoring.score(home, SLICES)
    return stored(home)


def test_the_size_of_parts_changes_nothing(
    tmp_path: Path, at_once: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 1)
    monkeypatch.setattr(parts, "PART_FORMS", 1)
    home = delivered(tmp_path / "home")
    counts = take_in_and_record(home, SLICES)
    scoring.score(home, SLICES)
    assert list(counts) == sorted(SLICES, key=lambda one: one.month)
    assert set(at_once["verdicts"].verdict) == {"passed", "not_applicable"}
    assert len(at_once["quarantine"]) == 1
    assert_same(stored(home), at_once)


class LightsOutError(Exception):
    """The process ends here."""


def test_what_is_cut_off_between_parts_leaves_whole_clinic_months_and_is_mended_by_a_rerun(
    tmp_path: Path, at_once: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = delivered(tmp_path / "home")
    record = recording.record
    recorded: list[ClinicMonth] = []

    def cut_off(home: Home, decided: Decided, slices: Sequence[ClinicMonth]) -> int:
        if len(recorded) == 2:
            raise LightsOutError
        recorded.extend(slices)
        return record(home, decided, slices)

    with monkeypatch.context() as patched:
        patched.setattr(parts, "PART_BYTES", 1)
        patched.setattr(taking_in.recording, "record", cut_off)
        with pytest.raises(LightsOutError):
            take_in_and_record(home, SLICES)
    left = stored(home)
    for name in ("export_readings", "sessions", "survey_responses", "verdicts"):
        found = set(left[name][["clinic_id", "month"]].itertuples(index=False, name=None))
        assert found == {(one.clinic_id, one.month) for one in recorded}
    take_in_and_record(home, SLICES)
    scoring.score(home, SLICES)
    assert_same(stored(home), at_once)


def test_a_value_is_asked_about_once_in_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from expectations import judging
    from tests.expectations.test_expectations_judging import frame, rule

    asked: list[int] = []
    ask = judging.ask
    monkeypatch.setattr(
        judging, "ask", lambda rows, *rest: (asked.append(len(rows)), ask(rows, *rest))[1]
    )
    answers, rules = Answers(), [rule("R", "a")]
    found = [
        judge(frame(a=cells), rules, answers=answers)["R"].broken.tolist()
        for cells in (["0", "9"], ["9", "0", "0"], ["1", "9"])
    ]
    assert found == [[False, True], [True, False, False], [False, True]]
    assert asked == [2, 1]


def test_an_engine_that_gives_no_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from expectations import judging
    from expectations.engine import Finding
    from tests.expectations.test_expectations_judging import frame, rule

    answers, rules = Answers(), [rule("R", "a")]
    with monkeypatch.context() as broken:
        broken.setattr(judging, "ask", lambda _, asked, __: {
            one.key: Finding(one.key, raised=True) for one in asked
        })  # fmt: skip
        assert judge(frame(a=["0", "9"]), rules, answers=answers)["R"].is_error
    assert judge(frame(a=["0", "9"]), rules, answers=answers)["R"].broken.tolist() == [False, True]
