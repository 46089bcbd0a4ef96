"""Many exports, fast: the same kind of data without a world behind it, for measuring speed.

Rows are put together as bytes of fixed width, a whole file at once, so that writing ten million
answers takes seconds. Each clinic sends one file for one month.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from rapport.simulation.forms import EVERY_SESSION

LOAD_MONTH = "2026-02"
"""The month all files of a load are delivered for."""

ANSWERS_PER_ROW = sum(form.n_items for form in EVERY_SESSION)
_SESSIONS_PER_PATIENT = 4
_PATIENTS_PER_THERAPIST = 12
_MISSING_SHARE = 0.01
_REFUSED_SHARE = 0.001
_MISSING, _BEYOND = ord("9"), ord("8")

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """What was written.

    Attributes:
        files: Number of export files; one clinic and one file each.
        rows: Data rows in all of them, one row a session.
        responses: Item responses in all of them, missing ones included.
        rows_refused: Rows with an answer beyond its scale.
    """

    files: int
    rows: int
    responses: int
    rows_refused: int


def write_load(folder: Path, *, n_files: int, n_responses: int, seed: int = 2026) -> LoadSummary:
    """Write ``clinics.yaml`` and ``inbox/<clinic>/2026-02/sessions_2026-02.csv``.

    Args:
        folder: A home to write into; made if it does not exist.
        n_files: Number of files and clinics, at least 1.
        n_responses: Item responses over all files, rounded up to whole rows of 40 answers.
        seed: The same one gives the same bytes.

    Returns:
        What was written; about one answer in a hundred is missing, and one row in a thousand
        holds an answer beyond its scale.
    """
    rows_per_file = max(1, -(-n_responses // (n_files * ANSWERS_PER_ROW)))
    n_therapists = _therapists(rows_per_file)
    ids = [f"load-{number:04d}" for number in range(1, n_files + 1)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clinics.yaml").write_text(_registry(ids, n_therapists), encoding="utf-8")
    refused = 0
    for number, clinic_id in enumerate(ids):
        rng = np.random.default_rng([seed, number])
        content, n_refused = _content(rows_per_file, rng)
        refused += n_refused
        file = folder / "inbox" / clinic_id / LOAD_MONTH / f"sessions_{LOAD_MONTH}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    rows = rows_per_file * n_files
    return LoadSummary(n_files, rows, rows * ANSWERS_PER_ROW, refused)


def _therapists(n_rows: int) -> int:
    return -(-n_rows // (_SESSIONS_PER_PATIENT * _PATIENTS_PER_THERAPIST))


def _item_columns() -> list[str]:
    return [
        f"{form.instrument}_{form.rater[0]}_{number}"
        for form in EVERY_SESSION
        for number in range(1, form.n_items + 1)
    ]


def _content(n_rows: int, rng: np.random.Generator) -> tuple[bytes, int]:
    """Return one file's bytes, and how many of its rows hold an answer beyond the scale."""
    header = ["patient", "therapist", "session", "date", "mode", "attendance", "ending"]
    patient, session = np.divmod(np.arange(n_rows), _SESSIONS_PER_PATIENT)
    is_last = session == _SESSIONS_PER_PATIENT - 1
    answers, n_refused = _answers(n_rows, rng)
    fields = [
        _number("p", patient + 1, 7),
        _number("t", patient // _PATIENTS_PER_THERAPIST + 1, 5),
        _number("", session + 1, 2),
        _number(f"{LOAD_MONTH}-", 1 + 7 * session + patient % 5, 2),
        _number("", rng.integers(1, 4, n_rows), 1),
        _number("", np.ones(n_rows, dtype=np.int64), 1),
        _number("", np.where(is_last & (patient % 2 == 0), 2, 1), 1),
        *(answers[:, [column]] for column in range(answers.shape[1])),
    ]
    comma = np.full((n_rows, 1), ord(","), dtype=np.uint8)
    parts = [part for field in fields for part in (field, comma)]
    parts[-1] = np.full((n_rows, 1), ord("\n"), dtype=np.uint8)
    heading = ",".join([*header, *_item_columns()]) + "\n"
    return heading.encode() + np.hstack(parts).tobytes(), n_refused


def _answers(n_rows: int, rng: np.random.Generator) -> tuple[Bytes, int]:
    """Return answers as digits, shape (rows, 40), and how many rows hold one beyond the scale."""
    forms = [
        rng.integers(form.low, form.high + 1, (n_rows, form.n_items), dtype=np.uint8)
        for form in EVERY_SESSION
    ]
    digits = np.hstack(forms) + np.uint8(ord("0"))
    digits[rng.random(digits.shape, dtype=np.float32) < _MISSING_SHARE] = _MISSING
    refused = np.flatnonzero(rng.random(n_rows) < _REFUSED_SHARE)
    digits[refused, rng.integers(0, digits.shape[1], len(refused))] = _BEYOND
    return digits, len(refused)


def _number(prefix: str, values: NDArray[np.int64], width: int) -> Bytes:
    """Return whole numbers as ASCII of a fixed width behind a fixed prefix."""
    powers = 10 ** np.arange(width - 1, -1, -1)
    digits = (values[:, None] // powers % 10 + ord("0")).astype(np.uint8)
    before = np.frombuffer(prefix.encode(), dtype=np.uint8)
    return np.hstack([np.broadcast_to(before, (len(values), len(before))), digits])


def _registry(ids: list[str], n_therapists: int) -> str:
    """Return the registry; what all clinics share is written once and referred to."""
    therapists = [f"t{number:05d}" for number in range(1, n_therapists + 1)]
    exports = [_mapping()]
    clinics = [
        {
            "id": clinic_id,
            "name": f"Clinic {clinic_id}",
            "sector": "public" if number % 2 == 0 else "private",
            "timezone": "Europe/Warsaw",
            "source": clinic_id,
            "first_month": LOAD_MONTH,
            "therapists": therapists,
            "exports": exports,
        }
        for number, clinic_id in enumerate(ids)
    ]
    return yaml.safe_dump({"clinics": clinics}, sort_keys=False)


def _mapping() -> dict[str, Any]:
    return {
        "id": "sessions",
        "path": "{month}/sessions_{month}*.csv",
        "format": "delimited",
        "missing_codes": {chr(_MISSING): "skipped"},
        "patient": "patient",
        "therapist": "therapist",
        "session": "session",
        "date": "date",
        "mode": {
            "column": "mode", "codes": {"1": "in_person", "2": "video", "3": "telephone"},
        },
        "attendance": {"column": "attendance", "codes": {"1": "attended"}},
        "ending": {"column": "ending", "codes": {"1": "ongoing", "2": "planned"}},
        "forms": [
            {
                "instrument": form.instrument, "rater": form.rater,
                "items": f"{form.instrument}_{form.rater[0]}_{{item}}",
            }
            for form in EVERY_SESSION
        ],
    }  # fmt: skip
