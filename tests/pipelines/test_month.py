"""A month through the graph: taken in, closed, published; stopped where it must be."""

import dagster as dg
import pandas as pd

from rapport.home import Home
from rapport.warehouse import tables
from tests.pipelines.conftest import MONTH, Runner, a_row, deliver, sound_rows

KEY = f"north|{MONTH}"


def verdict(home: Home, clinic: str = "north") -> str:
    newest = home.warehouse.newest_verdicts([MONTH]).set_index("clinic_id")
    return str(newest.verdict[clinic])


def counted(home: Home, table: object, **where: str) -> int:
    return len(home.warehouse.read(table, **where))  # type: ignore[arg-type]


def test_a_sound_clinic_month_is_taken_in_whole(runner: Runner, home: Home) -> None:
    deliver(home, "north", sound_rows("north"))
    assert runner.job("collect", KEY).success
    assert verdict(home) == "passed"
    assert counted(home, tables.sessions) == 48
    assert counted(home, tables.survey_responses) == 48 * 4
    assert counted(home, tables.quarantine) == 0
    totals = home.warehouse.read(tables.scale_scores, instrument="phq-9", scale="total")
    assert sorted(totals.score.unique()) == [0, 9, 18]


def test_a_second_run_changes_nothing(runner: Runner, home: Home) -> None:
    deliver(home, "north", sound_rows("north"))
    watched = [*tables.CLINIC_MONTH_SLICES, *tables.CHAINED]
    runner.job("collect", KEY)
    before = {t.name: home.warehouse.read(t) for t in watched}
    runner.job("collect", KEY)
    for table in watched:
        pd.testing.assert_frame_equal(home.warehouse.read(table), before[table.name])


def test_a_broken_clinic_month_is_a_data_outcome_and_not_an_exception(
    runner: Runner, home: Home
) -> None:
    deliver(home, "north", [a_row("north", 1, 1, phq3="7"), a_row("north", 2, 1)])
    result = runner.job("collect", KEY)
    assert result.success
    assert verdict(home) == "failed"
    refused = home.warehouse.read(tables.quarantine)
    assert refused[["line", "column", "rule"]].values.tolist() == [[2, "phq3", "ANSWER_ALLOWED"]]
    evaluations = {e.check_name: e for e in result.get_asset_check_evaluations()}
    assert not evaluations["responses_pass"].passed
    assert evaluations["responses_pass"].partition == KEY
    assert evaluations["rows_are_conserved"].passed


def test_a_downstream_asset_run_alone_is_refused_what_did_not_pass(
    runner: Runner, home: Home
) -> None:
    deliver(home, "north", [a_row("north", 1, 1, phq3="7"), a_row("north", 2, 1)])
    runner.job("collect", KEY)
    assert counted(home, tables.survey_responses) > 0
    assert runner.assets("scale_scores", key=KEY).success
    assert counted(home, tables.scale_scores) == 0


def test_a_month_that_fails_after_it_passed_takes_its_scores_along(
    runner: Runner, home: Home
) -> None:
    deliver(home, "north", sound_rows("north"))
    runner.job("collect", KEY)
    assert counted(home, tables.scale_scores) > 0
    deliver(home, "north", sound_rows("south"), name=f"sessions_{MONTH}_b.csv")
    runner.job("collect", KEY)
    assert verdict(home) == "failed"
    assert counted(home, tables.scale_scores) == 0


def test_one_clinics_bad_file_does_not_stop_another(runner: Runner, home: Home) -> None:
    deliver(home, "north", sound_rows("south"))
    deliver(home, "south", sound_rows("south"))
    tags = {
        "dagster/asset_partition_range_start": f"north|{MONTH}",
        "dagster/asset_partition_range_end": f"south|{MONTH}",
    }
    assert runner.job("collect", "", **tags).success
    assert (verdict(home), verdict(home, "south")) == ("failed", "passed")
    assert set(home.warehouse.read(tables.scale_scores).clinic_id) == {"south"}


def told_of(instance: dg.DagsterInstance, partition: str) -> list[str]:
    """Return what the check of responses said of one partition, newest first."""
    key = dg.AssetCheckKey(dg.AssetKey("survey_responses"), "responses_pass")
    history = instance.event_log_storage.get_asset_check_execution_history(key, limit=20)
    return [record.status.value for record in history if record.partition == partition]


def test_a_run_over_many_clinics_tells_which_clinic_failed_and_when_it_recovered(
    runner: Runner, home: Home
) -> None:
    deliver(home, "north", sound_rows("south"))
    deliver(home, "south", sound_rows("south"))
    tags = {
        "dagster/asset_partition_range_start": f"north|{MONTH}",
        "dagster/asset_partition_range_end": f"south|{MONTH}",
    }
    runner.job("collect", "", **tags)
    assert told_of(runner.instance, f"north|{MONTH}") == ["FAILED"]
    deliver(home, "north", sound_rows("north"))
    runner.job("collect", "", **tags)
    assert told_of(runner.instance, f"north|{MONTH}") == ["SUCCEEDED", "FAILED"]


def test_rows_of_another_clinic_refuse_the_whole_file(runner: Runner, home: Home) -> None:
    rows = [*sound_rows("north"), a_row("south", 1, 1)]
    deliver(home, "north", rows)
    runner.job("collect", KEY)
    reading = home.warehouse.read(tables.export_readings).iloc[0]
    assert reading.refusal_rule == "WRONG_CLINIC"
    assert (reading.rows_received, reading.rows_quarantined) == (len(rows), len(rows))
    assert counted(home, tables.survey_responses) == 0


def test_a_clinic_that_sent_nothing_has_no_verdict_to_pass(runner: Runner, home: Home) -> None:
    runner.job("collect", KEY)
    assert verdict(home) == "not_applicable"


def test_the_close_reads_only_what_passed(closed: Runner, home: Home) -> None:
    assert set(home.warehouse.read(tables.clinic_aggregates).clinic_id) == {"north"}
    assert set(home.warehouse.read(tables.treatment_outcomes).clinic_id) == {"north"}


def test_the_close_counts_outcomes_as_the_nhs_defines_them(closed: Runner, home: Home) -> None:
    outcomes = home.warehouse.read(tables.treatment_outcomes)
    # Every patient: PHQ-9 18 → 0, GAD-7 14 → 0 over four attended sessions.
    assert len(outcomes) == 12
    for flag in ("is_finished", "is_paired", "is_recovered", "is_reliably_recovered"):
        assert outcomes[flag].all(), flag
    assert not outcomes.is_reliably_deteriorated.any()


def test_a_passed_clinic_gets_a_report_and_a_failed_one_a_notice(
    closed: Runner, home: Home
) -> None:
    for clinic in ("north", "south"):
        closed.job("publish", f"{clinic}|{MONTH}")
    editions = home.warehouse.read(tables.editions).set_index("clinic_id")
    assert editions.kind.to_dict() == {"north": "report", "south": "notice"}
    assert editions.pages["south"] == 1
    assert 6 <= editions.pages["north"] <= 12
    for row in editions.itertuples():
        assert (home.reports / row.path).read_bytes().startswith(b"%PDF-")


def test_publishing_again_files_nothing_new(closed: Runner, home: Home) -> None:
    closed.job("publish", KEY)
    closed.job("publish", KEY)
    assert counted(home, tables.editions) == 1
    assert counted(home, tables.deliveries) == 1


def test_corrected_data_make_a_second_edition_and_keep_the_first(
    closed: Runner, home: Home
) -> None:
    closed.job("publish", KEY)
    first = home.warehouse.read(tables.editions).iloc[0]
    bytes_before = (home.reports / first.path).read_bytes()
    deliver(home, "north", [a_row("north", 1, 2, wai1="1")], name=f"sessions_{MONTH}_more.csv")
    for job, key in (("collect", KEY), ("close", MONTH), ("publish", KEY)):
        closed.job(job, key)
    editions = home.warehouse.read(tables.editions)
    assert editions.edition.tolist() == [1, 2]
    assert (home.reports / first.path).read_bytes() == bytes_before
    reading = home.warehouse.read(tables.export_readings)
    assert reading.rows_superseded.sum() == 1


def test_each_recipient_is_handed_each_edition_once(closed: Runner, home: Home) -> None:
    closed.job("publish", KEY)
    delivered = home.warehouse.read(tables.deliveries)
    assert delivered.recipient.tolist() == ["manager@north.example.org"]
    handed = list((home.outbox / "north").iterdir())
    assert len(handed) == 1
    assert list(home.outbox.iterdir()) == [home.outbox / "north"]


def test_the_dossier_names_every_file_verdict_and_edition(closed: Runner, home: Home) -> None:
    closed.job("publish", KEY)
    closed.job("document", MONTH)
    page = (home.dossiers / MONTH / "dossier.html").read_text()
    for sha in home.warehouse.read(tables.exports).content_sha256:
        assert sha in page
    for sha in home.warehouse.read(tables.editions).pdf_sha256:
        assert sha in page
    assert "WRONG_CLINIC" in page


def test_a_run_over_many_clinics_can_be_run_again(runner: Runner, home: Home) -> None:
    deliver(home, "north", sound_rows("north"))
    tags = {
        "dagster/asset_partition_range_start": f"north|{MONTH}",
        "dagster/asset_partition_range_end": f"south|{MONTH}",
    }
    assert runner.job("collect", "", **tags).success
    assert runner.job("collect", "", **tags).success
