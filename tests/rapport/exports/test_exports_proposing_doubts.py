"""`rapport map` on what real files are like: what is seen, what stays a doubt, what is refused."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest
import yaml

from rapport.clinics import ExportMapping
from rapport.clinics.codebook import Codebook, parse_codebook
from rapport.errors import ExportRefusedError
from rapport.exports.proposing import Proposal, as_yaml, propose

if TYPE_CHECKING:
    from conftest import Desk

SECRET = "Kowalska"  # noqa: S105 - a name that must never be told
GAD = [f"gad7_{n}" for n in range(1, 8)]
KEYS = ["patient", "therapist", "session", "date"]


def table(header: Sequence[str], *rows: Sequence[object]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([header, *rows])
    return text.getvalue().encode()


def answers(seed: int) -> list[str]:
    return [str((n * 3 + seed) % 4) for n in range(7)]


def key(n: int) -> list[str]:
    return [f"p{n}", "T1", str(n), f"2026-02-{n + 12}"]


def proposed(
    desk: "Desk", content: bytes, codebook: Codebook | None = None
) -> tuple[Proposal, dict[str, Any]]:
    proposal = propose(content, "a_2026-02.csv", desk.catalogue, codebook=codebook)
    text = as_yaml(proposal)
    assert SECRET not in text
    found: dict[str, Any] = yaml.safe_load(text)
    ExportMapping.model_validate(found)
    return proposal, found


def why(proposal: Proposal, key: str) -> str:
    """Return the doubt about one line."""
    assert not proposal.lines[key].is_sure
    return proposal.lines[key].why


def aside(proposal: Proposal) -> Mapping[str, bool]:
    """Return the ignored columns, and whether that is sure."""
    return {str(said.value): said.is_sure for said in proposal.ignored}


REDCAP = ["record_id", "redcap_event_name", "redcap_repeat_instance", "redcap_data_access_group",
          "therapist", "visit_date", *GAD, "gad_complete"]  # fmt: skip


def event(name: str, group: str, day: str, n: int, instance: str = "") -> list[str]:
    return ["1", name, instance, group, "T1", day, *answers(n), "2"]


def test_the_only_access_group_is_proposed_as_the_clinic_s_own(desk: "Desk") -> None:
    rows = [event("visit_1_arm_1", "north", "2026-02-13", 1)]
    proposal, found = proposed(desk, table(REDCAP, *rows))
    assert found["clinic"] == {"redcap_data_access_group": "north"}
    assert "is it this clinic's" in why(proposal, "clinic")


def test_of_several_access_groups_none_is_chosen(desk: "Desk") -> None:
    rows = [event("visit_1_arm_1", site, "2026-02-13", 1) for site in ("north", "south")]
    proposal, found = proposed(desk, table(REDCAP, *rows))
    assert found["clinic"] == {"redcap_data_access_group": "FILL_IN"}
    assert "2 access groups" in why(proposal, "clinic")


def test_events_are_proposed_as_sessions_with_the_numbers_in_their_names(desk: "Desk") -> None:
    rows = [
        event("baseline_arm_1", "", "2026-02-01", 1),
        event("visit_1_arm_1", "", "2026-02-13", 2),
        event("visit_2_arm_1", "", "2026-02-14", 3),
        event("follow_up_arm_1", "", "2026-02-15", 4),
    ]
    proposal, found = proposed(desk, table(REDCAP, *rows))
    assert found["session"] == "redcap_event_name"
    assert found["session_codes"] == {
        "baseline_arm_1": "0", "visit_1_arm_1": "1", "visit_2_arm_1": "2",
    }  # fmt: skip
    assert "1 events with a date tell no number" in why(proposal, "session")
    assert not any(said.is_sure for said in proposal.details["session_codes"].values())


def test_instances_that_begin_anew_in_each_event_number_no_sessions(desk: "Desk") -> None:
    rows = [
        event(f"phase_{phase}_arm_1", "", f"2026-02-{phase}{n}", n, str(n))
        for phase in (1, 2)
        for n in (1, 2)
    ]
    proposal, found = proposed(desk, table(REDCAP, *rows))
    assert "session" not in found
    assert found["session_by_date"] is True
    assert "anew in each event" in why(proposal, "session_by_date")


def test_instances_that_go_on_through_the_events_are_the_sessions(desk: "Desk") -> None:
    rows = [event(f"phase_{n}_arm_1", "", f"2026-02-1{n}", n, str(n)) for n in (1, 2)]
    _, found = proposed(desk, table(REDCAP, *rows))
    assert found["session"] == "redcap_repeat_instance"


def test_names_and_free_text_are_surely_left_aside(desk: "Desk") -> None:
    header = [*KEYS, *GAD, "Name", "Session notes", "Story", "Room"]
    story = f"{SECRET} came late and spoke of her mother at some length"
    rows = [[*key(n), *answers(n), SECRET, SECRET, story, "3"] for n in (1, 2)]
    proposal, _ = proposed(desk, table(header, *rows))
    assert aside(proposal) == {"Name": True, "Session notes": True, "Story": True, "Room": False}


def test_the_kind_of_a_field_in_the_dictionary_tells_free_text(desk: "Desk") -> None:
    lines = ["field_name,form_name,field_type", "record_id,a,text", "therapist,a,text",
             "visit_date,a,text", "remarkable,a,notes", "shoe,a,text"]  # fmt: skip
    codebook = parse_codebook("\n".join([*lines, *(f"{n},a,text" for n in GAD)]).encode(), "d.csv")
    header = ["record_id", "therapist", "visit_date", "remarkable", "shoe", *GAD]
    content = table(header, ["1", "T1", "2026-02-13", "x", "42", *answers(1)])
    proposal, _ = proposed(desk, content, codebook)
    assert aside(proposal) == {"remarkable": True, "shoe": False}


def test_a_patient_s_code_goes_before_a_referral_s_which_is_the_episode(desk: "Desk") -> None:
    header = ["Referral ID", "Patient ID", "Care Professional", "Session", "Date", *GAD]
    rows = [[f"R{n}", *key(n), *answers(n)] for n in (1, 2)]
    _, found = proposed(desk, table(header, *rows))
    assert [found[name] for name in ("patient", "episode", "therapist")] == [
        "Patient ID", "Referral ID", "Care Professional",
    ]  # fmt: skip


def test_a_sum_under_another_name_is_a_total_with_a_doubt(desk: "Desk") -> None:
    rows = [[*key(1), *"0123012", 9], [*key(3), *"3333333", 21], [*key(4), *"0000000", 0]]
    proposal, found = proposed(desk, table([*KEYS, *GAD, "SC0"], *rows))
    (form,) = proposal.forms
    assert found["forms"][0]["total"] == "SC0"
    assert not form.lines["total"].is_sure


def test_an_instrument_that_the_file_names_elsewhere_goes_first(desk: "Desk") -> None:
    # Ten answers from 0 to 4 fit CORE-10, too, which comes first in the catalogue.
    names = [f"q{n}" for n in range(1, 11)]
    rows = [[*key(n), *"0123401234", 20] for n in (1, 2)]
    _, found = proposed(desk, table([*KEYS, *names, "ReQoL-10 total"], *rows))
    assert found["forms"][0]["instrument"] == "reqol-10"
    _, found = proposed(desk, table([*KEYS, *names], *(row[:-1] for row in rows)))
    assert found["forms"][0]["instrument"] == "core-10"


def test_many_answers_of_which_none_is_0_may_be_coded_from_1(desk: "Desk") -> None:
    rows = [[*key(n), *"1231231"] for n in range(1, 6)]
    proposal, _ = proposed(desk, table([*KEYS, *GAD], *rows))
    assert "coded from 1" in proposal.forms[0].lines["instrument"].why
    proposal, _ = proposed(desk, table([*KEYS, *GAD], *rows, [*key(6), *"0231231"]))
    assert proposal.forms[0].lines["instrument"].is_sure


def test_codes_with_numbers_are_ordered_by_them_with_a_doubt(desk: "Desk") -> None:
    header = ["id", "submitdate", "token", "therapist", "session"]
    header += [f"GAD7[SQ00{n}]" for n in range(1, 8)]
    row = ["1", "2026-02-13 10:00:00", "p1", "T1", "1"]
    rows = [[*row, *(f"A{int(a) + 1}" for a in answers(n))] for n in (0, 1)]
    proposal, found = proposed(desk, table(header, *rows))
    assert found["forms"][0]["codes"] == {"A1": "0", "A2": "1", "A3": "2", "A4": "3"}
    assert not any(said.is_sure for said in proposal.forms[0].details["codes"].values())


def test_one_and_two_for_attendance_are_limesurvey_s_yes_and_no_with_a_doubt(
    desk: "Desk",
) -> None:
    rows = [[*key(n), str(n), *answers(n)] for n in (1, 2)]
    proposal, found = proposed(desk, table([*KEYS, "attended", *GAD], *rows))
    assert found["attendance"]["codes"] == {"1": "attended", "2": "missed"}
    assert "1 is yes and 2 is no" in why(proposal, "attendance")


def test_measurements_before_and_after_are_proposed_as_named_blocks(desk: "Desk") -> None:
    sides = ("Pre", "Post")
    header = ["patient", "therapist", *(f"Date{side}" for side in sides)]
    header += [f"GAD7{side}{n}" for side in sides for n in range(1, 8)]
    row = ["p1", "T1", "2026-02-13", "2026-02-27", *answers(1), *answers(2)]
    _, found = proposed(desk, table(header, row))
    assert found["blocks"] == ["Pre", "Post"]
    assert found["date"] == "Date{block}"
    assert found["forms"][0]["items"] == "GAD7{block}{item}"
    clinic = desk.clinic({**found, "ignored": []})
    reading = desk.read_as(table(header, row), clinic, clinic.exports[0].id)
    assert reading.faults == ()
    assert reading.rows["session"].tolist() == ["1", "2"]


QUALTRICS = ["StartDate", "EndDate", "Status", "ResponseId", "pid", "therapist", "session",
             *(f"GAD7_{n}" for n in range(1, 8))]  # fmt: skip


def response(n: int) -> list[str]:
    return ["2026-02-13 09:00:00", "2026-02-13 09:10:00", "0", f"R_{n}", *key(n)[:3], *answers(n)]


def test_qualtrics_without_its_headers_is_told_and_its_previews_stay_tests(desk: "Desk") -> None:
    proposal, found = proposed(desk, table(QUALTRICS, response(1), response(2)))
    assert found["format"] == "delimited"
    assert {"1", "Survey Preview"} <= set(found["test_rows"]["Status"])
    assert any("header rows were removed" in remark for remark in proposal.remarks)


def test_qualtrics_without_its_third_header_row_is_refused(desk: "Desk") -> None:
    content = table(QUALTRICS, ["Start Date", "End Date", *["?"] * 12], response(1))
    with pytest.raises(ExportRefusedError, match="third was removed"):
        propose(content, "a.csv", desk.catalogue)


def test_the_second_header_row_of_legacy_qualtrics_tells_the_patient(desk: "Desk") -> None:
    header = [f"V{n}" for n in range(1, 11)] + ["therapist", "session", *GAD]
    titles = ["ResponseID", "ResponseSet", "Name", "ExternalDataReference", "EmailAddress",
              "IPAddress", "Status", "StartDate", "EndDate", "Finished", *["?"] * 9]  # fmt: skip
    row = ["R_1", "Default", "", "p1", "", "", "0", *["2026-02-13 09:10:00"] * 2, "1"]
    _, found = proposed(desk, table(header, titles, [*row, "T1", "1", *answers(1)]))
    assert (found["patient"], found["date"]) == ("V4", "V9")


def test_a_workbook_of_qualtrics_is_recognised(desk: "Desk") -> None:
    book = openpyxl.Workbook()
    titles = ["Start Date", "End Date", *["?"] * 12]
    for cells in (QUALTRICS, titles, response(1), response(2)):
        book.active.append(cells)
    held = io.BytesIO()
    book.save(held)
    _, found = proposed(desk, held.getvalue())
    assert (found["format"], found["forms"][0]["instrument"]) == ("qualtrics", "gad-7")


def test_no_mapping_is_proposed_from_two_exports_in_one_file(desk: "Desk") -> None:
    content = table([*KEYS, *GAD], [*key(1), *answers(1)])
    with pytest.raises(ExportRefusedError, match="once more"):
        propose(content + content, "a.csv", desk.catalogue)


def test_a_column_of_the_format_that_is_empty_is_no_sure_key(desk: "Desk") -> None:
    header = ["StartDate", "EndDate", "ResponseId", "ExternalReference", *GAD]
    ids = [f'{{"ImportId":"{n}"}}' for n in header]
    row = ["2026-02-13 09:00:00", "2026-02-13 09:10:00", "R_1", "", *answers(1)]
    proposal, _ = proposed(desk, table(header, header, ids, row))
    assert "empty in this file" in why(proposal, "patient")


def sav(folder: Path, labels: Mapping[int, str], titles: Mapping[str, str]) -> bytes:
    cells = {"pat_id": ["p1", "p2"], "ther": ["T1", "T1"], "visit": [1.0, 2.0]}
    cells |= {"day": ["2026-02-13", "2026-02-14"]}
    cells |= {f"x{n}": [float(n % 4), float((n + 1) % 4)] for n in range(1, 8)}
    items = {f"x{n}": dict(labels) for n in range(1, 8)}
    file = folder / "a.sav"
    pyreadstat.write_sav(
        pd.DataFrame(cells), str(file), variable_value_labels=items, column_labels=dict(titles)
    )
    return file.read_bytes()


WORDS = ("Never", "Seldom", "Often", "Always")


def test_labels_of_an_spss_file_that_run_the_other_way_turn_the_codes(
    desk: "Desk", tmp_path: Path
) -> None:
    titles = {f"x{n}": f"GAD-7, question {n}" for n in range(1, 8)}
    turned = dict(zip((3, 2, 1, 0), WORDS, strict=True))
    proposal, found = proposed(desk, sav(tmp_path, turned, titles))
    assert found["forms"][0]["codes"] == {"0": "3", "1": "2", "2": "1", "3": "0"}
    assert not any(said.is_sure for said in proposal.forms[0].details["codes"].values())


def test_labels_of_an_spss_file_s_columns_name_the_instrument(desk: "Desk", tmp_path: Path) -> None:
    titles = {f"x{n}": f"GAD-7, question {n}" for n in range(1, 8)}
    proposal, found = proposed(desk, sav(tmp_path, dict(enumerate(WORDS)), titles))
    assert found["forms"][0]["instrument"] == "gad-7"
    assert proposal.forms[0].lines["instrument"].is_sure
    assert found["patient"] == "pat_id"
