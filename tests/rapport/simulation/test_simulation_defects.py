"""The declared defects stand where the truth file says, and nowhere else."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from rapport.clinics import ExportMapping, Registry, load_registry
from rapport.simulation import DemoSummary, World
from rapport.simulation.defects import PLANNED, Defect
from rapport.simulation.spoiling import SPOILERS

OUTCOMES = {"row_quarantined", "file_refused", "duplicate", "test_row", "nothing_sent"}


@pytest.fixture(scope="module")
def registry(demo: DemoSummary) -> Registry:
    return load_registry(demo.home / "clinics.yaml")


def of_kind(demo: DemoSummary, kind: str) -> list[Defect]:
    found = [defect for defect in demo.defects if defect.kind == kind]
    assert found, kind
    return found


def file_of(demo: DemoSummary, defect: Defect) -> Path:
    assert defect.file is not None
    return demo.home / "inbox" / defect.clinic_id / defect.month / defect.file


def mapping_of(registry: Registry, file: Path) -> ExportMapping:
    clinic = registry.clinics[file.parent.parent.name]
    return next(m for m in clinic.exports if file.match(m.file_pattern(file.parent.name)))


def records(file: Path, mapping: ExportMapping) -> dict[int, list[str]]:
    """Rows by the line on which they start, as an editor counts."""
    text = io.StringIO(file.read_bytes().decode(mapping.encoding), newline="")
    reader = csv.reader(text, delimiter=mapping.delimiter, strict=True)
    found, start = {}, 1
    for row in reader:
        found[start] = row
        start = reader.line_num + 1
    return found


def cell(demo: DemoSummary, registry: Registry, defect: Defect, column: str | None = None) -> str:
    """Return the spoilt cell by file, line and column alone."""
    file = file_of(demo, defect)
    rows = records(file, mapping_of(registry, file))
    name = column or defect.column
    assert defect.line is not None
    assert name is not None
    return rows[defect.line][rows[1].index(name)]


def test_the_truth_file_holds_parameters_counts_and_defects(
    demo: DemoSummary, world: World
) -> None:
    truth = json.loads((demo.home / "demo-truth.json").read_text(encoding="utf-8"))
    assert truth["seed"] == 2026
    assert truth["parameters"]["rater_alliance_d"]["value"] == 0.63
    assert sum(clinic["patients"] for clinic in truth["clinics"].values()) == 1500
    assert sum(len(therapists) for therapists in truth["therapists"].values()) == 90
    assert len(truth["defects"]) == len(demo.defects)
    forms = sum(clinic["forms"]["phq-9.patient"] for clinic in truth["clinics"].values())
    assert forms == len(world.responses["phq-9.patient"])


def test_every_planned_defect_is_in_the_list(demo: DemoSummary) -> None:
    done = Counter((d.clinic_id, d.month, d.kind) for d in demo.defects)
    twice = {d: 2 for d in PLANNED if d.kind == "conflicting_row"}
    wanted = Counter[tuple[str, str, str]]()
    for defect in PLANNED:
        wanted[defect.clinic_id, defect.month, defect.kind] += twice.get(defect, 1)
    assert done == wanted
    assert {d.kind for d in PLANNED} == {*SPOILERS, "nothing_sent"}
    assert {d.outcome for d in demo.defects} == OUTCOMES


def test_several_defects_are_in_the_latest_month(demo: DemoSummary) -> None:
    latest = Counter(d.outcome for d in demo.defects if d.month == "2026-02")
    assert latest["row_quarantined"] >= 8
    assert latest["file_refused"] == latest["nothing_sent"] == 1
    assert latest["duplicate"] >= 2


def test_only_three_clinic_months_cannot_pass(demo: DemoSummary) -> None:
    lost = {(d.clinic_id, d.month) for d in demo.defects
            if d.outcome in {"file_refused", "nothing_sent"}}  # fmt: skip
    assert lost == {
        ("koivulahti", "2026-02"), ("lindenkai", "2026-02"), ("ballycorran", "2025-06"),
    }  # fmt: skip


def test_a_quarantined_row_is_a_small_part_of_its_clinic_month(
    demo: DemoSummary, registry: Registry
) -> None:
    """No clinic-month loses more than a twentieth of its rows, so that it still can pass."""
    refused = Counter(
        (d.clinic_id, d.month) for d in demo.defects if d.outcome == "row_quarantined"
    )
    for (clinic_id, month), n_refused in refused.items():
        files = (demo.home / "inbox" / clinic_id / month).iterdir()
        n_rows = sum(len(records(file, mapping_of(registry, file))) - 1 for file in files)
        assert n_refused <= n_rows / 20


def test_answers_out_of_range_stand_where_the_list_says(
    demo: DemoSummary, registry: Registry
) -> None:
    for defect in of_kind(demo, "out_of_range"):
        assert cell(demo, registry, defect) in {"9", "AO09"}
        assert defect.rule == "ANSWER_ALLOWED"


def test_half_answers_are_written_with_the_clinics_decimal_mark(
    demo: DemoSummary, registry: Registry
) -> None:
    for defect in of_kind(demo, "not_whole"):
        decimal = mapping_of(registry, file_of(demo, defect)).decimal
        assert cell(demo, registry, defect) == f"2{decimal}5"


def test_dates_in_the_future_and_unreadable_ones_stand_where_the_list_says(
    demo: DemoSummary, registry: Registry
) -> None:
    assert all("2031" in cell(demo, registry, d) for d in of_kind(demo, "future_date"))
    assert all(cell(demo, registry, d) == "45900" for d in of_kind(demo, "unreadable_date"))


def test_unknown_therapists_are_not_in_the_registry(demo: DemoSummary, registry: Registry) -> None:
    for defect in of_kind(demo, "unknown_therapist"):
        therapists = registry.clinics[defect.clinic_id].therapists
        assert cell(demo, registry, defect) not in therapists


def test_a_row_without_a_patient_is_blank_there(demo: DemoSummary, registry: Registry) -> None:
    assert [cell(demo, registry, d) for d in of_kind(demo, "no_patient")] == [""]


def test_a_wrong_total_differs_from_its_items(demo: DemoSummary, registry: Registry) -> None:
    for defect in of_kind(demo, "wrong_total"):
        items = sum(int(cell(demo, registry, defect, f"PHQ_{n}")) for n in range(1, 10))
        assert cell(demo, registry, defect) != f"{items},0"


def test_a_wrong_clinics_row_names_another_clinic(demo: DemoSummary, registry: Registry) -> None:
    for defect in of_kind(demo, "wrong_clinic"):
        own = mapping_of(registry, file_of(demo, defect)).clinic
        assert cell(demo, registry, defect) not in own.values()


def test_a_short_row_lacks_three_fields(demo: DemoSummary, registry: Registry) -> None:
    for defect in of_kind(demo, "short_row"):
        file = file_of(demo, defect)
        rows = records(file, mapping_of(registry, file))
        widths = Counter(len(row) for row in rows.values())
        assert defect.line is not None
        assert len(rows[defect.line]) == len(rows[1]) - 3
        assert widths[len(rows[1]) - 3] == 1


def test_a_duplicate_row_stands_twice_in_its_file(demo: DemoSummary, registry: Registry) -> None:
    for defect in of_kind(demo, "duplicate_row"):
        file = file_of(demo, defect)
        rows = records(file, mapping_of(registry, file))
        assert defect.line is not None
        assert list(rows.values()).count(rows[defect.line]) == 2


def test_conflicting_rows_share_a_key_and_differ(demo: DemoSummary, registry: Registry) -> None:
    found = of_kind(demo, "conflicting_row")
    for first, second in zip(found[::2], found[1::2], strict=True):
        mapping = mapping_of(registry, file_of(demo, first))
        keys = (mapping.patient, mapping.session)
        rows = records(file_of(demo, first), mapping)
        assert [cell(demo, registry, first, k) for k in keys] == [
            cell(demo, registry, second, k) for k in keys
        ]
        assert first.line is not None
        assert second.line is not None
        assert rows[first.line] != rows[second.line]


def test_test_rows_carry_a_declared_mark(demo: DemoSummary, registry: Registry) -> None:
    for defect in of_kind(demo, "test_row"):
        declared = mapping_of(registry, file_of(demo, defect)).test_rows
        assert defect.column is not None
        assert cell(demo, registry, defect) in declared[defect.column]


def test_a_missing_column_is_in_no_header(demo: DemoSummary, registry: Registry) -> None:
    for defect in of_kind(demo, "missing_column"):
        file = file_of(demo, defect)
        mapping = mapping_of(registry, file)
        rows = records(file, mapping)
        assert defect.column not in rows[1]
        assert any(defect.column in form.columns(9) for form in mapping.forms)
        assert len({len(row) for row in rows.values()}) == 1


def test_copies_hold_the_same_rows_and_match_the_same_pattern(
    demo: DemoSummary, registry: Registry
) -> None:
    for kind, is_identical in (("re_export", False), ("same_bytes", True)):
        for defect in of_kind(demo, kind):
            copy = file_of(demo, defect)
            original = copy.with_name(copy.name.replace("-copy", ""))
            mapping = mapping_of(registry, copy)
            both = [records(file, mapping) for file in (original, copy)]
            assert sorted(both[0].values()) == sorted(both[1].values())
            assert (copy.read_bytes() == original.read_bytes()) is is_identical


def test_the_clinic_that_sends_nothing_has_no_folder_for_the_month(demo: DemoSummary) -> None:
    for defect in of_kind(demo, "nothing_sent"):
        inbox = demo.home / "inbox" / defect.clinic_id
        assert not (inbox / defect.month).exists()
        assert (inbox / "2026-01").is_dir()


def test_every_file_but_those_of_the_silent_clinic_is_there(
    demo: DemoSummary, registry: Registry
) -> None:
    months = [f"2025-{n:02d}" for n in range(1, 13)] + ["2026-01", "2026-02"]
    missing = [
        (clinic.id, month, mapping.id)
        for clinic in registry.clinics.values()
        for month in months
        for mapping in clinic.exports
        if not list((demo.home / "inbox" / clinic.source).glob(mapping.file_pattern(month)))
    ]
    assert missing == [("lindenkai", "2026-02", "redcap")]
