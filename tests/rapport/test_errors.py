"""Errors for people: every fault at once, also across processes."""

import pickle

import pytest

from rapport.errors import ExportRefusedError, Fault, RapportError

FAULTS = (
    Fault("FIELD_COUNT", "A row is short.", "Export again.", "a.csv", 7, "q3"),
    Fault("NO_ROWS", "There are no rows.", "Export again."),
)


@pytest.mark.parametrize("kind", [RapportError, ExportRefusedError])
def test_another_process_is_told_the_same_faults(kind: type[RapportError]) -> None:
    sent = kind(FAULTS)
    received = pickle.loads(pickle.dumps(sent))  # noqa: S301 - what the line above wrote
    assert type(received) is kind
    assert received.faults == FAULTS
    assert str(received) == str(sent)
