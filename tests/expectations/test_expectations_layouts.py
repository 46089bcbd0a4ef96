"""A refused answer of a long file names its own line; one of a block the file's own column."""

from typing import TYPE_CHECKING, Any

from rapport.clinics import Clinic
from rapport.sources import Delivery

if TYPE_CHECKING:
    from tests.expectations.conftest import Taken

KEYS = {"patient": "Client", "therapist": "Therapist"}


def clinic_with(mapping: dict[str, Any]) -> Clinic:
    return Clinic.model_validate(
        {
            "id": "hill", "name": "Hill", "sector": "public", "timezone": "Europe/Warsaw",
            "source": "hill", "first_month": "2026-01", "therapists": ["T1"],
            "exports": [{"id": "all", "path": "{month}.csv", "format": "delimited"} | mapping],
        }
    )  # fmt: skip


def places(taken: "Taken", mapping: dict[str, Any], *lines: str) -> list[list[object]]:
    content = "".join(f"{line}\n" for line in lines).encode()
    clinic = clinic_with(mapping)
    found = taken(Delivery("hill", "2026-02", "all", "2026-02.csv", content), clinics=[clinic])
    refused: list[list[object]] = found.quarantine[["line", "column", "rule"]].to_numpy().tolist()
    return refused


def test_a_refused_answer_of_a_long_file_names_its_own_line(taken: "Taken") -> None:
    mapping = KEYS | {
        "layout": "long", "item": "Item", "answer": "Answer", "session": "No", "date": "Date",
        "forms": [{"instrument": "gad-7", "rater": "patient", "items": "GAD{item}"}],
    }  # fmt: skip
    lines = [f"p1,T1,1,2026-02-03,GAD{n},{answer}" for n, answer in enumerate("0193012", 1)]
    assert places(taken, mapping, "Client,Therapist,No,Date,Item,Answer", *lines) == [
        [4, "GAD3", "ANSWER_ALLOWED"]
    ]


def test_a_refused_answer_of_a_block_names_the_column_of_its_block(taken: "Taken") -> None:
    mapping = KEYS | {
        "blocks": 2, "session": "{block}", "date": "Date{block}",
        "forms": [{"instrument": "gad-7", "rater": "patient", "items": "GAD{block}_{item}"}],
    }  # fmt: skip
    names = [name for b in "12" for name in (f"Date{b}", *(f"GAD{b}_{n}" for n in range(1, 8)))]
    head = ",".join(["Client", "Therapist", *names])
    row = "p1,T1,2026-02-03,0,1,2,3,0,1,2,2026-13-10,0,1,9,3,0,1,2"
    assert places(taken, mapping, head, row) == [
        [2, "Date2", "DATE_READABLE"],
        [2, "GAD2_3", "ANSWER_ALLOWED"],
    ]
