"""Every rule about rows and files, each broken by one fixture, and only where it is broken."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from expectations.intake import Intake, take_in
from expectations.rules.files import FILE_RULES
from expectations.rules.rows import ANSWER_ALLOWED, ROW_RULES
from rapport.clinics import Registry
from rapport.instruments import Instrument
from tests.expectations.conftest import Taken
from tests.expectations.small_clinic import (
    HEADER,
    Row,
    Rows,
    as_csv,
    broken_rules,
    clinic_named,
    delivery,
    export_mapping,
    only_verdict,
    sound_rows,
)

SPOILT = 4
"""Which row is spoilt, from 0; it stands on this line plus two."""

Spoil = Callable[[Row], object]


def spoilt(spoil: Spoil) -> Rows:
    rows = sound_rows()
    spoil(rows[SPOILT])
    return rows


def of_clinic(intake: Intake, clinic: str) -> Intake:
    """The part of an intake that is about one clinic."""
    parts = {
        name: frame[frame.clinic_id == clinic]
        for name in ("readings", "quarantine", "sessions", "responses", "verdicts")
        for frame in [getattr(intake, name)]
    }
    return replace(intake, **parts)


def refused(intake: Intake) -> list[tuple[int, str, str]]:
    return list(intake.quarantine[["line", "column", "rule"]].itertuples(index=False, name=None))


ONE_CELL: dict[str, tuple[Spoil, list[tuple[str, str]]]] = {
    "no patient": (lambda r: r.update(pid=""), [("pid", "PATIENT_GIVEN")]),
    "a novel as patient": (lambda r: r.update(pid="p" * 65), [("pid", "PATIENT_ID_SHORT")]),
    "a novel as episode": (lambda r: r.update(ep="e" * 65), [("ep", "EPISODE_SHORT")]),
    "no therapist": (lambda r: r.update(ther=""), [("ther", "THERAPIST_GIVEN")]),
    "an unknown therapist": (lambda r: r.update(ther="T3"), [("ther", "THERAPIST_REGISTERED")]),
    "a therapist in small letters": (
        lambda r: r.update(ther="t1"),
        [("ther", "THERAPIST_SPELT")],
    ),
    "no clinic": (lambda r: r.update(site=""), [("site", "CLINIC_MATCHES")]),
    "half a session": (lambda r: r.update(sess="1.5"), [("sess", "SESSION_READABLE")]),
    "no session": (lambda r: r.update(sess=""), [("sess", "SESSION_READABLE")]),
    "the 30th of February": (lambda r: r.update(day="2025-02-30"), [("day", "DATE_READABLE")]),
    "a date of another format": (lambda r: r.update(day="01/02/2025"), [("day", "DATE_READABLE")]),
    "a session last month": (lambda r: r.update(day="2025-01-31"), [("day", "DATE_IN_MONTH")]),
    "a session next month": (
        lambda r: r.update(day="2025-03-01"),
        [("day", "DATE_IN_MONTH"), ("day", "DATE_NOT_FUTURE")],
    ),
    "a session before the clinic began": (
        lambda r: r.update(day="2015-02-10"),
        [("day", "DATE_IN_MONTH"), ("day", "DATE_NOT_BEFORE_START")],
    ),
    "answers to a missed session": (lambda r: r.update(att="0"), [("att", "SESSION_ATTENDED")]),
    "an unknown attendance": (lambda r: r.update(att="7"), [("att", "ATTENDANCE_KNOWN")]),
    "an unknown mode": (lambda r: r.update(mode="x"), [("mode", "MODE_KNOWN")]),
    "an unknown ending": (lambda r: r.update(end="9"), [("end", "ENDING_KNOWN")]),
    "a hidden character": (
        lambda r: r.update(pid="P\u200b002"),
        [("pid", "TEXT_CLEAN")],
    ),
    "a Cyrillic letter": (
        lambda r: r.update(pid="Pа02"),
        [("pid", "KEYS_PLAIN")],
    ),
    "a wrong total": (lambda r: r.update(sum="27"), [("sum", "TOTAL_MATCHES")]),
    "an answer out of range": (lambda r: r.update(phq3="4", sum=""), [("phq3", "ANSWER_ALLOWED")]),
    "two answers out of range": (
        lambda r: r.update(phq3="4", phq9="-1", sum=""),
        [("phq3", "ANSWER_ALLOWED"), ("phq9", "ANSWER_ALLOWED")],
    ),
    "two and a half": (lambda r: r.update(phq1="2.5", sum=""), [("phq1", "ANSWER_ALLOWED")]),
    "a full-width digit": (lambda r: r.update(phq1="２", sum=""), [("phq1", "ANSWER_ALLOWED")]),
    "an undeclared code": (lambda r: r.update(phq1="-8", sum=""), [("phq1", "ANSWER_ALLOWED")]),
}  # fmt: skip


@pytest.fixture(scope="module")
def one_cell(catalogue: Mapping[str, Instrument]) -> Intake:
    """Every case of :data:`ONE_CELL` as a clinic of its own, all taken in at once."""
    names = {case: case.replace(" ", "-") for case in ONE_CELL}
    files = [
        delivery(as_csv(spoilt(spoil)), names[case].lower())
        for case, (spoil, _) in ONE_CELL.items()
    ]
    clinics = {one.clinic_id: clinic_named(one.clinic_id) for one in files}
    return take_in(files, registry=Registry(clinics, "0" * 64), catalogue=catalogue)


@pytest.mark.parametrize("case", ONE_CELL)
def test_a_spoilt_row_is_refused_for_its_own_reason_and_no_other_row_is(
    case: str, one_cell: Intake
) -> None:
    found = of_clinic(one_cell, case.replace(" ", "-").lower())
    reasons = ONE_CELL[case][1]
    assert refused(found) == sorted((SPOILT + 2, column, rule) for column, rule in reasons)
    assert found.readings.rows_quarantined.tolist() == [1]
    assert found.readings.rows_accepted.tolist() == [19]
    assert len(found.sessions) == len(found.responses) == 19
    assert only_verdict(found) == "passed"


def test_a_declared_missing_code_is_a_missing_answer_and_refuses_nothing(taken: Taken) -> None:
    found = taken(as_csv(spoilt(lambda r: r.update(phq3="-9", sum=""))))
    assert refused(found) == []
    assert found.responses.item_03.isna().sum() == 1


def test_two_different_rows_about_one_session_are_both_refused(taken: Taken) -> None:
    rows = sound_rows()
    rows.append(rows[0] | {"phq1": "3" if rows[0]["phq1"] != "3" else "2", "sum": ""})
    assert refused(taken(as_csv(rows))) == [
        (2, "pid, ep, sess", "KEY_UNIQUE"),
        (22, "pid, ep, sess", "KEY_UNIQUE"),
    ]


def test_a_short_row_is_refused_and_told_by_its_line(taken: Taken) -> None:
    lines = as_csv(sound_rows()).splitlines()
    lines[5] = lines[5].rsplit(",", 1)[0]
    found = taken("\n".join(lines) + "\n")
    assert refused(found) == [(6, "", "FIELDS_COMPLETE")]


def test_answers_where_nobody_looks_for_them_refuse_the_row(taken: Taken) -> None:
    form = {"instrument": "phq-9", "rater": "patient", "items": "phq{item}", "where": {"mode": "v"}}
    clinic = clinic_named(exports=[export_mapping(forms=[form], mode=None)])
    found = taken(as_csv(sound_rows(3)), clinics=[clinic])
    assert set(found.quarantine.rule) == {"ANSWERS_PLACED"}


def test_rows_of_one_session_that_contradict_each_other_are_all_refused(taken: Taken) -> None:
    form = {"instrument": "gad-7", "rater": "patient", "items": "gad{item}"}
    other = export_mapping(id="more", path="more_{month}.csv", forms=[form], required=False)
    clinic = clinic_named(exports=[export_mapping(), other])
    gads = [f"gad{item}" for item in range(1, 8)]
    rows = [row | dict.fromkeys(gads, "1") for row in sound_rows()]
    rows[0]["mode"] = "v" if rows[0]["mode"] == "p" else "p"
    header = [name for name in HEADER if not name.startswith("phq") and name != "sum"] + gads

    found = taken(
        as_csv(sound_rows()), delivery(as_csv(rows, header), export="more"), clinics=[clinic]
    )
    assert refused(found) == [(2, "sess", "SESSION_CONSISTENT")] * 2


FILES: dict[str, Callable[[], str | bytes]] = {
    "EMPTY_FILE": lambda: b"",
    "NO_ROWS": lambda: as_csv([]),
    "ENCODING": lambda: as_csv(sound_rows()).encode().replace(b"P001", b"P\xe91"),
    "NUL_BYTE": lambda: as_csv(sound_rows()).replace("P001", "P\0001"),
    "UNCLOSED_QUOTE": lambda: as_csv(sound_rows()) + '"A,P9',
    "FIELD_TOO_LONG": lambda: as_csv(spoilt(lambda r: r.update(pid="p" * 70_000))),
    "DUPLICATE_COLUMN": lambda: as_csv(sound_rows(), [*HEADER, "phq1"]),
    "MISSING_COLUMN": lambda: as_csv(sound_rows(), HEADER[:-1]),
    "FIELD_COUNT": lambda: as_csv(sound_rows()).replace("P001,", "P001,,", 1),
    "WRONG_FORMAT": lambda: b"PK\x03\x04" + b"x" * 100,
    "WRONG_CLINIC": lambda: as_csv(spoilt(lambda r: r.update(site="B"))),
    "DIRECT_IDENTIFIER": lambda: as_csv(spoilt(lambda r: r.update(pid="anna@example.org"))),
}


@pytest.fixture(scope="module")
def spoilt_files(catalogue: Mapping[str, Instrument]) -> Intake:
    """Every case of :data:`FILES` as a clinic of its own, all taken in at once."""
    files = [delivery(make(), rule.lower().replace("_", "-")) for rule, make in FILES.items()]
    clinics = {one.clinic_id: clinic_named(one.clinic_id) for one in files}
    return take_in(files, registry=Registry(clinics, "0" * 64), catalogue=catalogue)


@pytest.mark.parametrize("rule", FILES)
def test_a_spoilt_file_is_refused_whole_by_its_rule(rule: str, spoilt_files: Intake) -> None:
    found = of_clinic(spoilt_files, rule.lower().replace("_", "-"))
    assert found.readings.refusal_rule.tolist() == [rule]
    assert set(found.quarantine.rule) == {rule}
    assert found.readings.rows_quarantined.tolist() == found.readings.rows_received.tolist()
    assert found.sessions.empty
    assert found.responses.empty
    assert only_verdict(found) == "failed"
    assert found.verdicts.broken_rules.item().split(",")[0] == rule


def test_an_undeclared_column_is_told_and_refuses_nothing(taken: Taken) -> None:
    rows = [row | {"mood": "fine"} for row in sound_rows()]
    found = taken(as_csv(rows, [*HEADER, "mood"]))
    assert broken_rules(found) == {"UNKNOWN_COLUMN"}
    assert only_verdict(found) == "passed"
    assert found.quarantine.empty
    assert [fault.column for fault in found.faults] == ["mood"]


def test_every_rule_about_files_and_rows_is_broken_by_a_fixture_here() -> None:
    tried = {rule for _, reasons in ONE_CELL.values() for _, rule in reasons} | set(FILES)
    elsewhere = {"UNKNOWN_COLUMN", "KEY_UNIQUE", "FIELDS_COMPLETE", "ANSWERS_PLACED",
                 "SESSION_CONSISTENT", "PATIENT_DISTINCT", "PATIENT_OF_OTHER_CLINIC", "ERASED",
                 "DATE_NOT_AFTER_END", "THERAPIST_IN_TERM", "ENDING_IN_ORDER"}  # fmt: skip
    reader_decides = {"KIND_KNOWN"}
    known = {rule.id for rule in (*FILE_RULES, *ROW_RULES, ANSWER_ALLOWED)}
    assert tried | elsewhere | reader_decides == known
