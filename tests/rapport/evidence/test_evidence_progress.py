"""The grid of ``rapport status``: how far each clinic-month has come."""

import pytest

from rapport.evidence.progress import known_months, progress
from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import deliveries, editions, exports, verdicts

COUNTS = ("received", "accepted", "quarantined", "superseded", "duplicate", "test")
PLACE = {"clinic_id": "north", "month": "2026-01"}


class History:
    """Writes what happens to one clinic-month."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse

    def received(self, content: str = "a") -> None:
        self.warehouse.append(
            exports,
            [{**PLACE, "export_id": "phq", "content_sha256": content, "received_name": "n",
              "size_bytes": 1}],
        )  # fmt: skip

    def judged(self, verdict: str) -> None:
        self.warehouse.append(
            verdicts,
            [{**PLACE, "verdict": verdict, **{f"rows_{name}": 0 for name in COUNTS},
              "rules_asked": 1, "rules_broken": 0, "broken_rules": "[]", "result_json": "{}",
              "inputs_sha256": "a", "rules_sha256": "b", "registry_sha256": "c",
              "code_version": "0.1.0"}],
        )  # fmt: skip

    def filed(self, edition: int, kind: str) -> None:
        self.warehouse.append(
            editions,
            [{**PLACE, "edition": edition, "kind": kind, "pdf_sha256": "p", "pdf_bytes": 1,
              "pages": 1, "path": "p", "facts_sha256": "f", "inputs_json": "{}",
              "code_version": "0.1.0"}],
        )  # fmt: skip

    def sent(self, edition: int, recipient: str, state: str = "handed_over") -> None:
        self.warehouse.append(
            deliveries,
            [{**PLACE, "edition": edition, "recipient": recipient, "channel": "outbox",
              "state": state, "pdf_sha256": "p"}],
        )  # fmt: skip

    @property
    def state(self) -> str:
        (one,) = progress(self.warehouse, {"north": "2025-01"}, ["2026-01"])
        return one.state


@pytest.fixture
def history(warehouse: Warehouse) -> History:
    return History(warehouse)


def test_a_clinic_month_comes_from_awaited_to_delivered(history: History) -> None:
    states = [history.state]
    for step in (
        history.received,
        lambda: history.judged("passed"),
        lambda: history.filed(1, "report"),
        lambda: history.sent(1, "a@example.org"),
    ):
        step()
        states.append(history.state)
    assert states == ["awaited", "received", "validated", "reported", "delivered"]


@pytest.mark.parametrize("verdict", ["failed", "error"])
def test_a_refused_month_stays_refused_also_with_a_delivered_notice(
    history: History, verdict: str
) -> None:
    history.received()
    history.judged(verdict)
    history.filed(1, "notice")
    history.sent(1, "a@example.org")
    assert history.state == "refused"


def test_a_clinic_that_sent_nothing_stays_awaited_also_with_a_delivered_notice(
    history: History,
) -> None:
    history.judged("not_applicable")
    history.filed(1, "notice")
    history.sent(1, "a@example.org")
    assert history.state == "awaited"


def test_a_correction_that_fails_takes_the_month_back_to_refused(history: History) -> None:
    history.received()
    history.judged("passed")
    history.filed(1, "report")
    history.judged("failed")
    assert history.state == "refused"


def test_a_new_edition_is_not_delivered_because_the_old_one_was(history: History) -> None:
    history.judged("passed")
    history.filed(1, "report")
    history.sent(1, "a@example.org")
    history.filed(2, "report")
    assert history.state == "reported"


def test_a_delivery_that_was_not_completed_does_not_count(history: History) -> None:
    history.judged("passed")
    history.filed(1, "report")
    history.sent(1, "a@example.org", state="failed")
    assert history.state == "reported"


def test_a_recipient_counts_once(history: History) -> None:
    history.judged("passed")
    history.filed(1, "report")
    for recipient, state in (("a", "handed_over"), ("a", "delivered"), ("b", "handed_over")):
        history.sent(1, recipient, state)
    (one,) = progress(history.warehouse, {"north": "2025-01"}, ["2026-01"])
    assert (one.delivered, one.edition, one.kind, one.files) == (2, 1, "report", 0)


def test_a_month_before_the_clinics_first_is_not_awaited(warehouse: Warehouse) -> None:
    grid = progress(warehouse, {"north": "2026-02", "south": "2026-01"}, ["2026-02", "2026-01"])
    assert [(one.clinic_id, one.month) for one in grid] == [
        ("north", "2026-02"),
        ("south", "2026-01"),
        ("south", "2026-02"),
    ]


def test_what_arrives_before_the_first_month_is_shown(history: History) -> None:
    history.received()
    (one,) = progress(history.warehouse, {"north": "2026-02"}, ["2026-01"])
    assert (one.state, one.files) == ("received", 1)


def test_known_months_are_those_of_which_the_ledger_says_something(history: History) -> None:
    assert known_months(history.warehouse) == []
    history.received()
    assert known_months(history.warehouse) == ["2026-01"]
