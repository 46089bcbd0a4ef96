"""The ``source`` of a clinic: every kind is declared strictly, and no secret is ever told back."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.clinics import Clinic, load_registry
from rapport.clinics.places import KINDS, FolderPlace, SftpPlace
from rapport.clinics.places.kinds import filled
from rapport.errors import SettingsError

HOST_KEY = "SHA256:" + "A" * 43
TOKEN = "0123456789ABCDEF0123456789ABCDEF"  # noqa: S105 - shaped like REDCap's
ENV = {"env": "HILL_TOKEN"}
SFTP = {"type": "sftp", "host": "h", "user": "u", "host_key": HOST_KEY, "password": ENV}
REDCAP = {
    "type": "redcap", "url": "https://h/api/", "token": ENV,
    "requests": {"all": {"filter_logic": "[d] >= '{month_start}'"}},
}  # fmt: skip
LIME = {
    "type": "limesurvey", "url": "https://h/rpc", "user": ENV, "password": ENV,
    "requests": {"all": {"survey": 7}},
}  # fmt: skip
HTTPS = {"type": "https", "requests": {"all": "https://h/{month}.csv"}}
S3 = {"type": "s3", "bucket": "exports", "access_key": ENV, "secret_key": ENV}


def a_clinic(source: object, clinic_id: str = "hill", **export: object) -> dict[str, object]:
    form = {"instrument": "gad-7", "rater": "patient", "items": "g{item}"}
    return {
        "id": clinic_id, "name": "Hill", "sector": "public", "timezone": "Europe/Warsaw",
        "source": source, "first_month": "2025-01", "therapists": ["T1"],
        "exports": [
            {
                "id": "all", "path": "a_{month}.csv", "format": "delimited", "patient": "p",
                "date": "d", "forms": [form], **export,
            }
        ],
    }  # fmt: skip


def load(tmp_path: Path, *clinics: dict[str, object]) -> list[Clinic]:
    (tmp_path / "clinics.yaml").write_text(yaml.safe_dump({"clinics": list(clinics)}))
    return list(load_registry(tmp_path / "clinics.yaml").clinics.values())


def refused(tmp_path: Path, *clinics: dict[str, object]) -> str:
    with pytest.raises(SettingsError) as told:
        load(tmp_path, *clinics)
    return str(told.value)


@pytest.mark.parametrize("source", ["hill/x", SFTP, S3, REDCAP, HTTPS])
def test_every_kind_of_source_is_read(tmp_path: Path, source: object) -> None:
    (clinic,) = load(tmp_path, a_clinic(source))
    assert clinic.place.type == (source["type"] if isinstance(source, dict) else "folder")


def test_limesurvey_goes_with_a_cumulative_export(tmp_path: Path) -> None:
    assert load(tmp_path, a_clinic(LIME, cumulative=True))
    assert "cumulative" in refused(tmp_path, a_clinic(LIME))


def test_a_name_alone_is_a_folder(tmp_path: Path) -> None:
    (clinic,) = load(tmp_path, a_clinic("hill"))
    assert (clinic.source, clinic.folder) == ("hill", "hill")
    assert clinic.place == FolderPlace(type="folder", path="hill")


def test_a_remote_source_has_no_folder(tmp_path: Path) -> None:
    (clinic,) = load(tmp_path, a_clinic(SFTP))
    assert clinic.folder == ""
    assert isinstance(clinic.place, SftpPlace)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("/x", "folder below the inbox"),
        ("", "at least 1 character"),
        (7, "one of the types"),
        (None, "one of the types"),
        ({}, "one of the types"),
        ({"type": "ftp"}, "folder, sftp, s3, redcap, limesurvey, https"),
        ({"type": "folder", "path": "a/../b"}, "folder below the inbox"),
        ({**SFTP, "password": None}, "either private_key or password"),
        ({**SFTP, "private_key": ENV}, "either private_key or password"),
        ({**SFTP, "passphrase": ENV}, "passphrase belongs to a private_key"),
        ({**SFTP, "host_key": "any"}, "source.sftp.host_key"),
        ({**SFTP, "host_key": None}, "source.sftp.host_key"),
        ({**SFTP, "folder": "a/../b"}, "without .."),
        ({**SFTP, "frob": 1}, "source.sftp.frob"),
        ({**SFTP, "attempts": 0}, "source.sftp.attempts"),
        ({**S3, "bucket": "../x"}, "source.s3.bucket"),
        ({**S3, "endpoint": "http://h"}, "endpoint must begin with https://"),
        ({**REDCAP, "url": "http://h/api/"}, "url must begin with https://"),
        ({**REDCAP, "url": "http://h", "allow_plain_http_on_loopback": True}, "https://"),
        ({**REDCAP, "url": "file:///etc/passwd"}, "address"),
        ({**REDCAP, "url": "https://h/a b"}, "address"),
        ({**REDCAP, "url": "https://h:99999/"}, "address"),
        ({**REDCAP, "requests": {"all": {}}}, "filter_logic must name the month"),
        ({**REDCAP, "requests": {"all": {"changed_from": "{month_start}"}}}, "filter_logic must"),
        ({**REDCAP, "requests": {"all": {"filter_logic": "{day}"}}}, "may hold only {month}"),
        ({**REDCAP, "requests": {}}, "source.redcap.requests"),
        ({**HTTPS, "requests": {"other": "https://h/{month}"}}, "must name every export"),
        ({**HTTPS, "requests": {"all": "https://h/x.csv"}}, "must name the month"),
        ({**HTTPS, "user": ENV}, "belong together"),
        ({**HTTPS, "user": ENV, "password": ENV, "bearer": ENV}, "either bearer"),
    ],
)
def test_a_source_that_is_not_sound_is_told_by_its_key(
    tmp_path: Path, source: object, said: str
) -> None:
    assert said in refused(tmp_path, a_clinic(source))


@pytest.mark.parametrize("path", ["{month}/*.csv", "{month}/a_{exported:%Y%m%d}.csv"])
def test_what_is_asked_for_has_one_name(tmp_path: Path, path: str) -> None:
    assert "without *" in refused(tmp_path, a_clinic(HTTPS, path=path))


def test_a_cumulative_redcap_export_has_no_filter(tmp_path: Path) -> None:
    assert "no filter" in refused(tmp_path, a_clinic(REDCAP, cumulative=True))
    whole = {**REDCAP, "requests": {"all": {}}}
    assert load(tmp_path, a_clinic(whole, cumulative=True))


@pytest.mark.parametrize(
    "written", [TOKEN, {"env": TOKEN}, {"env": TOKEN, "file": "/x"}, {}, {"file": TOKEN}, [TOKEN]]
)
def test_a_secret_written_into_the_registry_is_refused_and_not_told_back(
    tmp_path: Path, written: object
) -> None:
    told = refused(tmp_path, a_clinic({**REDCAP, "token": written}))
    assert "source.redcap.token" in told
    assert TOKEN not in told


@pytest.mark.parametrize("url", [f"https://u:{TOKEN}@h/api/", f"https://{TOKEN}@h/"])
def test_a_secret_in_an_address_is_refused_and_not_told_back(tmp_path: Path, url: str) -> None:
    told = refused(tmp_path, a_clinic({**REDCAP, "url": url}))
    assert "must not hold a user" in told
    assert TOKEN not in told


def test_all_faults_of_a_source_are_told_at_once(tmp_path: Path) -> None:
    told = refused(tmp_path, a_clinic({**SFTP, "port": 0, "host": "", "frob": 1}))
    assert all(f"source.sftp.{key}" in told for key in ("port", "host", "frob"))


@pytest.mark.parametrize("source", ["hill", SFTP, S3, REDCAP, HTTPS])
def test_two_clinics_with_the_same_source_are_refused(tmp_path: Path, source: object) -> None:
    assert "same source" in refused(tmp_path, a_clinic(source), a_clinic(source, "valley"))


def test_waiting_longer_makes_no_other_source(tmp_path: Path) -> None:
    other = {**SFTP, "attempts": 9}
    assert "same source" in refused(tmp_path, a_clinic(SFTP), a_clinic(other, "valley"))


def test_one_project_may_serve_two_clinics_by_filter(tmp_path: Path) -> None:
    other = {**REDCAP, "requests": {"all": {"filter_logic": "[dag]='2' and [d]>'{month_start}'"}}}
    assert len(load(tmp_path, a_clinic(REDCAP), a_clinic(other, "valley"))) == 2


PAGE = Path(__file__).parents[3] / "docs" / "sources.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_page_about_sources_is_sound(tmp_path: Path, example: str) -> None:
    shown = yaml.safe_load(example)
    export = {"id": "sessions", "path": "sessions_{month}.csv"}
    for one in shown.get("exports", []):
        export |= one
    assert load(tmp_path, a_clinic(shown["source"], **export))


def test_the_page_about_sources_shows_every_kind() -> None:
    shown = [yaml.safe_load(example)["source"] for example in EXAMPLES]
    assert {one["type"] for one in shown if isinstance(one, dict)} == set(KINDS)


def test_the_words_for_the_month_are_days_of_it() -> None:
    template = "{month}|{month_start}|{month_end}|{next_month_start}"
    assert filled(template, "2024-02") == "2024-02|2024-02-01|2024-02-29|2024-03-01"
    assert filled(template, "2025-12") == "2025-12|2025-12-01|2025-12-31|2026-01-01"


@settings(deadline=None)
@given(st.integers(1, 9998), st.integers(1, 12), st.text("ab{}[]'=", max_size=20))
def test_only_words_for_the_month_are_filled(year: int, number: int, around: str) -> None:
    month = f"{year:04d}-{number:02d}"
    assert filled(around, month) == around
    written = filled(f"{around}{{month_start}}{around}", month)
    assert written == f"{around}{month}-01{around}"
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", filled("{month_end}", month))
