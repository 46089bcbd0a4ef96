"""HTTPS downloads against a real server: whole replies or none, TLS, redirects, limits."""

import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from tests.rapport.sources.servers.web import Answer, WebServer

MakeDoor = Callable[..., "object"]


def a_place(web: WebServer, path: str = "/x/{month}.csv", **more: object) -> dict[str, object]:
    return {"type": "https", "requests": {"export-0": web.url + path}, **more}


def test_a_reply_is_delivered_byte_for_byte_under_the_name_of_its_path(
    web: WebServer, door: MakeDoor
) -> None:
    web.answers = [Answer(b"\x00\xff,1\r\n" * 50_000)]
    opened = door(a_place(web))
    (found,) = opened.sources.finished_files(opened.clinic, "2025-03")
    delivery = opened.sources.read(found)
    assert delivery.content == b"\x00\xff,1\r\n" * 50_000
    assert (delivery.file, delivery.month, delivery.export_id) == (
        "a_2025-03.csv", "2025-03", "export-0",
    )  # fmt: skip
    assert [one.path for one in web.asked] == ["/x/2025-03.csv"]


def test_listing_sends_nothing(web: WebServer, door: MakeDoor) -> None:
    assert door(a_place(web)).names() == ["a_2025-03.csv"]
    assert web.asked == []


def test_words_for_the_month_are_filled_in(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"x")]
    door(a_place(web, "/?a={month_start}&b={month_end}&c={next_month_start}")).read("2024-02")
    assert web.asked[0].path == "/?a=2024-02-01&b=2024-02-29&c=2024-03-01"


def test_a_bearer_token_stands_in_the_header(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"x")]
    place = a_place(web, bearer={"env": "HILL_TOKEN"})
    assert door(place, environ={"HILL_TOKEN": "abc"}).read() == [b"x"]
    assert web.asked[0].headers["Authorization"] == "Bearer abc"


def test_user_and_password_stand_in_the_header(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"x")]
    place = a_place(web, user={"env": "HILL_USER"}, password={"env": "HILL_PW"})
    assert door(place, environ={"HILL_USER": "ü", "HILL_PW": "p:w"}).read() == [b"x"]
    expected = "Basic " + b64encode("ü:p:w".encode()).decode()
    assert web.asked[0].headers["Authorization"] == expected


def test_all_missing_secrets_are_told_at_once(web: WebServer, door: MakeDoor) -> None:
    opened = door(a_place(web, user={"env": "HILL_USER"}, password={"file": "/nowhere/pw"}))
    assert opened.read() == [None]
    assert "HILL_USER" in opened.reasons()[0]
    assert "/nowhere/pw" in opened.reasons()[0]
    assert web.asked == []


def test_a_secret_of_several_lines_is_refused(web: WebServer, door: MakeDoor) -> None:
    place = a_place(web, bearer={"env": "HILL_TOKEN"})
    opened = door(place, environ={"HILL_TOKEN": "a\r\nHost: elsewhere"})
    assert opened.read() == [None]
    assert web.asked == []


def test_a_page_is_kept_as_it_came(web: WebServer, door: MakeDoor) -> None:
    page = b"<!doctype html><title>Log in</title>"
    web.answers = [Answer(page, headers={"Content-Type": "text/html"})]
    assert door(a_place(web)).read() == [page]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
def test_a_refusal_is_not_tried_again(web: WebServer, door: MakeDoor, status: int) -> None:
    web.answers = [Answer(b"secret words of the server", status)]
    opened = door(a_place(web, attempts=4))
    assert opened.read() == [None]
    assert str(status) in opened.reasons()[0]
    assert "words" not in opened.reasons()[0]
    assert len(web.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_fault_of_the_server_is_tried_again(web: WebServer, door: MakeDoor, status: int) -> None:
    web.answers = [Answer(b"", status), Answer(b"", status), Answer(b"x")]
    assert door(a_place(web, attempts=3)).read() == [b"x"]
    assert len(web.asked) == 3


def test_attempts_are_bounded(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"", 500)]
    opened = door(a_place(web, attempts=3))
    assert opened.read() == [None]
    assert len(web.asked) == 3
    assert "500" in opened.reasons()[0]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("cut", [0, 1, 999, 5000, 9999])
def test_a_reply_that_breaks_off_is_held(
    web: WebServer, door: MakeDoor, cut: int, chunked: bool
) -> None:
    web.answers = [Answer(b"x" * 10_000, cut=cut, chunked=chunked)]
    opened = door(a_place(web))
    assert opened.read() == [None]
    assert len(opened.reasons()) == 1


def test_a_reply_in_chunks_is_read_whole(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"x" * 200_000, chunked=True)]
    assert door(a_place(web)).read() == [b"x" * 200_000]


def test_a_reply_without_a_length_is_held(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"half of a file", length=None)]
    opened = door(a_place(web))
    assert opened.read() == [None]
    assert "how long" in opened.reasons()[0]


def test_a_packed_reply_is_held(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})]
    assert door(a_place(web)).read() == [None]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_reply_above_the_limit_is_held(web: WebServer, door: MakeDoor, chunked: bool) -> None:
    web.answers = [Answer(b"x" * 101, chunked=chunked)]
    opened = door(a_place(web, size_limit=100, attempts=4))
    assert opened.read() == [None]
    assert "larger than 100 bytes" in opened.reasons()[0]
    assert len(web.asked) == 1


def test_a_reply_that_drips_is_given_up_when_the_whole_time_is_over(
    web: WebServer, door: MakeDoor
) -> None:
    web.answers = [Answer(b"x" * 10_000, drip=0.05)]
    opened = door(a_place(web, whole_seconds=0.4, attempts=3))
    assert opened.read() == [None]
    assert "0.4 seconds" in opened.reasons()[0]
    assert len(web.asked) == 1


def test_a_silent_server_is_given_up(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"x", wait=1.0)]
    opened = door(a_place(web, read_seconds=0.2))
    assert opened.read() == [None]
    assert "silent" in opened.reasons()[0]


def test_a_server_that_is_not_there_is_told(web: WebServer, door: MakeDoor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    place = {"type": "https", "requests": {"export-0": f"http://127.0.0.1:{port}/{{month}}"}}
    opened = door(place)
    assert opened.read() == [None]
    assert "cannot be reached" in opened.reasons()[0]


def test_a_redirect_on_the_same_host_is_followed(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"", 302, {"Location": "/y/2.csv"}), Answer(b"x")]
    assert door(a_place(web)).read() == [b"x"]
    assert web.asked[1].path == "/y/2.csv"


@pytest.fixture
def elsewhere() -> Iterator[WebServer]:
    server = WebServer()
    server.answers = [Answer(b"not ours")]
    yield server
    server.close()


@pytest.mark.parametrize(
    "location", ["{url}/x", "//{netloc}/x", "https://example.org/x", "ftp://h/x"]
)
def test_a_redirect_elsewhere_is_refused_and_takes_no_secret_along(
    web: WebServer, elsewhere: WebServer, door: MakeDoor, location: str
) -> None:
    netloc = elsewhere.url.partition("//")[2]
    target = location.format(url=elsewhere.url, netloc=netloc)
    web.answers = [Answer(b"", 302, {"Location": target})]
    place = a_place(web, bearer={"env": "HILL_TOKEN"})
    opened = door(place, environ={"HILL_TOKEN": "CANARY"})
    assert opened.read() == [None]
    assert "elsewhere" in opened.reasons()[0]
    assert elsewhere.asked == []


def test_redirects_in_a_circle_end(web: WebServer, door: MakeDoor) -> None:
    web.answers = [Answer(b"", 302, {"Location": "/again"})]
    opened = door(a_place(web))
    assert opened.read() == [None]
    assert len(web.asked) == 6


def test_a_certificate_of_the_named_authority_is_trusted(
    secure_web: WebServer, authority: trustme.CA, door: MakeDoor, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    secure_web.answers = [Answer(b"x")]
    assert door(a_place(secure_web, ca_file=str(tmp_path / "ca.pem"))).read() == [b"x"]


def test_a_certificate_that_nobody_vouches_for_is_refused(
    secure_web: WebServer, door: MakeDoor
) -> None:
    secure_web.answers = [Answer(b"x")]
    opened = door(a_place(secure_web, attempts=4))
    assert opened.read() == [None]
    assert "certificate" in opened.reasons()[0]
    assert secure_web.asked == []


def test_a_certificate_of_another_host_is_refused(
    secure_web: WebServer, authority: trustme.CA, door: MakeDoor, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    place = a_place(secure_web, ca_file=str(tmp_path / "ca.pem"))
    place["requests"] = {"export-0": secure_web.url.replace("127.0.0.1", "localhost") + "/{month}"}
    opened = door(place)
    assert opened.read() == [None]
    assert "certificate" in opened.reasons()[0]


def test_a_file_of_authorities_that_is_none_is_told(
    secure_web: WebServer, door: MakeDoor, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text("none")
    opened = door(a_place(secure_web, ca_file=str(tmp_path / "ca.pem")))
    assert opened.read() == [None]
    assert "ca_file" in opened.reasons()[0]


def test_a_month_that_has_not_come_has_no_file(web: WebServer, door: MakeDoor) -> None:
    opened = door(a_place(web))
    assert opened.names("2999-01") == []
    assert opened.reasons("2999-01") == []


def test_the_running_month_is_asked_only_if_wanted(web: WebServer, door: MakeDoor) -> None:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    running = f"{datetime.now(ZoneInfo('Europe/Warsaw')):%Y-%m}"
    opened = door(a_place(web))
    assert opened.names(running) == []
    assert "not ended" in opened.reasons(running)[0]
    assert door(a_place(web, while_running=True)).names(running) == [f"a_{running}.csv"]
