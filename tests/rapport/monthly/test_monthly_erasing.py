"""The right to erasure (I73): a patient goes from everywhere, does not come back, and it shows."""

from pathlib import Path

import pytest

from expectations.catalogue import rules_sha256
from expectations.intake import take_in as read_again
from expectations.taking_in import take_in_and_record
from rapport.errors import EvidenceError, RapportError
from rapport.evidence.chain import verify_chain
from rapport.evidence.erasures import KEY_FILE, key_of
from rapport.evidence.verify import verify_home
from rapport.home import Home
from rapport.monthly import ClinicMonth
from rapport.monthly.erasing import Request, erase
from rapport.monthly.footprint import Footprint, footprint_of
from rapport.monthly.history.rebuilding import Rebuilt, rebuild
from rapport.warehouse import tables
from tests.rapport.monthly.small_home import (
    MONTH,
    Clock,
    Row,
    a_row,
    clinic,
    close,
    mapping,
    publish,
    register,
    rows_of,
    set_clock,
    take_in,
    upload,
    verdict,
)

CANARY = "KANAREK-77"
FILE = f"sessions_{MONTH}.csv"
NEXT = "2025-03"


def his(*sessions: int, month: str = MONTH, **more: str) -> list[Row]:
    own = {"pid": CANARY, **more}
    return [{**a_row(7, one, month=month), **own} for one in sessions or (1, 2)]


def request(**changes: str) -> Request:
    told = {"clinic_id": "alpha", "patient": CANARY, "reason": "letter of 3 March"}
    return Request(**{**told, "requested_by": "Dr Alder", **changes})


def erased(home: Home, **changes: str) -> Footprint:
    return erase(home, request(**changes), take_in_and_record)


def faults(home: Home) -> list[str]:
    roots = (home.landing.root, home.reports, home.dossiers)
    return [fault.rule for fault in verify_home(home.warehouse, *roots)]


def holding(home: Home, text: str = CANARY) -> list[str]:
    """Return the files below the home, but the clinic's own folder, in which a text stands."""
    files = [one for one in home.root.rglob("*") if one.is_file()]
    own = [one for one in files if not one.is_relative_to(home.inbox)]
    return [str(one.relative_to(home.root)) for one in own if text.encode() in one.read_bytes()]


def rows_in_tables(home: Home) -> int:
    named = (tables.sessions, tables.survey_responses, tables.scale_scores,
             tables.treatment_outcomes, tables.measure_changes)  # fmt: skip
    return sum(len(home.warehouse.read(table, patient_id=CANARY)) for table in named)


@pytest.fixture
def published(home: Home) -> Home:
    upload(home, FILE, [*rows_of(30), *his(1), *his(2, end="1")])
    take_in(home)
    close(home)
    publish(home)
    return home


def test_a_look_changes_nothing_and_counts_everything(published: Home) -> None:
    files = [one for one in published.root.rglob("*") if one.is_file()]
    before = {one: one.read_bytes() for one in files if one.suffix != ".db-shm"}
    found = footprint_of(published, "alpha", CANARY)
    assert (len(found.copies), found.n_file_rows) == (1, 2)
    assert found.slices == (ClinicMonth("alpha", MONTH),)
    assert found.rows == {
        "sessions": 2, "survey_responses": 2, "scale_scores": 2,
        "treatment_outcomes": 1, "measure_changes": 1,
    }  # fmt: skip
    assert found.inbox == (f"alpha/{FILE}",)
    assert {one: one.read_bytes() for one in before} == before
    assert not (published.root / KEY_FILE).exists()


def test_nothing_of_the_patient_is_left_in_any_byte(published: Home) -> None:
    assert holding(published)
    erased(published)
    assert holding(published) == []
    assert rows_in_tables(published) == 0


def test_everybody_else_stays_as_it_was(published: Home) -> None:
    before = published.warehouse.read(tables.scale_scores)
    erased(published)
    after = published.warehouse.read(tables.scale_scores)
    left = before[before.patient_id != CANARY].reset_index(drop=True)
    assert after.equals(left)


def test_the_chain_and_all_hashes_still_verify(published: Home) -> None:
    erased(published)
    assert faults(published) == []


def test_the_ledger_says_who_asked_and_why_and_not_of_whom(published: Home) -> None:
    erased(published, approved_by="Dr Birch")
    (entry,) = published.warehouse.read(tables.erasures).to_dict("records")
    key = key_of(published.root)
    assert key is not None
    assert entry["patient_hmac"] == key.hmac_of("alpha", CANARY)
    assert (entry["requested_by"], entry["approved_by"]) == ("Dr Alder", "Dr Birch")
    assert (entry["n_files"], entry["n_rows"], entry["n_months"]) == (1, 2, 1)
    assert (published.root / KEY_FILE).stat().st_mode & 0o077 == 0


def test_the_ledger_links_the_file_to_its_copy(published: Home) -> None:
    received = published.warehouse.read(tables.exports).content_sha256.item()
    erased(published)
    (link,) = published.warehouse.read(tables.redactions).to_dict("records")
    assert (link["from_sha256"], link["n_rows"]) == (received, 2)
    assert not published.landing.place_of(received).exists()
    assert published.landing.place_of(link["to_sha256"]).exists()
    assert published.warehouse.read(tables.exports).content_sha256.item() == received


def test_closed_months_become_stale_and_a_new_edition_says_so(published: Home) -> None:
    erased(published)
    close(published)
    assert publish(published).edition == 2
    assert (published.reports / f"{MONTH}/alpha_{MONTH}_edition-1.pdf").exists()


def test_the_file_that_still_lies_in_the_folder_brings_nobody_back(published: Home) -> None:
    erased(published)
    assert take_in(published) == "passed"
    assert (holding(published), rows_in_tables(published), faults(published)) == ([], 0, [])


def test_a_re_export_brings_nobody_back_and_it_is_told(published: Home) -> None:
    erased(published)
    upload(published, f"sessions_{MONTH}_b.csv", [*rows_of(31), *his(1, 2)])
    assert take_in(published) == "passed"
    assert (holding(published), rows_in_tables(published), faults(published)) == ([], 0, [])
    newest = published.warehouse.newest_verdicts([MONTH]).iloc[0]
    assert "ERASED" in newest.broken_rules.split(",")
    assert newest.rows_received == 60 + 62
    assert newest.rows_quarantined == 0


def test_a_cumulative_export_of_a_later_month_brings_nobody_back(home: Home, clock: Clock) -> None:
    home = register(home, clinic(export=mapping(cumulative=True)))
    set_clock(home, clock)
    upload(home, FILE, [*rows_of(12), *his()])
    take_in(home)
    erased(home)
    upload(home, f"sessions_{NEXT}.csv", [*rows_of(12), *his(), *rows_of(12, month=NEXT),
                                           *his(month=NEXT)])  # fmt: skip
    take_in(home, MONTH, NEXT)
    assert (holding(home), rows_in_tables(home), faults(home)) == ([], 0, [])
    assert len(home.warehouse.read(tables.sessions)) == 48


def test_a_second_patient_is_erased_from_the_copy(published: Home) -> None:
    erased(published)
    erased(published, patient="P003")
    assert (holding(published), holding(published, "P003")) == ([], [])
    assert published.warehouse.read(tables.redactions).n_rows.tolist() == [2, 4]
    assert len(list(published.landing.root.glob("*/*"))) == 2  # copy, registry entry
    assert faults(published) == []


def test_erasing_again_finds_nothing_and_records_nothing(published: Home) -> None:
    erased(published)
    again = erased(published)
    assert again.is_empty
    assert again.erased_on is not None
    assert len(published.warehouse.read(tables.erasures)) == 1


def test_whoever_was_interrupted_erases_again_and_finds_the_rest(published: Home) -> None:
    def interrupted(home: Home, slices: object) -> object:
        raise KeyboardInterrupt

    received = published.warehouse.read(tables.exports).content_sha256.item()
    content = published.landing.open_bytes(received)
    with pytest.raises(KeyboardInterrupt):
        erase(published, request(), interrupted)
    published.landing.keep(content)  # as if it had not come to the bytes
    assert "ERASED_BYTES_PRESENT" in faults(published)
    assert not erased(published).is_empty
    assert take_in(published) == "passed"
    assert (holding(published), faults(published)) == ([], [])


def test_a_file_that_was_refused_is_kept_only_as_its_refusal(home: Home) -> None:
    upload(home, FILE, "id,x\n" + f"{CANARY},1\n")
    upload(home, f"sessions_{MONTH}_b.csv", [*rows_of(12), *his()])
    take_in(home)
    before = home.warehouse.read(tables.export_readings)
    found = erased(home)
    assert sum(copy.is_refusal for copy in found.copies.values()) == 1
    assert (holding(home), faults(home)) == ([], [])
    after = home.warehouse.read(tables.export_readings)
    assert after.refusal_rule.tolist() == before.refusal_rule.tolist()


def test_a_month_of_nobody_else_passes_no_longer(home: Home) -> None:
    upload(home, FILE, his(1, 2, 3))
    assert take_in(home) == "passed"
    erased(home)
    assert verdict(home, ClinicMonth("alpha", MONTH)) == "failed"


def test_without_the_key_nothing_is_collected(published: Home) -> None:
    erased(published)
    (published.root / KEY_FILE).unlink()
    with pytest.raises(EvidenceError, match="ERASURE_KEY"):
        take_in(published)


@pytest.mark.parametrize("written", ["", "no key", "00" * 32])
def test_another_key_is_noticed(published: Home, written: str) -> None:
    erased(published)
    (published.root / KEY_FILE).write_text(written)
    with pytest.raises(EvidenceError, match="ERASURE_KEY"):
        footprint_of(published, "alpha", CANARY)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"patient": "kanarek-77"}, "PATIENT_UNKNOWN"),
        ({"reason": " "}, "ERASURE_UNSIGNED"),
        ({"requested_by": ""}, "ERASURE_UNSIGNED"),
        ({"approved_by": "Dr Alder"}, "ERASURE_UNSIGNED"),
        ({"reason": f"wish of {CANARY}"}, "ERASURE_NAMES_PATIENT"),
        ({"clinic_id": "beta"}, "UNKNOWN_CLINIC"),
    ],
)
def test_a_request_that_cannot_be_met_changes_nothing(
    published: Home, changes: dict[str, str], rule: str
) -> None:
    with pytest.raises(RapportError, match=rule):
        erased(published, **changes)
    assert published.warehouse.read(tables.erasures).empty
    assert holding(published)


def test_a_patient_of_two_clinics_is_erased_at_each(home: Home, clock: Clock) -> None:
    moved = [{"patient": CANARY, "from_clinic": "alpha"}]
    both = [
        clinic("alpha", patient_id_scheme="town"),
        clinic("beta", patient_id_scheme="town", transfers=moved),
    ]
    home = register(home, *both)
    set_clock(home, clock)
    upload(home, FILE, [*rows_of(12), *his(1)])
    upload(home, FILE, [{**one, "pid": "B" + one["pid"]} for one in rows_of(12)] + his(2),
           of="beta")  # fmt: skip
    take_in(home, of="alpha")
    take_in(home, of="beta")
    assert footprint_of(home, "alpha", CANARY).elsewhere == ("beta",)
    with pytest.raises(RapportError, match="REGISTRY_NAMES_PATIENT"):
        erased(home)
    home = register(home, both[0], clinic("beta", patient_id_scheme="town"))
    set_clock(home, clock)
    for one in ("alpha", "beta"):
        erased(home, clinic_id=one)
    (home.root / "clinics.yaml").touch()
    assert (holding(home), rows_in_tables(home), faults(home)) == ([], 0, [])


def again(home: Home, moment: str) -> Rebuilt:
    found = rebuild(
        home,
        ClinicMonth("alpha", MONTH),
        moment,
        take_in=lambda files, registry, one: read_again(
            files, registry=registry, catalogue=home.catalogue, expected=[one]
        ),
        rules_sha256=rules_sha256(home.catalogue),
    )
    assert found is not None
    return found


def test_what_was_known_then_is_said_to_be_no_longer_reproducible(
    published: Home, clock: Clock
) -> None:
    early = published.warehouse.read(tables.editions).recorded_at.item()
    clock.now = clock.now.replace(day=20)
    erased(published)
    then = again(published, early)
    assert (then.matches, then.is_reproducible, then.erased_on) == (False, False, "2025-03-20")
    today = again(published, "2025-03-31T00:00:00.000000Z")
    assert (today.matches, today.is_reproducible) == (True, True)


def test_the_database_is_written_anew(published: Home) -> None:
    erased(published)
    with published.warehouse.engine.connect() as connection:
        free = connection.exec_driver_sql("pragma freelist_count").scalar_one()
    assert free == 0
    assert verify_chain(published.warehouse) == []


def test_a_clinic_without_erasures_needs_no_key(home: Home, tmp_path: Path) -> None:
    upload(home, FILE, rows_of(3))
    take_in(home)
    assert key_of(home.root) is None
