"""Makes the seeds: for every reader a few small files that it accepts, and near ones it refuses.

Run it when a format learns something new: ``python -m tests.rapport.exports.fuzzing.seeds``.
"""

import csv
import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat

from tests.rapport.exports.fuzzing.readers import CANARY, CORPUS

P1, P2, T1, T2 = (f"{CANARY}{name}" for name in ("p1", "p2", "T1", "T2"))
GAD = [f"g{n}" for n in range(1, 8)]
CODES = ("69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7")
ANSWERS = ("Never", "Seldom", "Often", "Always", "Never", "", "Often")
MOMENT = "2026-02-03 10:00:00"


def table(rows: Iterable[Sequence[object]], delimiter: str = ",", end: str = "\n") -> bytes:
    """Rows as delimited text."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue().encode()


def book(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as a workbook of one sheet."""
    made, content = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(list(row))
    made.save(content)
    return content.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    """One file in an archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def delimited() -> dict[str, bytes]:
    """Plain, quoted, packed, with a mark, with old line ends."""
    rows = [
        ["patient", "therapist", "session", "date", "mode", *GAD, "sum", "note"],
        [P1, T1, 1, "2026-02-03", "v", *"0123012", 9, 'a "b", c\nd'],
        [P2, T2, 2, "2026-02-28", "p", *"3333333", 21, ""],
        ["test", T1, 1, "2026-02-03", "v", *"0000000", 0, ""],
        [P1, T1, 3, "2026-02-04", "v", "0", "", "-9", *"1230", "", ""],
    ]
    plain = table(rows)
    return {
        "plain.csv": plain,
        "windows.csv": table(rows, end="\r\n"),
        "mark.csv": b"\xef\xbb\xbf" + plain,
        "hint.csv": b"sep=,\n" + plain,
        "packed.csv.gz": gzip.compress(plain, mtime=0),
        "packed.zip": zipped("a.csv", plain),
    }


def redcap() -> dict[str, bytes]:
    """A record, a session and a form."""
    head = ["record_id", "redcap_event_name", "redcap_repeat_instrument",
            "redcap_repeat_instance", "redcap_data_access_group", "therapist", "session_date",
            *GAD, "gad7_complete"]  # fmt: skip
    rows = [
        head,
        [P1, "intake_arm_1", "", "", "hill", T1, "", *[""] * 8],
        [P1, "treatment_arm_1", "session", 3, "hill", "", "2026-02-03", *[""] * 8],
        [P1, "treatment_arm_1", "gad7", 3, "hill", "", "", *"0123012", 2],
    ]
    return {"plain.csv": table(rows)}


def qualtrics() -> dict[str, bytes]:
    """Three header rows; as text and as the tabs that its TSV has."""
    head = ["StartDate", "Status", "IPAddress", "DistributionChannel", "pid", "tid", "no",
            *(f"Q1_{n}" for n in range(1, 8))]  # fmt: skip
    ids = [json.dumps({"ImportId": name}) for name in head]
    rows = [
        head,
        [f"Title\n{name}" for name in head],
        ids,
        [MOMENT, 0, "192.0.2.17", "anonymous", P1, T1, 1, *"0123012"],
        [MOMENT, 1, "", "preview", P2, T1, 1, *"0123012"],
    ]
    return {"plain.csv": table(rows), "legacy.csv": b"\xef\xbb\xbf" + table([*rows[:2], *rows[3:]])}


def limesurvey() -> dict[str, bytes]:
    """Responses by code, and the layout of its own copies."""
    head = ["id", "submitdate", "lastpage", "startlanguage", "seed", "PID", "TID", "NO",
            *(f"G[SQ00{n}]" for n in range(1, 8))]  # fmt: skip
    codes = ["AO01", "AO02", "AO03", "AO04", "AO01", "", "AO02"]
    row = [1, MOMENT, 3, "pl", 17, P1, T1, 1, *codes]
    other = [2, "", 1, "pl", 18, P2, T1, 1, *[""] * 7]
    copies = table([head, head, row], delimiter="\t").replace(b"pl", b"{question_not_shown}")
    return {"plain.csv": table([head, row, other]), "copies.csv": copies}


def surveymonkey() -> dict[str, bytes]:
    """Two header rows; as text, and as a workbook in an archive."""
    fixed = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address",
             "Email Address", "First Name", "Last Name", "Custom Data 1"]  # fmt: skip
    rows = [
        [*fixed, "Your therapist?", "Which session?", "How often?", *[""] * 6],
        [*[""] * 9, "Response", "Response", *(f"Row {n}" for n in range(1, 8))],
        [118042311574, 401, "02/03/2026 09:50:01 AM", "02/03/2026 10:02:11 AM", "192.0.2.7",
         "ann@example.org", "Ann", "Lee", P1, T1, 4, *ANSWERS],
    ]  # fmt: skip
    return {"plain.csv": table(rows), "packed.zip": zipped("a.xlsx", book(rows))}


def google_forms() -> dict[str, bytes]:
    """Answers in words."""
    head = ["Timestamp", "Email Address", "Score", "Code", "Therapist", "Session",
            *(f"How often? [Row {n}]" for n in range(1, 8))]  # fmt: skip
    row = ["2026/02/03 2:15:07 pm GMT+1", "ann@example.org", "3 / 10", P1, T1, 4, *ANSWERS]
    return {"plain.csv": table([head, row])}


def microsoft_forms() -> dict[str, bytes]:
    """A workbook with no-break blanks in its headings."""
    head = ["ID", "Start time", "Completion time", "Email", "Name", "Your\N{NO-BREAK SPACE}code",
            "Therapist", "Session", *(f"Item {n} of the form" for n in range(1, 8))]  # fmt: skip
    done = datetime(2026, 2, 3, 12)  # noqa: DTZ001 - a workbook's times have no zone
    return {"plain.xlsx": book([head, [1, done, done, "x", "Ann", P1, T1, 4, *ANSWERS]])}


def workbook() -> dict[str, bytes]:
    """Typed cells."""
    head = ["patient", "therapist", "session", "date", *GAD]
    rows = [head, [P1, T1, 1, date(2026, 2, 3), 0, 1, 2, 3, 0, 1, 2],
            [P2, T2, 2, "2026-02-04", 0, 1, 2, 3.0, "0", None, 2]]  # fmt: skip
    return {"plain.xlsx": book(rows)}


def spss() -> dict[str, bytes]:
    """Plain, packed, with labels and user-missing codes."""
    frame = pd.DataFrame(
        {
            "patient": [P1, P2],
            "therapist": [T1, T2],
            "session": [1.0, 2.0],
            "date": [date(2026, 2, 3), date(2026, 2, 28)],
            **{name: [1.0, -9.0] for name in GAD},
        }
    )
    labels = {0: "never", 1: "seldom", 2: "often", 3: "always", -9: "skipped"}
    options: dict[str, dict[str, object]] = {
        "plain.sav": {"missing_ranges": {name: [-9] for name in GAD}},
        "labels.sav": {
            "missing_ranges": {name: [-9] for name in GAD},
            "variable_value_labels": dict.fromkeys(GAD, labels),
        },
        "packed.zsav": {"compress": True},
    }
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, given in options.items():
            file = Path(folder) / name
            pyreadstat.write_sav(frame, str(file), **given)
            found[name] = file.read_bytes()
    return found


def fhir() -> dict[str, bytes]:
    """A bundle and NDJSON, with an encounter."""
    visit = {
        "resourceType": "Encounter",
        "id": "4",
        "participant": [{"individual": {"reference": f"Practitioner/{T1}"}}],
    }
    response = {
        "resourceType": "QuestionnaireResponse",
        "id": f"{CANARY}r1",
        "meta": {"versionId": "1", "lastUpdated": "2026-02-03T10:00:00Z"},
        "questionnaire": "http://example.org/Questionnaire/gad7|1.0",
        "status": "completed",
        "subject": {"reference": f"Patient/{P1}"},
        "encounter": {"reference": "Encounter/4"},
        "authored": "2026-02-03T09:59:30.250+01:00",
        "item": [
            {"linkId": f"/{code}", "answer": [{"valueCoding": {
                "system": "http://loinc.org", "code": "LA6569-3"}}]}
            for code in CODES
        ],
    }  # fmt: skip
    entries = [{"resource": resource} for resource in (visit, response)]
    whole = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    lines = "".join(json.dumps(resource) + "\n" for resource in (visit, response))
    return {"bundle.json": json.dumps(whole, indent=1).encode(), "lines.ndjson": lines.encode()}


MAKERS = (delimited, redcap, qualtrics, limesurvey, surveymonkey, google_forms, microsoft_forms,
          workbook, spss, fhir)  # fmt: skip


def main() -> None:
    """Write every seed."""
    for make in MAKERS:
        folder = CORPUS / make.__name__
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in make().items():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
