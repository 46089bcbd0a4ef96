"""A small clinic whose exports every test here can spoil in one place."""

from collections.abc import Sequence
from typing import Any

from expectations.intake import Intake
from rapport.clinics import Clinic
from rapport.sources import Delivery

MONTH = "2025-02"
ITEMS = [f"phq{item}" for item in range(1, 10)]
HEADER = ["site", "pid", "ther", "ep", "sess", "day", "mode", "att", "end", "test", "sum", *ITEMS]

Row = dict[str, str]
Rows = list[Row]


def sound_rows(n_patients: int = 10, n_sessions: int = 2) -> Rows:
    """Rows that break nothing: every patient has a few sessions with a PHQ-9."""
    rows = []
    for patient in range(n_patients):
        for session in range(1, n_sessions + 1):
            answers = [(patient + session + item) % 4 for item in range(9)]
            rows.append(
                {
                    "site": "A",
                    "pid": f"P{patient:03d}",
                    "ther": f"T{patient % 2 + 1}",
                    "ep": "1",
                    "sess": str(session),
                    "day": f"2025-02-{1 + (patient % 7 + 7 * session - 7) % 28:02d}",
                    "mode": "v" if patient % 3 else "p",
                    "att": "1",
                    "end": "0",
                    "test": "0",
                    "sum": str(sum(answers)),
                    **{name: str(answer) for name, answer in zip(ITEMS, answers, strict=True)},
                }
            )
    return rows


def as_csv(rows: Rows, header: Sequence[str] = HEADER) -> str:
    """Write rows as the clinic's software would."""
    lines = [",".join(header), *(",".join(row[name] for name in header) for row in rows)]
    return "\n".join(lines) + "\n"


def export_mapping(**changes: object) -> dict[str, Any]:
    """How the clinic's export is to be read."""
    return {
        "id": "sessions",
        "path": "sessions_{month}*.csv",
        "format": "delimited",
        "clinic": {"site": "A"},
        "patient": "pid",
        "therapist": "ther",
        "episode": "ep",
        "session": "sess",
        "date": "day",
        "mode": {"column": "mode", "codes": {"v": "video", "p": "in_person"}},
        "attendance": {"column": "att", "codes": {"1": "attended", "0": "missed"}},
        "ending": {"column": "end", "codes": {"0": "ongoing", "1": "planned"}},
        "test_rows": {"test": ["1"]},
        "missing_codes": {"-9": "skipped"},
        "forms": [
            {"instrument": "phq-9", "rater": "patient", "items": "phq{item}", "total": "sum"}
        ],
        **changes,
    }


def clinic_named(name: str = "alpha", **changes: object) -> Clinic:
    """A registered clinic with two therapists and one export."""
    return Clinic.model_validate(
        {
            "id": name,
            "name": name.title(),
            "sector": "public",
            "timezone": "Europe/London",
            "source": name,
            "first_month": "2025-01",
            "therapists": ["T1", "T2"],
            "exports": [export_mapping()],
            **changes,
        }
    )


def delivery(
    content: str | bytes, clinic: str = "alpha", *, month: str = MONTH, export: str = "sessions"
) -> Delivery:
    """One received file."""
    raw = content if isinstance(content, bytes) else content.encode()
    return Delivery(clinic, month, export, f"sessions_{month}.csv", raw)


def only_verdict(intake: Intake) -> str:
    """The verdict of an intake of one clinic-month."""
    (found,) = intake.verdicts.verdict
    return str(found)


def broken_rules(intake: Intake) -> set[str]:
    """Kinds of rule that broke, over all clinic-months."""
    return {rule for told in intake.verdicts.broken_rules for rule in told.split(",") if rule}
