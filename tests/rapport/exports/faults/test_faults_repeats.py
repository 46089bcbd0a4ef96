"""The same said twice, otherwise, later, and in several files (I64 to I70)."""

import gzip
from typing import Any

import pytest

from tests.rapport.exports.faults.door import (
    GOOD,
    GOOD_2,
    HEAD,
    Outcome,
    case,
    good,
    lines,
    refused,
    rows,
    sheet,
    through_the_door,
)

FILE = sheet(GOOD, GOOD_2)
OTHER = GOOD[:-1] + "3"
"""The first good row with another last answer."""

KEY = "patient, session"
DISPUTED = [
    (line, rule, place)
    for line in (2, 3)
    for rule, place in (("KEY_UNIQUE", KEY), ("SESSION_CONSISTENT", "session"))
]
EPISODES: dict[str, Any] = {"episode": "ep"}
MODES: dict[str, Any] = {
    "mode": {"column": "mode", "codes": {"v": "video", "p": "in_person"}},
    "attendance": {"column": "att", "codes": {"1": "attended", "0": "missed"}},
}


def more(names: str, *endings: str) -> bytes:
    """Good rows of several patients, with columns added."""
    texts = [f"{good(patient=f'p{n}')},{ending}" for n, ending in enumerate(endings)]
    return lines(f"{HEAD},{names}", *texts)


CASES = {
    # One file
    "I67 a row twice": case(sheet(GOOD, GOOD), rows(1, duplicate=1)),
    "I67 a row three times": case(sheet(GOOD, GOOD_2, GOOD, GOOD), rows(2, duplicate=2)),
    "I67 a row twice, its session written otherwise": case(
        sheet(GOOD, good(session="01")), rows(1, duplicate=1)),
    "I67 a row twice, one answer written otherwise": case(
        sheet(GOOD, good(g2="1.0")), rows(1, duplicate=1)),
    "I68 two rows that contradict each other": case(
        sheet(GOOD, OTHER), rows(0, (2, "KEY_UNIQUE", KEY), (3, "KEY_UNIQUE", KEY))),
    "I68 two alike and one that contradicts them": case(
        sheet(GOOD, GOOD, OTHER),
        rows(0, (2, "KEY_UNIQUE", KEY), (4, "KEY_UNIQUE", KEY), duplicate=1)),
    "I68 two therapists for one session": case(
        sheet(GOOD, good(therapist="T2")), rows(0, *DISPUTED)),
    "a bad row twice": case(
        sheet(good(g1="9"), good(g1="9")), rows(0, (2, "ANSWER_ALLOWED", "g1"), duplicate=1)),
    "two sessions on one day": case(sheet(GOOD, good(session="2")), rows(2)),
    "a session number that starts again in the next episode": case(
        more("ep", "1", "2").replace(b"p1,", b"p0,"), rows(2), **EPISODES),
    "I61 a session number that starts again in one episode": case(
        sheet(GOOD, good(date="2026-02-10")), rows(0, *DISPUTED)),
    "an episode of 65 signs": case(
        more("ep", "x" * 65), rows(0, (2, "EPISODE_SHORT", "ep")), **EPISODES),
    "codes for mode and attendance": case(more("mode,att", "v,1", "p,1"), rows(2), **MODES),
    "a mode that is not declared": case(
        more("mode,att", "w,1", "p,1"), rows(1, (2, "MODE_KNOWN", "mode")), **MODES),
    "a mode in Rapport's own word": case(
        more("mode,att", "video,1"), rows(0, (2, "MODE_KNOWN", "mode")), **MODES),
    "a mode in capitals": case(
        more("mode,att", "V,1"), rows(0, (2, "MODE_KNOWN", "mode")), **MODES),
    "an attendance that is not declared": case(
        more("mode,att", "v,2"), rows(0, (2, "ATTENDANCE_KNOWN", "att")), **MODES),
    "answers to a session that was missed": case(
        more("mode,att", "v,0"), rows(0, (2, "SESSION_ATTENDED", "att")), **MODES),
    # Several files
    "I64 the same file twice": case((FILE, FILE), rows(2)),
    "I66 the same rows in another order": case(
        (FILE, sheet(GOOD_2, GOOD)), rows(2, duplicate=2)),
    "I66 the same rows with other line ends": case(
        (FILE, sheet(GOOD, GOOD_2, end="\r\n")), rows(2, duplicate=2)),
    "I66 the same rows behind a mark": case(
        (FILE, b"\xef\xbb\xbf" + FILE), rows(2, duplicate=2)),
    "I66 the same rows, packed": case((FILE, gzip.compress(FILE)), rows(2, duplicate=2)),
    "I66 the same rows, quoted": case(
        (FILE, sheet(GOOD.replace("p1", '"p1"'), GOOD_2)), rows(2, duplicate=2)),
    "I66 the same rows with one more column": case(
        (sheet(GOOD), lines(HEAD + ",note_1", GOOD + ",x")), rows(1, duplicate=1)),
    "I69 a corrected file": case(
        (FILE, sheet(OTHER, GOOD_2)), rows(2, superseded=1, duplicate=1)),
    "I69 a file corrected and corrected back": case(
        (sheet(GOOD), sheet(OTHER), lines(HEAD, GOOD, "")), rows(1, superseded=1, duplicate=1)),
    "I69 a correction that is bad": case(
        (sheet(GOOD), sheet(good(g1="9"))),
        rows(0, (2, "ANSWER_ALLOWED", "g1"), superseded=1)),
    "I69 a correction that contradicts itself": case(
        (sheet(GOOD), sheet(OTHER, good(g7="0"))),
        rows(0, (2, "KEY_UNIQUE", KEY), (3, "KEY_UNIQUE", KEY), superseded=1)),
    "a refused file corrects nothing": case(
        (sheet(GOOD), sheet(OTHER) + b"\xff"), Outcome(
            accepted=1, files=refused("ENCODING", 3).files)),
    "a later file with other sessions": case(
        (sheet(GOOD), sheet(GOOD_2)), rows(2)),
    "a bad row that the next file mends": case(
        (sheet(good(g1="9")), sheet(GOOD)), rows(1, superseded=1)),
    "a short row that the next file mends": case(
        (sheet(GOOD_2, GOOD[:-2]), sheet(GOOD)), rows(2, (3, "FIELDS_COMPLETE", ""))),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return through_the_door(CASES)


@pytest.mark.parametrize("title", CASES)
def test_a_repetition_has_this_outcome(outcomes: dict[str, Outcome], title: str) -> None:
    assert outcomes[title] == CASES[title].outcome
