"""What the demo clinics write: a valid registry, native shapes, and every answer in its place.

The files are read here by a reader of its own, a few lines over the ``csv`` module that follow the
registry's mapping, so that writers and mappings are held together without Rapport's own readers.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from rapport.clinics import Clinic, ExportMapping, Registry, load_registry
from rapport.simulation import DemoSummary, World, write_demo
from rapport.simulation.clinics import CLINICS
from rapport.simulation.forms import FORMS

N_ITEMS = {form.key: form.n_items for form in FORMS}
HEADER_ROWS = {"qualtrics": 3}
FLAWLESS_MONTH = "2025-04"
"""A month without a defect in eleven of the twelve clinics."""

SPOILT = {"zielony-brzeg"}


@pytest.fixture(scope="module")
def registry(demo: DemoSummary) -> Registry:
    return load_registry(demo.home / "clinics.yaml")


def received(demo: DemoSummary, clinic: Clinic, mapping: ExportMapping, month: str) -> list[Path]:
    return sorted((demo.home / "inbox" / clinic.source).glob(mapping.file_pattern(month)))


def records(file: Path, mapping: ExportMapping) -> list[dict[str, str]]:
    text = file.read_bytes().decode(mapping.encoding)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter, strict=True))
    return [
        dict(zip(rows[0], row, strict=True)) for row in rows[HEADER_ROWS.get(mapping.format, 1) :]
    ]


def is_test(row: dict[str, str], mapping: ExportMapping) -> bool:
    return any(row[column] in values for column, values in mapping.test_rows.items())


def forms_in(
    row: dict[str, str], mapping: ExportMapping
) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    """Yield form key and answers on the instrument's scale, where anything was answered."""
    for form in mapping.forms:
        if any(row[column] != value for column, value in form.where.items()):
            continue
        cells = [row[column] for column in form.columns(N_ITEMS[form.key])]
        answers = tuple(
            None
            if not cell or cell in mapping.missing_codes
            else (form.codes or {}).get(cell, cell)
            for cell in cells
        )
        if any(answers):
            yield form.key, answers


def answers_in_files(
    demo: DemoSummary, clinic: Clinic, month: str
) -> dict[tuple[str, str, str], tuple[str | None, ...]]:
    found = {}
    for mapping in clinic.exports:
        for file in received(demo, clinic, mapping, month):
            for row in records(file, mapping):
                for key, answers in forms_in(row, mapping):
                    assert mapping.session is not None
                    found[row[mapping.patient], row[mapping.session], key] = answers
    return found


def answers_in_world(
    world: World, clinic_id: str, month: str
) -> dict[tuple[str, str, str], tuple[str | None, ...]]:
    found = {}
    for key, forms in world.responses.items():
        own = forms[(forms["clinic_id"] == clinic_id) & (forms["month"] == month)]
        for row in own.itertuples(index=False):
            items = row[-N_ITEMS[key] :]
            texts = tuple(None if pd.isna(item) else str(int(item)) for item in items)
            if any(texts):
                found[str(row.patient_id), str(row.session), key] = texts
    return found


CLINIC_IDS = [clinic.id for clinic in CLINICS]


def test_the_registry_is_valid_and_holds_twelve_clinics(registry: Registry) -> None:
    assert list(registry.clinics) == CLINIC_IDS
    assert {clinic.exports[0].format for clinic in registry.clinics.values()} == {
        "redcap", "qualtrics", "limesurvey", "delimited",
    }  # fmt: skip
    assert len({clinic.timezone for clinic in registry.clinics.values()}) >= 6
    for clinic in registry.clinics.values():
        assert set(clinic.forms) == set(N_ITEMS)
        assert all(address.endswith(".example.org") for address in clinic.recipients)


def test_initials_that_look_like_nothing_or_no_stay_ids(registry: Registry) -> None:
    """``NA`` is read as missing by spreadsheets and pandas, ``NO`` as false by YAML."""
    assert {"NA", "NO"} <= set(registry.clinics["cicha-laka"].therapists)


@pytest.mark.parametrize("clinic_id", [c for c in CLINIC_IDS if c not in SPOILT])
def test_every_answer_stands_where_the_mapping_says(
    demo: DemoSummary, registry: Registry, world: World, clinic_id: str
) -> None:
    clinic = registry.clinics[clinic_id]
    written = answers_in_files(demo, clinic, FLAWLESS_MONTH)
    true = answers_in_world(world, clinic_id, FLAWLESS_MONTH)
    assert len(true) > 50
    assert written == true


@pytest.mark.parametrize("clinic_id", CLINIC_IDS)
def test_session_facts_are_written_in_declared_codes(
    demo: DemoSummary, registry: Registry, world: World, clinic_id: str
) -> None:
    clinic = registry.clinics[clinic_id]
    own = world.sessions.query("clinic_id == @clinic_id and month == @FLAWLESS_MONTH")
    true = {
        (row.patient_id, str(row.session)): (row.mode, row.attendance, row.ending)
        for row in own.itertuples()
    }
    written = {}
    for mapping in clinic.exports:
        if mapping.mode is None or mapping.attendance is None or mapping.ending is None:
            continue
        for file in received(demo, clinic, mapping, FLAWLESS_MONTH):
            for row in records(file, mapping):
                coded = (mapping.mode, mapping.attendance, mapping.ending)
                if row[coded[0].column] and not is_test(row, mapping):
                    assert mapping.session is not None
                    key = row[mapping.patient], row[mapping.session]
                    written[key] = tuple(part.codes[row[part.column]] for part in coded)
    assert written == true


@pytest.mark.parametrize("clinic_id", CLINIC_IDS)
def test_dates_are_written_as_declared_and_lie_in_the_month(
    demo: DemoSummary, registry: Registry, clinic_id: str
) -> None:
    clinic = registry.clinics[clinic_id]
    for mapping in clinic.exports:
        assert mapping.date is not None
        for file in received(demo, clinic, mapping, FLAWLESS_MONTH):
            written = {row[mapping.date] for row in records(file, mapping)} - {""}
            days = {datetime.strptime(date, mapping.dates[0]) for date in written}  # noqa: DTZ007
            assert {f"{day:%Y-%m}" for day in days} == {FLAWLESS_MONTH}


@pytest.mark.parametrize("clinic_id", CLINIC_IDS)
def test_every_column_is_mapped_or_ignored(
    demo: DemoSummary, registry: Registry, clinic_id: str
) -> None:
    clinic = registry.clinics[clinic_id]
    for mapping in clinic.exports:
        keys = {mapping.patient, mapping.therapist, mapping.session, mapping.date}
        coded = {c.column for c in (mapping.mode, mapping.attendance, mapping.ending) if c}
        selectors = {*mapping.clinic, *mapping.record_rows, *mapping.test_rows}
        items = {c for f in mapping.forms for c in (*f.columns(N_ITEMS[f.key]), *f.where, f.total)}
        known = {column for column in keys | coded | selectors | items if column}
        known |= {one.column for one in mapping.covariates.values()}
        row = records(received(demo, clinic, mapping, FLAWLESS_MONTH)[0], mapping)[0]
        left = [c for c in row if c not in known and not _is_ignored(c, mapping)]
        assert known <= set(row)
        assert left == []


def _is_ignored(column: str, mapping: ExportMapping) -> bool:
    return any(
        column == pattern or (pattern.endswith("*") and column.startswith(pattern[:-1]))
        or (pattern.startswith("*") and column.endswith(pattern[1:]))
        for pattern in mapping.ignored
    )  # fmt: skip


def test_redcap_writes_one_intake_row_and_sparse_instances(
    demo: DemoSummary, registry: Registry
) -> None:
    clinic = registry.clinics["harrowmere"]
    rows = records(received(demo, clinic, clinic.exports[0], FLAWLESS_MONTH)[0], clinic.exports[0])
    intake = [row for row in rows if row["redcap_event_name"] == "intake_arm_1"]
    assert len({row["record_id"] for row in rows}) == len(intake)
    assert {row["therapist_id"] for row in rows if row not in intake} == {""}
    log = next(row for row in rows if row["redcap_repeat_instrument"] == "session_log")
    assert log["wai_01"] == "" and log["patient_form_complete"] == ""  # noqa: PT018
    assert list(rows[0])[:5] == [
        "record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
        "redcap_data_access_group",
    ]  # fmt: skip


def test_qualtrics_writes_three_header_rows_the_last_in_json(
    demo: DemoSummary, registry: Registry
) -> None:
    clinic = registry.clinics["rosenfurt"]
    for mapping in clinic.exports:
        text = received(demo, clinic, mapping, FLAWLESS_MONTH)[0].read_text(encoding="utf-8")
        third = list(csv.reader(io.StringIO(text)))[2]
        assert json.loads(third[0]) == {"ImportId": "startDate", "timeZone": "Etc/UTC"}
        assert all("ImportId" in json.loads(cell) for cell in third)


def test_limesurvey_quotes_all_and_leaves_submitdate_empty_where_broken_off(
    demo: DemoSummary, registry: Registry
) -> None:
    clinic = registry.clinics["ballycorran"]
    mapping = clinic.exports[0]
    files = [f for month in ("2025-03", "2025-04", "2025-05")
             for f in received(demo, clinic, mapping, month)]  # fmt: skip
    rows = [row for file in files for row in records(file, mapping)]
    broken_off = [row for row in rows if row["submitdate"] == ""]
    assert 0 < len(broken_off) < 0.1 * len(rows)
    assert all(row["SWLS[SQ001]"] == "" and row["WAI[SQ001]"] for row in broken_off)
    assert files[0].read_text(encoding="utf-8").startswith('"id","submitdate"')


def test_the_vendor_writes_cp1250_decimal_commas_and_leading_noughts(
    demo: DemoSummary, registry: Registry
) -> None:
    clinic = registry.clinics["zielony-brzeg"]
    mapping = clinic.exports[0]
    file = received(demo, clinic, mapping, "2025-05")[0]
    with pytest.raises(UnicodeDecodeError):
        file.read_bytes().decode("utf-8")
    rows = records(file, mapping)
    assert file.read_bytes().count(b"\r\n") == len(rows) + 1
    assert all(row["Id pacjenta"].isdigit() and len(row["Id pacjenta"]) == 3 for row in rows)
    assert {row["Czas (h)"] for row in rows} == {"0,83", "0,00"}
    totals = [row for row in rows if row["PHQ_suma"]]
    items = [sum(int(row[f"PHQ_{n}"]) for n in range(1, 10)) for row in totals]
    assert [row["PHQ_suma"] for row in totals] == [f"{total},0" for total in items]


def test_names_of_patients_stand_in_ignored_columns_only(
    demo: DemoSummary, registry: Registry
) -> None:
    for clinic in registry.clinics.values():
        for mapping in clinic.exports:
            assert "Nazwisko i imię" in mapping.ignored or mapping.format != "delimited"
            if mapping.format == "qualtrics":
                assert {"IPAddress", "RecipientEmail", "LocationLatitude"} <= set(mapping.ignored)


def test_a_code_for_missing_is_never_also_an_answer(registry: Registry) -> None:
    for clinic in registry.clinics.values():
        for mapping in clinic.exports:
            answers = {str(answer) for answer in range(8)}
            for form in mapping.forms:
                answers |= set(form.codes or {})
            assert not answers & set(mapping.missing_codes)


def test_the_same_seed_gives_the_same_bytes(demo: DemoSummary, tmp_path: Path) -> None:
    again = write_demo(tmp_path / "again")
    assert (again.files, again.rows, again.defects) == (demo.files, demo.rows, demo.defects)
    assert _hashes(again.home) == _hashes(demo.home)


def _hashes(home: Path) -> dict[str, str]:
    return {
        str(file.relative_to(home)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(home.rglob("*"))
        if file.is_file()
    }


def test_another_seed_gives_other_answers_under_the_same_names(
    demo: DemoSummary, tmp_path: Path
) -> None:
    other = write_demo(tmp_path / "other", seed=3)
    file = Path("inbox/maplewick/2025-04/results-survey-481516-2025-04.csv")
    assert (other.home / "clinics.yaml").read_bytes() == (demo.home / "clinics.yaml").read_bytes()
    assert (other.home / file).read_bytes() != (demo.home / file).read_bytes()
