"""Rapport's own readers find in the demo world what its truth says, and nothing else."""

from collections.abc import Iterator

import pandas as pd
import pytest

from rapport.clinics import load_registry
from rapport.exports import concat_rows, read_export
from rapport.exports.facts import FACT, FACTS, add_facts
from rapport.instruments import load_catalogue
from rapport.simulation import DemoSummary, World
from rapport.simulation.forms import FORMS
from rapport.sources import Delivery

NOT_OWN_ROWS = {"missing_column", "wrong_clinic", "nothing_sent", "re_export", "same_bytes"}
ITEMS = {
    f"{form.key}.{item:02d}": {str(answer) for answer in range(form.low, form.high + 1)}
    for form in FORMS
    for item in range(1, form.n_items + 1)
}
MONTHS = [f"2025-{n:02d}" for n in range(1, 13)] + ["2026-01", "2026-02"]


def deliveries(demo: DemoSummary) -> Iterator[Delivery]:
    """Yield every file, a copy after what it copies."""
    for clinic in load_registry(demo.home / "clinics.yaml").clinics.values():
        for month in MONTHS:
            for mapping in clinic.exports:
                folder = demo.home / "inbox" / clinic.source
                files = sorted(folder.glob(mapping.file_pattern(month)), key=lambda f: len(f.name))
                for file in files:
                    yield Delivery(clinic.id, month, mapping.id, file.name, file.read_bytes())


@pytest.fixture(scope="module")
def rows(demo: DemoSummary) -> pd.DataFrame:
    """Every row of every file that is not refused, with its facts."""
    registry, catalogue = load_registry(demo.home / "clinics.yaml"), load_catalogue()
    readings = []
    for delivery in deliveries(demo):
        clinic = registry.clinic(delivery.clinic_id)
        mapping = next(m for m in clinic.exports if m.id == delivery.export_id)
        reading = read_export(delivery, mapping=mapping, clinic=clinic, catalogue=catalogue)
        refusing = {f.rule for f in reading.faults}
        readings.append(reading)
        assert refusing == {
            d.rule
            for d in demo.defects
            if (d.clinic_id, d.month, d.file) == (clinic.id, delivery.month, delivery.file)
            and d.outcome == "file_refused"
        }
    return add_facts(concat_rows(readings), clinics=registry.clinics, catalogue=catalogue)


def broken_rules(rows: pd.DataFrame) -> set[tuple[str, str, str, int, str]]:
    current = rows[(rows["kind"] != "test") & (rows["standing"] == "current")]
    found = set()
    for rule, broken in {
        **{name.upper(): current[FACT + name] == "no" for name in FACTS},
        "ANSWER_ALLOWED": _beyond(current),
    }.items():
        at = current.loc[broken, ["clinic_id", "month", "file", "line"]]
        found |= {(*place, rule) for place in at.itertuples(index=False, name=None)}
    return found


def _beyond(rows: pd.DataFrame) -> "pd.Series[bool]":
    beyond = pd.Series(data=False, index=rows.index)
    for column, allowed in ITEMS.items():
        beyond |= rows[column].notna() & ~rows[column].isin(allowed)
    return beyond


def test_the_rows_that_break_a_rule_are_those_declared(
    demo: DemoSummary, rows: pd.DataFrame
) -> None:
    declared = {
        (d.clinic_id, d.month, d.file, d.line, rule)
        for d in demo.defects
        if d.outcome == "row_quarantined"
        for rule in (d.rule, *d.also)
    }
    assert broken_rules(rows) == declared


def test_test_rows_and_repeated_rows_are_those_declared(
    demo: DemoSummary, rows: pd.DataFrame
) -> None:
    found = {
        (outcome, r.clinic_id, r.month, r.file, r.line)
        for outcome, part in (
            ("test_row", rows[rows["kind"] == "test"]),
            ("duplicate", rows[rows["standing"] == "repeated"]),
        )
        for r in part.itertuples()
        if "-copy" not in str(r.file)
    }
    assert found == {
        (d.outcome, d.clinic_id, d.month, d.file, d.line)
        for d in demo.defects
        if d.outcome in {"test_row", "duplicate"} and d.kind not in NOT_OWN_ROWS
    }


def test_every_row_of_a_copy_is_a_repetition(rows: pd.DataFrame) -> None:
    copies = rows[rows["file"].str.contains("-copy")]
    assert len(copies) > 300
    assert set(copies["standing"]) == {"repeated"}


def test_all_sessions_but_the_declared_losses_arrive(
    demo: DemoSummary, world: World, rows: pd.DataFrame
) -> None:
    """Sessions are lost where a row was spoilt, a file refused, or nothing sent: under 2 %."""
    is_kept = (rows["kind"] == "session") & (rows["standing"] == "current")
    keys = ["clinic_id", "patient", "session"]
    arrived = rows.loc[is_kept, keys].drop_duplicates()
    true = world.sessions.rename(columns={"patient_id": "patient"})[keys].astype(str)
    both = arrived.merge(true, on=keys, how="inner", validate="1:1")
    assert len(both) > 0.98 * len(true)
    assert len(arrived) - len(both) <= sum(d.kind == "no_patient" for d in demo.defects)
