"""When Rapport contradicts itself: the verdict is ``error``, or nothing goes on at all."""

import json

import pandas as pd
import pytest

from expectations import files as files_room
from expectations import intake as intake_room
from expectations.engine import Detail, ask
from expectations.intake import Intake
from expectations.rules.files import FILE_RULES, asked_files
from rapport.exports.facts import add_facts
from tests.expectations.conftest import Taken
from tests.expectations.small_clinic import as_csv, only_verdict, sound_rows


def broken_fact(taken: Taken, monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> Intake:
    def spoiling(*args: object, **kwargs: object) -> pd.DataFrame:
        return add_facts(*args, **kwargs).assign(**{name: value})  # type: ignore[arg-type]

    monkeypatch.setattr(intake_room, "add_facts", spoiling)
    return taken(as_csv(sound_rows()))


def test_a_fact_that_is_missing_where_it_is_needed_refuses_the_rows(
    taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = broken_fact(taken, monkeypatch, "fact.fields_complete", None)
    assert found.readings.rows_accepted.tolist() == [0]
    assert only_verdict(found) == "failed"


def test_a_missing_column_of_facts_makes_the_verdict_error(
    taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dropping(*args: object, **kwargs: object) -> pd.DataFrame:
        return add_facts(*args, **kwargs).drop(columns="fact.date_readable")  # type: ignore[arg-type]

    monkeypatch.setattr(intake_room, "add_facts", dropping)
    found = taken(as_csv(sound_rows()))
    assert only_verdict(found) == "error"
    assert json.loads(found.verdicts.result_json[0])["decided_by"] == ["DATE_READABLE"]


def test_a_fact_that_no_rule_asks_for_is_a_bug(
    taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match=r"no rule asks for fact\.new"):
        broken_fact(taken, monkeypatch, "fact.new", "yes")


@pytest.mark.parametrize(("column", "value"), [("item_02", 2.5), ("item_02", 4.0),
    ("session_date", None), ("session_date", "2025-2-1"), ("therapist_id", None),
    ("patient_id", "")])  # fmt: skip
def test_a_typed_answer_off_the_scale_makes_the_verdict_error(
    taken: Taken, monkeypatch: pytest.MonkeyPatch, column: str, value: object
) -> None:
    real = intake_room.responses_of

    def spoiling(*args: object) -> pd.DataFrame:
        found = real(*args)  # type: ignore[arg-type]
        if isinstance(found[column].dtype, pd.CategoricalDtype):
            found[column] = found[column].astype(object)
        found.loc[1, column] = value
        return found

    monkeypatch.setattr(intake_room, "responses_of", spoiling)
    assert only_verdict(taken(as_csv(sound_rows()))) == "error"


@pytest.mark.parametrize(("column", "value"), [("session_date", "soon"), ("therapist_id", ""),
    ("patient_id", None), ("session", -1), ("attendance", "present")])  # fmt: skip
def test_a_typed_session_that_cannot_be_makes_the_verdict_error(
    taken: Taken, monkeypatch: pytest.MonkeyPatch, column: str, value: object
) -> None:
    real = intake_room.sessions_of

    def spoiling(*args: object) -> pd.DataFrame:
        found = real(*args)  # type: ignore[arg-type]
        if isinstance(found[column].dtype, pd.CategoricalDtype):
            found[column] = found[column].astype(object)
        found.loc[1, column] = value
        return found

    monkeypatch.setattr(intake_room, "sessions_of", spoiling)
    assert only_verdict(taken(as_csv(sound_rows()))) == "error"


def test_a_repeated_key_makes_the_verdict_error(
    taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = intake_room.sessions_of
    monkeypatch.setattr(
        intake_room, "sessions_of", lambda *args: pd.concat([(f := real(*args)), f.iloc[:1]])
    )
    found = taken(as_csv(sound_rows()))
    assert only_verdict(found) == "error"
    assert json.loads(found.verdicts.result_json[0])["decided_by"] == ["KEYS_UNIQUE"]


def test_a_file_of_which_nothing_was_asked_does_not_pass() -> None:
    nothing = pd.DataFrame([{rule.column: "not_reached" for rule in FILE_RULES}])
    silent = pd.DataFrame([{rule.column: None for rule in FILE_RULES}])
    for frame in (nothing, silent):
        found = ask(asked_files(frame), FILE_RULES, Detail.ROWS)
        assert all(found[rule.key].broken == 1 for rule in FILE_RULES)


def test_reader_and_rules_must_agree_about_refusals(
    taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgiving = {"broken": "holds", "not_reached": "holds"}
    monkeypatch.setattr(files_room, "asked_files", lambda files: files.replace(forgiving))
    with pytest.raises(ValueError, match="disagree"):
        taken("rubbish")
