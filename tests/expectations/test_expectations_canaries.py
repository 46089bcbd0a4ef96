"""No cell value leaves: canaries in ids, answers and free text must not turn up anywhere."""

import dataclasses
import json
import logging
from collections.abc import Mapping

import great_expectations as gx
import pandas as pd
import pytest
from great_expectations import expectations as gxe

from expectations.engine import Detail, ask
from expectations.files import read_files
from expectations.intake import Intake, take_in
from expectations.rules.rows import ROW_RULES, answer_rules
from expectations.scrubbing import scrubbed
from rapport.clinics import Registry
from rapport.exports.facts import add_facts
from rapport.instruments import Instrument
from rapport.sources import Delivery
from tests.expectations.small_clinic import HEADER, Rows, as_csv, clinic_named, delivery, sound_rows

CANARY = "CANARY"


def full_of_canaries() -> Rows:
    """Rows with a canary in every kind of cell, some of which break the rule of that cell."""
    rows = [
        row | {"pid": f"{CANARY}-{row['pid']}", "note": f"{CANARY}-note"} for row in sound_rows()
    ]
    for place, name in enumerate(name for name in HEADER if name not in {"site", "test", "pid"}):
        rows[place] |= {name: f"{CANARY}-{name}"}
    rows[-1] |= {"pid": f"{CANARY}-" + "p" * 70}
    return rows


def canary_files() -> list[Delivery]:
    header = [*HEADER, "note"]
    sound = as_csv(full_of_canaries(), header)
    other_clinic = [row | {"site": f"{CANARY}-site"} for row in full_of_canaries()]
    mail = [row | {"pid": f"{CANARY}@example.org"} for row in full_of_canaries()]
    return [
        delivery(sound),
        delivery(as_csv(other_clinic, header), "other"),
        delivery(as_csv(mail, header), "mail"),
        delivery(sound.replace(f"{CANARY}-P001,", f"{CANARY}-P001,,"), "long"),
        delivery(sound + f'"{CANARY}', "quote"),
        delivery("\n".join(sound.splitlines()[1:]), "headless"),
        delivery(sound.encode() + f"{CANARY}\xe9".encode("latin-1"), "encoding"),
    ]


@pytest.fixture(scope="module")
def taken_in(catalogue: Mapping[str, Instrument]) -> Intake:
    files = canary_files()
    clinics = {one.clinic_id: clinic_named(one.clinic_id) for one in files}
    return take_in(files, registry=Registry(clinics, "0" * 64), catalogue=catalogue)


def test_the_canaries_were_really_there(taken_in: Intake) -> None:
    assert taken_in.sessions.patient_id.str.startswith(CANARY).any()
    assert set(taken_in.quarantine.rule) >= {"ANSWER_ALLOWED", "DATE_READABLE", "MODE_KNOWN"}
    assert taken_in.readings.refusal_rule.notna().sum() == len(canary_files()) - 1


def test_no_canary_in_readings_quarantine_verdicts_and_faults(taken_in: Intake) -> None:
    for frame in (taken_in.readings, taken_in.quarantine, taken_in.verdicts):
        assert CANARY not in frame.to_csv()
    assert CANARY not in "".join(map(str, taken_in.faults))
    assert CANARY not in repr(taken_in.counts)


def test_no_canary_in_the_logs(
    catalogue: Mapping[str, Instrument], caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    take_in(
        canary_files()[:1],
        registry=Registry({"alpha": clinic_named()}, "0" * 64),
        catalogue=catalogue,
    )
    told = capfd.readouterr()
    assert CANARY not in caplog.text + told.out + told.err


def test_no_canary_in_what_the_engine_finds(catalogue: Mapping[str, Instrument]) -> None:
    clinics = {"alpha": clinic_named()}
    read = read_files(canary_files()[:1], clinics=clinics, catalogue=catalogue)
    rows = add_facts(read.rows, clinics=clinics, catalogue=catalogue)
    rules = [*ROW_RULES, *answer_rules(read.forms, catalogue)]
    found = ask(rows, rules, Detail.ROWS)
    assert sum(one.broken for one in found.values()) > 5
    assert CANARY not in repr([dataclasses.astuple(one) for one in found.values()])


def tell_tales() -> list[dict[str, object]]:
    """Results of Great Expectations with everything it is able to tell."""
    frame = pd.DataFrame({"a": [f"{CANARY}-1", "x"], "n": [1.0, 99.0], "id": [f"{CANARY}-2", "y"]})
    batch = (
        gx.get_context(mode="ephemeral").data_sources.add_pandas("m").add_dataframe_asset("r")
        .add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    )  # fmt: skip
    meta = {"id": "R", "severity": "critical", "rationale": "Why.", "remedy": "How."}
    suite = gx.ExpectationSuite(
        name="s",
        expectations=[
            gxe.ExpectColumnValuesToBeInSet(column="a", value_set=["x"], meta=meta),
            gxe.ExpectColumnMaxToBeBetween(column="n", max_value=9, meta=meta),
            gxe.ExpectColumnValuesToBeInSet(column=f"{CANARY}-3", value_set=["x"], meta=meta),
        ],
    )
    wide = {"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]}
    return [one.to_json_dict() for one in batch.validate(suite, result_format=wide).results]


def test_great_expectations_does_tell_values_unless_it_is_scrubbed() -> None:
    assert all(CANARY in json.dumps(one) or "99" in json.dumps(one) for one in tell_tales())


def test_the_scrubber_lets_no_value_through() -> None:
    for one in map(scrubbed, tell_tales()):
        assert CANARY not in json.dumps(one)
        assert "99" not in json.dumps(one)


def test_the_scrubber_knows_its_keys_and_drops_what_a_new_release_may_add() -> None:
    result = tell_tales()[0]
    result["result"]["unexpected_values_by_patient"] = {CANARY: 1}  # type: ignore[index]
    result["result"]["element_count"] = CANARY  # type: ignore[index]
    found = scrubbed(result)
    assert CANARY not in json.dumps(found)
    assert set(found) == {"type", "meta", "success", "raised", "result"}
    assert "element_count" not in found["result"]


def test_the_scrubber_sees_an_exception_however_it_is_told() -> None:
    flat = {"raised_exception": True, "exception_message": CANARY, "exception_traceback": CANARY}
    for information in (flat, {f"metric {CANARY}": flat}):
        told = tell_tales()[0] | {"exception_info": information}
        found = scrubbed(told)
        assert found["raised"] is True
        assert CANARY not in json.dumps(found)
