"""REDCap's API against a real HTTP server that speaks its documented replies."""

from collections.abc import Callable

import pytest

from tests.rapport.sources.servers.web import CSV, Answer, WebServer

TOKEN = "CANARY0123456789ABCDEF0123456789"  # noqa: S105 - a canary
ENVIRON = {"HILL_TOKEN": TOKEN}
LOGIC = "[day] >= '{month_start}' and [day] < '{next_month_start}'"
RECORDS = b"record_id,day,g1\n1,2025-03-04,2\n"
MakeDoor = Callable[..., "object"]


def a_place(web: WebServer, **request: object) -> dict[str, object]:
    return {
        "type": "redcap", "url": f"{web.url}/api/", "token": {"env": "HILL_TOKEN"},
        "requests": {"export-0": request or {"filter_logic": LOGIC}},
    }  # fmt: skip


def test_the_reply_is_the_delivery_under_the_name_of_its_path(
    web: WebServer, door: MakeDoor
) -> None:
    web.answers = [Answer(RECORDS)]
    opened = door(a_place(web), environ=ENVIRON)
    (found,) = opened.sources.finished_files(opened.clinic, "2025-03")
    first, second = opened.sources.read(found), opened.sources.read(found)
    assert first == second
    assert (first.content, first.file) == (RECORDS, "a_2025-03.csv")


def test_raw_records_as_csv_are_asked_for_in_a_post(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(RECORDS)]
    door(a_place(web), environ=ENVIRON).read()
    (asked,) = web.asked
    assert (asked.method, asked.path) == ("POST", "/api/")
    wanted = {
        "content": "record", "format": "csv", "type": "flat", "rawOrLabel": "raw",
        "rawOrLabelHeaders": "raw", "returnFormat": "json", "csvDelimiter": ",",
        "filterLogic": "[day] >= '2025-03-01' and [day] < '2025-04-01'", "token": TOKEN,
    }  # fmt: skip
    assert wanted.items() <= asked.form.items()
    assert "dateRangeBegin" not in asked.form


def test_the_token_stands_in_the_body_alone(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(RECORDS)]
    door(a_place(web), environ=ENVIRON).read()
    (asked,) = web.asked
    assert TOKEN.encode() in asked.body
    assert TOKEN not in asked.path + repr(asked.headers)


def test_fields_events_and_times_of_change_are_asked_for(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(RECORDS)]
    place = a_place(
        web, filter_logic=LOGIC, fields=["record_id", "g1"], forms=["gad7"], events=["s_arm_1"],
        changed_from="{month_start} 00:00:00", changed_before="{next_month_start} 00:00:00",
        survey_fields=True, data_access_groups=True,
    )  # fmt: skip
    door(place, environ=ENVIRON).read()
    wanted = {
        "fields[0]": "record_id", "fields[1]": "g1", "forms[0]": "gad7", "events[0]": "s_arm_1",
        "dateRangeBegin": "2025-03-01 00:00:00", "dateRangeEnd": "2025-04-01 00:00:00",
        "exportSurveyFields": "true", "exportDataAccessGroups": "true",
    }  # fmt: skip
    assert wanted.items() <= web.asked[0].form.items()


@pytest.mark.parametrize(("delimiter", "asked"), [(";", ";"), ("\t", "tab"), ("|", "|")])
def test_the_delimiter_of_the_export_is_asked_for(
    web: WebServer, door: MakeDoor, delimiter: str, asked: str
) -> None:
    web.answers = [Answer(RECORDS)]
    door(a_place(web), environ=ENVIRON, delimiter=delimiter).read()
    assert web.asked[0].form["csvDelimiter"] == asked


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, "does not understand"), (401, "refuses access"), (403, "refuses access"),
     (404, "does not give it"), (406, "does not give it"), (301, "elsewhere")],
)  # fmt: skip
def test_an_error_by_status_is_told_in_own_words_and_not_tried_again(
    web: WebServer, door: MakeDoor, status: int, said: str
) -> None:
    body = b'{"error":"You do not have permissions to use the API. patient 77"}'
    web.answers = [Answer(body, status, {"Content-Type": "application/json", "Location": "/b"})]
    opened = door({**a_place(web), "attempts": 4}, environ=ENVIRON)
    assert opened.read() == [None]
    assert said in opened.reasons()[0]
    assert "77" not in opened.reasons()[0]
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":"x"}',
        b'\xef\xbb\xbf {"error":"x"}',
        b'<?xml version="1.0" encoding="UTF-8" ?>\n<hash>\n  <error>x</error>\n</hash>',
        b"ERROR: x",
    ],
)
def test_an_error_under_status_200_is_recognised(
    web: WebServer, door: MakeDoor, body: bytes
) -> None:
    web.answers = [Answer(body)]
    opened = door(a_place(web), environ=ENVIRON)
    assert opened.read() == [None]
    assert "answered with an error" in opened.reasons()[0]


@pytest.mark.parametrize("kind", ["text/html", "text/csv"])
def test_a_page_is_refused_whatever_it_calls_itself(
    web: WebServer, door: MakeDoor, kind: str
) -> None:
    web.answers = [Answer(b"\n <html><body>Log in</body></html>", headers={"Content-Type": kind})]
    opened = door(a_place(web), environ=ENVIRON)
    assert opened.read() == [None]
    assert "page" in opened.reasons()[0]


@pytest.mark.parametrize("kind", ["text/html", "application/json", "image/png", ""])
def test_what_is_not_declared_as_csv_is_refused(web: WebServer, door: MakeDoor, kind: str) -> None:
    web.answers = [Answer(RECORDS, headers={"Content-Type": kind})]
    assert door(a_place(web), environ=ENVIRON).read() == [None]


@pytest.mark.parametrize("kind", [CSV["Content-Type"], "Application/CSV", "text/plain"])
def test_csv_is_taken_under_each_of_its_names(web: WebServer, door: MakeDoor, kind: str) -> None:
    web.answers = [Answer(RECORDS, headers={"Content-Type": kind})]
    assert door(a_place(web), environ=ENVIRON).read() == [RECORDS]


@pytest.mark.parametrize("body", [b"", b"\n", b"\xef\xbb\xbf\r\n"])
def test_a_reply_without_records_is_held(web: WebServer, door: MakeDoor, body: bytes) -> None:
    web.answers = [Answer(body)]
    opened = door(a_place(web), environ=ENVIRON)
    assert opened.read() == [None]
    assert "no record" in opened.reasons()[0]


def test_records_that_php_broke_off_are_held(web: WebServer, door: MakeDoor) -> None:
    broken = RECORDS + b"2,2025-<br />\n<b>Fatal error</b>:  Allowed memory size of 134217728"
    web.answers = [Answer(broken)]
    opened = door(a_place(web), environ=ENVIRON)
    assert opened.read() == [None]
    assert "broke off" in opened.reasons()[0]


def test_a_failing_server_is_tried_again(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"", 500), Answer(RECORDS)]
    assert door({**a_place(web), "attempts": 2}, environ=ENVIRON).read() == [RECORDS]


def test_a_failing_server_is_not_asked_for_every_month(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"", 403)]
    opened = door(a_place(web), environ=ENVIRON)
    for month in ("2025-01", "2025-02", "2025-03"):
        assert opened.read(month) in ([None], [])
        assert "refuses access" in opened.reasons(month)[0]
    assert len(web.asked) == 1


def test_a_missing_token_is_told_by_its_name(web: WebServer, door: MakeDoor) -> None:
    opened = door(a_place(web), environ={})
    assert opened.read() == [None]
    assert "environment variable HILL_TOKEN" in opened.reasons()[0]
    assert web.asked == []
