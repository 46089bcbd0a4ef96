"""A source that cannot be reached is held and told, and stops no other clinic."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pipelines import diagnosis
from pipelines.commands.status import status
from rapport.home import Home, make_home, open_home
from rapport.monthly import ClinicMonth, collecting
from rapport.monthly.fetching import fetched_by_calendar
from rapport.monthly.holding import MOST_KEPT, held_files
from rapport.months import Month
from rapport.sources import Held
from rapport.warehouse import tables
from tests.rapport.sources.servers.clinics import QUICK
from tests.rapport.sources.servers.web import Answer, WebServer

MONTH = "2025-03"
HILL, VALLEY = ClinicMonth("hill", MONTH), ClinicMonth("valley", MONTH)


def a_home(root: Path, source: object) -> Home:
    """A home with a clinic of this source, and one with a folder in which a file lies."""
    home = make_home(root)
    form = {"instrument": "gad-7", "rater": "patient", "items": "g{item}"}
    export = {
        "id": "all", "path": "a_{month}.csv", "format": "delimited", "patient": "p", "date": "d",
        "therapist": "t", "session": "s", "forms": [form],
    }  # fmt: skip
    clinics = [
        {
            "id": name, "name": name, "sector": "public", "timezone": "Europe/Warsaw",
            "first_month": "2025-01", "therapists": ["T1"], "exports": [export], "source": given,
        }
        for name, given in (("hill", source), ("valley", "valley"))
    ]  # fmt: skip
    (root / "clinics.yaml").write_text(yaml.safe_dump({"clinics": clinics}))
    (home.inbox / "valley").mkdir()
    (home.inbox / "valley" / f"a_{MONTH}.csv").write_bytes(b"p\n")
    return open_home(root)


def https(url: str, **more: object) -> dict[str, object]:
    return {
        "type": "https", "requests": {"all": url + "/{month}"}, "attempts": 1,
        "allow_plain_http_on_loopback": True, **QUICK, **more,
    }  # fmt: skip


@pytest.fixture
def web() -> Iterator[WebServer]:
    server = WebServer()
    yield server
    server.close()


def test_a_source_that_is_down_is_held_and_the_others_are_collected(tmp_path: Path) -> None:
    home = a_home(tmp_path / "home", https("http://127.0.0.1:9"))
    collected = collecting.collect(home, [HILL, VALLEY])
    assert (collected[HILL].files, collected[HILL].held) == (0, 1)
    assert (collected[VALLEY].files, collected[VALLEY].held) == (1, 0)
    assert "cannot be reached" in str(collected[HILL].counts["reason"])
    assert "reason" not in collected[VALLEY].counts
    assert list(home.warehouse.read(tables.exports).clinic_id) == ["valley"]


def test_what_is_held_is_known_until_the_next_collection(web: WebServer, tmp_path: Path) -> None:
    home = a_home(tmp_path / "home", https(web.url))
    web.answers = [Answer(b"", 503), Answer(b"p\n")]
    collecting.collect(home, [HILL])
    (row,) = held_files(home, [MONTH]).to_dict("records")
    assert (row["clinic_id"], row["export_id"], row["file"]) == ("hill", "all", f"a_{MONTH}.csv")
    assert "503" in row["reason"]
    assert collecting.collect(home, [HILL])[HILL].files == 1
    assert held_files(home, [MONTH]).empty


def test_the_same_reply_again_changes_nothing(web: WebServer, tmp_path: Path) -> None:
    home = a_home(tmp_path / "home", https(web.url))
    web.answers = [Answer(b"p\n")]
    for _ in range(3):
        collecting.collect(home, [HILL])
    assert len(home.warehouse.read(tables.exports)) == 1
    web.answers = [Answer(b"p,q\n")]
    collecting.collect(home, [HILL])
    assert len(home.warehouse.read(tables.exports)) == 2


def test_a_page_is_kept_byte_for_byte(web: WebServer, tmp_path: Path) -> None:
    home = a_home(tmp_path / "home", https(web.url))
    web.answers = [Answer(b"<html>", headers={"Content-Type": "text/html"})]
    collecting.collect(home, [HILL])
    (sha256,) = home.warehouse.read(tables.exports).content_sha256
    assert home.landing.open_bytes(sha256) == b"<html>"


def test_a_file_that_is_a_link_is_told(tmp_path: Path) -> None:
    home = a_home(tmp_path / "home", "hill")
    (home.inbox / "hill").mkdir()
    (home.inbox / "hill" / f"a_{MONTH}.csv").symlink_to("/etc/passwd")
    assert collecting.collect(home, [HILL])[HILL].held == 1


def test_very_many_held_files_are_told_as_a_number(tmp_path: Path) -> None:
    from rapport.monthly.holding import keep_held

    home = a_home(tmp_path / "home", "hill")
    held = [Held("hill", MONTH, "all", f"{n}.csv", "It is large.") for n in range(MOST_KEPT + 7)]
    keep_held(home, {HILL: held})
    rows = held_files(home, [MONTH])
    assert len(rows) == MOST_KEPT + 1
    assert rows.reason.iloc[-1] == "7 more files are held."


@pytest.mark.parametrize("as_json", [False, True])
def test_the_status_tells_what_is_held_and_why(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    as_json: bool,
) -> None:
    home = a_home(tmp_path / "home", https("http://127.0.0.1:9"))
    monkeypatch.setenv("RAPPORT_HOME", str(home.root))
    collecting.collect(home, [HILL])
    status(as_json=as_json)
    told = capsys.readouterr().out
    assert "cannot be reached" in told
    if as_json:
        (cell,) = [one for one in json.loads(told) if one["clinic_id"] == "hill"]
        assert cell["state"] == "awaited"
        assert [one["file"] for one in cell["held"]] == [f"a_{MONTH}.csv"]


def test_the_doctor_names_the_secret_that_is_missing_and_not_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = a_home(tmp_path / "home", https("http://127.0.0.1:9", bearer={"env": "HILL_TOKEN"}))
    monkeypatch.setenv("RAPPORT_HOME", str(home.root))
    monkeypatch.delenv("HILL_TOKEN", raising=False)
    (found,) = [one for one in diagnosis.examine() if "HILL_TOKEN" in one.found]
    assert not found.holds
    monkeypatch.setenv("HILL_TOKEN", "CANARY")
    seen = list(diagnosis.examine())
    assert [one.holds for one in seen if one.what == "secrets of sources"] == [True]
    assert "CANARY" not in repr(seen)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("hill", []),
        (https("https://h"), ["2025-04", "2025-05"]),
        (https("https://h", while_running=True), ["2025-04", "2025-05", "2025-06"]),
        (
            {"type": "sftp", "host": "h", "user": "u", "host_key": "SHA256:" + "A" * 43,
             "password": {"env": "HILL_PW"}},
            ["2025-04", "2025-05", "2025-06"],
        ),
    ],
)  # fmt: skip
def test_the_calendar_asks_for_the_latest_months_of_what_is_no_folder(
    tmp_path: Path, source: object, expected: list[str]
) -> None:
    home = a_home(tmp_path / "home", source)
    found = fetched_by_calendar(home, Month.parse("2025-06"))
    assert [(one.clinic_id, one.month) for one in found] == [("hill", one) for one in expected]


def test_the_calendar_never_asks_for_a_month_before_the_first(tmp_path: Path) -> None:
    home = a_home(tmp_path / "home", https("https://h"))
    assert fetched_by_calendar(home, Month.parse("2025-01")) == []
    assert fetched_by_calendar(home, Month.parse("2025-02")) == [ClinicMonth("hill", "2025-01")]
