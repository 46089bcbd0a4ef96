"""Exports whose own columns, times and words are in the language of whoever made them."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import yaml

from rapport.exports.clock_words import plain_moment
from rapport.exports.proposing import as_yaml, propose
from rapport.exports.proposing.words import answers_by_words, plain_word

if TYPE_CHECKING:
    from conftest import Desk

GERMAN = ["Überhaupt nicht", "An einzelnen Tagen", "An mehr als der Hälfte der Tage",
          "Beinahe jeden Tag"]  # fmt: skip
SPANISH = ["Para nada", "Varios días", "Más de la mitad de los días", "Casi todos los días"]
POINTS = "0123"


def answered(words: list[str], seed: int) -> list[str]:
    return [words[(item * 5 + seed) % 4] for item in range(7)]


def proposed(desk: "Desk", content: bytes, name: str = "x_2026-02.csv") -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(as_yaml(propose(content, name, desk.catalogue)))
    return found


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("2026/02/13 10:26:52 p. m. CET", "2026/02/13 10:26:52 PM +01:00"),
        ("2026/02/13 12:00:01 a.\N{NO-BREAK SPACE}m. GMT-3", "2026/02/13 12:00:01 AM -03:00"),
        ("2026/07/27 3:15:06 午後 GMT+9", "2026/07/27 3:15:06 PM +09:00"),
        ("2026/06/14 1:34:49 上午 GMT+8", "2026/06/14 1:34:49 AM +08:00"),
        ("2026/06/08 3:43:15 PM OEZ", "2026/06/08 3:43:15 PM +02:00"),
        ("2026/06/08 3:43:15 PM MESZ", "2026/06/08 3:43:15 PM +02:00"),
        ("2026/06/08 15:43:15 UTC+5:30", "2026/06/08 15:43:15 +05:30"),
        ("2026/03/01 2:15:07 pm GMT", "2026/03/01 2:15:07 PM +00:00"),
    ],
)
def test_moments_of_google_forms_are_read_in_the_words_of_their_language(
    written: str, plain: str
) -> None:
    assert plain_moment(written) == plain


@pytest.mark.parametrize(
    "written",
    ["2026/06/08 3:43:15 PM IST", "2026/06/08 3:43:15 xm CET", "13.02.2026 22:26:52", "", "Code"],
    ids=["a zone of several meanings", "no half of a day", "of a sheet", "empty", "no moment"],
)
def test_what_is_no_such_moment_is_left_as_it_is(written: str) -> None:
    assert plain_moment(written) == written


def test_a_form_in_spanish_is_proposed_and_read_on_the_clinic_s_calendar(desk: "Desk") -> None:
    head = ["Marca temporal", "Puntuación", "Código del paciente", "Terapeuta", "Número de sesión",
            *(f"Últimas 2 semanas [{n}]" for n in range(1, 8))]  # fmt: skip
    days = ("2026/02/03 12:10:00 a. m. CET", "2026/02/28 9:30:00 p. m. GMT-3")
    rows = [
        [day, "3 / 21", f"p{n}", "T1", "4", *answered(SPANISH, n + 1)]
        for n, day in enumerate((*days, *days[:1] * 4))
    ]
    content = desk.csv(*rows, header=head)
    found = proposed(desk, content)
    assert (found["format"], found["patient"]) == ("google_forms", "Código del paciente")
    assert "Puntuación" not in found.get("ignored", [])
    (form,) = found["forms"]
    assert form["codes"] == dict(zip(SPANISH, POINTS, strict=True))
    reading = desk.read(content, **{name: found[name] for name in found if name != "path"})
    assert reading.rows["date"].tolist()[:2] == ["2026-02-03", "2026-03-01"]


def workbook(header: Sequence[str], *rows: Sequence[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in (header, *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "own",
    [
        ["ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name"],
        ["Id", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom"],
        ["ID", "Hora de início", "Hora de conclusão", "Email", "Nome"],
        ["ID", "Godzina rozpoczęcia", "Godzina ukończenia", "Adres e-mail", "Nazwa"],
        ["ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam"],
    ],
)
def test_microsoft_forms_is_known_in_other_languages_by_its_end_time(
    desk: "Desk", own: list[str]
) -> None:
    head = [*own, "Code", "Therapeut", "Sitzung", *(f"GAD-7 Frage {n}" for n in range(1, 8))]
    rows = [
        [n, "2026-02-03 10:00:00", "2026-02-03 10:04:00", "anonymous", None, f"p{n}", "T1", 1,
         *answered(GERMAN, n)] for n in range(5)
    ]  # fmt: skip
    found = proposed(desk, workbook(head, *rows), "x_2026-02.xlsx")
    assert (found["format"], found["date"]) == ("microsoft_forms", own[2])
    assert "ID" not in found["ignored"]


def test_points_and_feedback_of_a_quiz_do_not_tear_its_questions_apart(desk: "Desk") -> None:
    asked = ["Wenig Ruhe?", "Viel Sorge?", "Zu viel Sorge?", "Keine Pause?", "Sehr rastlos?",
             "Leicht gereizt?", "Oft bange?"]  # fmt: skip
    graded = [(name, f"Punkte – {name}", f"Feedback – {name}") for name in asked]
    head = ["ID", "Startzeit", "Fertigstellungszeit", "Code", "Therapeut", "Sitzung",
            *(name for three in graded for name in three)]  # fmt: skip
    rows = []
    for n in range(5):
        cells: list[object] = [n, "2026-02-03 10:00", "2026-02-03 10:04", f"p{n}", "T1", 1]
        for word in answered(GERMAN, n):
            cells += [word, GERMAN.index(word), None]
        rows.append(cells)
    (form,) = proposed(desk, workbook(head, *rows), "x_2026-02.xlsx")["forms"]
    assert (form["instrument"], form["items"]) == ("gad-7", asked)


LIME = ["Datum Abgeschickt", "Letzte Seite", "Start-Sprache"]


@pytest.mark.parametrize(
    "own", [["Antwort ID", *LIME], ["Nummer", "Wann", "Seite", "Sprache"]], ids=["named", "unnamed"]
)
def test_limesurvey_is_known_by_its_first_columns_whatever_they_are_called(
    desk: "Desk", own: list[str]
) -> None:
    head = [*own, "Behandler", "Sitzung Nr.", *(f"Wie oft? [Frage {n}]" for n in range(1, 8))]
    rows = [
        [str(n), "2026-02-03 10:00:00", "4", "de", "T1", "1", *answered(GERMAN, n)]
        for n in range(5)
    ]
    found = proposed(desk, desk.csv(*rows, header=head))
    assert (found["format"], found["date"]) == ("limesurvey", own[1])


def test_surveymonkey_is_read_where_its_first_columns_have_other_names(desk: "Desk") -> None:
    fixed = ["ID del encuestado", "ID del recopilador", "Fecha de inicio", "Fecha de finalización"]
    head = [*fixed, "Código", "Terapeuta", "Sesión", "¿Con qué frecuencia?", *[""] * 6]
    below = [*[""] * 4, *["Open-Ended Response"] * 3, *(f"Fila {n}" for n in range(1, 8))]
    row = [
        "118042311574",
        "401",
        "02/03/2026",
        "02/03/2026",
        "p1",
        "T1",
        "4",
        *answered(SPANISH, 1),
    ]
    mapping: dict[str, Any] = {
        "format": "surveymonkey", "patient": "Código", "therapist": "Terapeuta",
        "session": "Sesión", "date": "Fecha de finalización", "dates": ["%m/%d/%Y"],
        "forms": [{
            "instrument": "gad-7", "rater": "patient",
            "items": "¿Con qué frecuencia? [Fila {item}]",
            "codes": dict(zip(SPANISH, POINTS, strict=True)),
        }],
    }  # fmt: skip
    reading = desk.read(desk.csv(below, row, header=head), **mapping)
    assert reading.rows["session"].tolist() == ["4"]
    rounded = ["1.18042E+11", *row[1:]]
    refused = desk.read(desk.csv(below, rounded, header=head), **mapping)
    assert (refused.file["WRONG_FORMAT"], refused.file["broken_column"]) == ("broken", fixed[0])
    torn = desk.read(desk.csv(row, header=head), **mapping)
    assert torn.file["WRONG_FORMAT"] == "broken"


QUALTRICS = ["StartDate", "EndDate", "Status", "ResponseId", "ExternalReference", "ther", "sess",
             *(f"g{n}" for n in range(1, 8))]  # fmt: skip
IMPORT = ['{"ImportId":"endDate","timeZone":"Europe/Berlin"}'] * len(QUALTRICS)
MAPPED: dict[str, Any] = {
    "format": "qualtrics", "patient": "ExternalReference", "therapist": "ther", "session": "sess",
    "date": "EndDate", "dates": ["%Y-%m-%d %H:%M:%S"],
}  # fmt: skip


def status(*words: str, channel: str = "") -> tuple[list[str], list[list[str]]]:
    more = ["DistributionChannel"] if channel else []
    rows = [
        ["2026-02-03 10:00:00"] * 2
        + [word, f"R_{n}", f"p{n}", "T1", "1", *"0123012"]
        + ([channel if n else "anonymous"] if channel else [])
        for n, word in enumerate(words)
    ]
    head = [*QUALTRICS, *more]
    return head, [head, [*IMPORT, *more], *rows]


def test_a_status_in_another_language_refuses_the_file_where_nothing_else_tells_previews(
    desk: "Desk",
) -> None:
    head, rows = status("IP-Adresse", "Umfragevorschau")
    reading = desk.read(desk.csv(*rows, header=head), **MAPPED)
    assert (reading.file["WRONG_FORMAT"], reading.file["broken_column"]) == ("broken", "Status")


def test_previews_in_another_language_are_tests_once_their_word_is_declared(desk: "Desk") -> None:
    head, rows = status("IP-Adresse", "Umfragevorschau")
    declared = MAPPED | {"test_rows": {"Status": ["Umfragevorschau"]}}
    assert desk.states(desk.csv(*rows, header=head), **declared) == ["accepted", "test"]


def test_the_channel_tells_previews_whatever_the_language_of_the_status(desk: "Desk") -> None:
    head, rows = status("IP-Adresse", "Umfragevorschau", channel="preview")
    assert desk.states(desk.csv(*rows, header=head), **MAPPED) == ["accepted", "test"]


def test_a_preview_that_is_flagged_as_spam_is_a_test(desk: "Desk") -> None:
    head, rows = status("0", "9", "8")
    assert desk.states(desk.csv(*rows, header=head), **MAPPED) == ["accepted", "test", "accepted"]


def test_the_words_of_the_status_are_asked_for_when_a_mapping_is_proposed(desk: "Desk") -> None:
    head, rows = status(*["IP-Adresse", "Umfragevorschau"] * 3)
    found = proposed(desk, desk.csv(*rows, header=head))
    assert found["test_rows"] == {"Status": ["IP-Adresse", "Umfragevorschau"]}


@pytest.mark.parametrize(
    "written",
    ["Not at all (0)", "0 = Not at all", "(0) not at all", "1. Not  at all", "Not at all."],
)
def test_numbers_beside_an_answer_in_words_do_not_hide_it(written: str) -> None:
    assert plain_word(written) == "not at all"


def test_words_stand_for_answers_only_on_a_scale_of_as_many(desk: "Desk") -> None:
    points = ("0", "1", "2", "3")
    assert answers_by_words(["Varios días"], points) == {"Varios días": "1"}
    assert answers_by_words(["Varios días"], points[:3]) is None
    assert answers_by_words(["sometimes", "grün"], points) is None
