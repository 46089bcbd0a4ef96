"""A folder is looked through by pattern and read by descriptor; names are data, never paths."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from rapport.clinics import Clinic
from rapport.sources import FolderSource, FoundFile, is_stable
from rapport.sources.delivery import printable


def clinic(*paths: str) -> Clinic:
    form = {"instrument": "gad-7", "rater": "patient", "items": "g{item}"}
    return Clinic.model_validate(
        {
            "id": "hill", "name": "Hill Clinic", "sector": "public", "timezone": "Europe/Warsaw",
            "source": "south/hill", "first_month": "2025-11", "therapists": ["T1"],
            "exports": [
                {
                    "id": f"export-{place}", "path": path, "format": "delimited",
                    "patient": "p", "forms": [form],
                }
                for place, path in enumerate(paths or ("{month}/*.csv",))
            ],
        }
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "south" / "hill" / "2026-02"
    made.mkdir(parents=True)
    return made


def names(source: FolderSource, *paths: str) -> list[str]:
    return [found.file for found in source.finished_files(clinic(*paths), "2026-02")]


def test_a_file_is_found_by_its_pattern_and_delivered_byte_for_byte(
    tmp_path: Path, folder: Path
) -> None:
    (folder / "a.csv").write_bytes(b"\x00\xff,1\r\n")
    (folder / "a.txt").write_bytes(b"no")
    source = FolderSource(tmp_path)
    (found,) = source.finished_files(clinic(), "2026-02")
    delivery = source.read(found)
    assert delivery is not None
    assert (delivery.clinic_id, delivery.month) == ("hill", "2026-02")
    assert (delivery.export_id, delivery.file) == ("export-0", "2026-02/a.csv")
    assert delivery.content == b"\x00\xff,1\r\n"
    # printf '\\000\\377,1\\r\\n' | sha256sum
    assert delivery.content_sha256 == (
        "de1400a37b07f88353f0b14d64c3994d6891b0ed9194e0142e0651cb1a8d695c"
    )
    assert source.held == []


def test_another_month_and_another_folder_are_not_looked_into(tmp_path: Path, folder: Path) -> None:
    (folder / "a.csv").touch()
    other = folder.parent / "2026-03"
    other.mkdir()
    (other / "b.csv").touch()
    assert names(FolderSource(tmp_path)) == ["2026-02/a.csv"]
    assert FolderSource(tmp_path).finished_files(clinic(), "2026-01") == ()


def test_files_come_in_order_of_their_last_change(tmp_path: Path, folder: Path) -> None:
    for place, name in enumerate(("c.csv", "a.csv", "b.csv")):
        (folder / name).touch()
        os.utime(folder / name, ns=(0, 10**9 * (1 + place // 2)))
    assert names(FolderSource(tmp_path)) == ["2026-02/a.csv", "2026-02/c.csv", "2026-02/b.csv"]


def test_a_file_that_two_exports_match_belongs_to_the_first(tmp_path: Path, folder: Path) -> None:
    (folder / "a.csv").touch()
    found = FolderSource(tmp_path).finished_files(clinic("{month}/a*", "{month}/*.csv"), "2026-02")
    assert [(one.file, one.export_id) for one in found] == [("2026-02/a.csv", "export-0")]


@pytest.mark.parametrize(
    "name",
    ["a.csv.part", "a.csv.tmp", "a.csv.filepart", "A.CSV.PART", ".a.csv", "a.csv~", "a.csv.done",
     "a.csv.crdownload", ".a.csv.Xy12"],
)  # fmt: skip
def test_unfinished_files_and_markers_are_left_alone(
    tmp_path: Path, folder: Path, name: str
) -> None:
    (folder / name).touch()
    source = FolderSource(tmp_path)
    assert names(source, "{month}/*") == []
    assert source.held == []


def test_only_the_star_has_a_meaning_in_a_pattern(tmp_path: Path, folder: Path) -> None:
    for name in ("a[1].csv", "a1.csv", "ab.csv", "a.b.csv", "aXb.csv"):
        (folder / name).touch()
    assert names(FolderSource(tmp_path), "{month}/a[1].csv") == ["2026-02/a[1].csv"]
    assert names(FolderSource(tmp_path), "{month}/a.b.csv") == ["2026-02/a.b.csv"]


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "dangling link"])
def test_what_is_no_regular_file_is_held_and_never_opened(
    tmp_path: Path, folder: Path, kind: str
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("secret")
    place = folder / "x.csv"
    if kind == "link":
        place.symlink_to(secret)
    elif kind == "dangling link":
        place.symlink_to(tmp_path / "nowhere")
    elif kind == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    source = FolderSource(tmp_path)
    assert names(source) == []
    assert [(held.file, "regular" in held.reason) for held in source.held] == [
        ("2026-02/x.csv", True)
    ]


def test_a_file_with_a_second_name_is_held_until_it_is_a_copy(tmp_path: Path, folder: Path) -> None:
    others = tmp_path / "others.csv"
    others.write_text("another clinic's")
    (folder / "x.csv").hardlink_to(others)
    source = FolderSource(tmp_path)
    assert names(source) == []
    assert ["hard link" in held.reason for held in source.held] == [True]
    others.unlink()
    assert names(FolderSource(tmp_path)) == ["2026-02/x.csv"]


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path, folder: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "x.csv").write_text("secret")
    folder.rmdir()
    folder.symlink_to(elsewhere)
    assert names(FolderSource(tmp_path)) == []


def test_a_file_that_becomes_a_link_after_listing_is_held(tmp_path: Path, folder: Path) -> None:
    (folder / "x.csv").write_text("a")
    source = FolderSource(tmp_path)
    (found,) = source.finished_files(clinic(), "2026-02")
    (tmp_path / "secret").write_text("s")
    (folder / "x.csv").unlink()
    (folder / "x.csv").symlink_to(tmp_path / "secret")
    assert source.read(found) is None
    assert "opened" in source.held[-1].reason


@pytest.mark.parametrize("change", ["grown", "rewritten", "gone"])
def test_a_file_that_changes_between_listing_and_reading_is_held(
    tmp_path: Path, folder: Path, change: str
) -> None:
    file = folder / "x.csv"
    file.write_text("a,b\n")
    source = FolderSource(tmp_path)
    (found,) = source.finished_files(clinic(), "2026-02")
    if change == "grown":
        file.write_text("a,b\n1,2\n")
    elif change == "gone":
        file.unlink()
    else:
        file.write_text("b,a\n")
        os.utime(file, ns=(0, 5))
    assert source.read(found) is None
    assert len(source.held) == 1
    if change == "grown":
        (again,) = source.finished_files(clinic(), "2026-02")
        delivery = source.read(again)
        assert delivery is not None
        assert delivery.content == b"a,b\n1,2\n"


def test_a_file_beyond_the_limit_is_held(tmp_path: Path, folder: Path) -> None:
    (folder / "x.csv").write_bytes(b"12345")
    source = FolderSource(tmp_path, size_limit=4)
    assert names(source) == []
    assert "larger" in source.held[0].reason


def test_the_same_reason_is_told_once_however_often_one_looks(tmp_path: Path, folder: Path) -> None:
    (folder / "x.csv").mkdir()
    source = FolderSource(tmp_path)
    names(source)
    names(source)
    assert len(source.held) == 1


@pytest.mark.parametrize(
    "name", ["-rf.csv", "con.csv", "a b.csv", "x" * 251 + ".csv", "..csv.csv", "ŁÓDŹ.csv"]
)
def test_odd_names_are_names(tmp_path: Path, folder: Path, name: str) -> None:
    (folder / name.lstrip(".")).write_text("a")
    source = FolderSource(tmp_path)
    (found,) = source.finished_files(clinic(), "2026-02")
    delivery = source.read(found)
    assert delivery is not None
    assert delivery.file == f"2026-02/{name.lstrip('.')}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a\nb.csv", r"a\x0ab.csv"),
        (b"a\x1b[31m.csv", r"a\x1b[31m.csv"),
        ("a\u202etxt.csv".encode(), r"a\u202etxt.csv"),
        (b"\xff.csv", r"\xff.csv"),
    ],
)
def test_nothing_hides_in_a_received_name(
    tmp_path: Path, folder: Path, name: bytes, shown: str
) -> None:
    (folder / os.fsdecode(name)).write_text("a")
    source = FolderSource(tmp_path)
    (found,) = source.finished_files(clinic(), "2026-02")
    assert found.file == f"2026-02/{shown}"
    assert source.read(found) is not None
    assert printable(found.file) == found.file


def test_a_folder_that_may_not_be_read_is_no_empty_folder(tmp_path: Path, folder: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("Permissions do not bind the administrator.")
    folder.chmod(0)
    with pytest.raises(PermissionError):
        names(FolderSource(tmp_path))


def look(**changes: object) -> FoundFile:
    found = FoundFile("hill", "2026-02", "e", "a.csv", ("a.csv",), 10, 0, 1, 10**9, False)
    return replace(found, **changes)  # type: ignore[arg-type]


def test_a_file_is_finished_when_two_looks_see_the_same() -> None:
    assert is_stable(look(seen_ns=2 * 10**9), look())
    assert not is_stable(look(seen_ns=2 * 10**9, size=11), look())
    assert not is_stable(look(seen_ns=2 * 10**9, modified_ns=1), look())
    assert not is_stable(look(seen_ns=2 * 10**9, inode=2), look())


def test_one_look_twice_is_not_two_looks() -> None:
    assert not is_stable(look(), look())


def test_a_file_is_finished_at_one_look_when_marked_or_long_unchanged() -> None:
    assert is_stable(look(is_marked_done=True), None)
    assert not is_stable(look(), None)
    assert is_stable(look(), None, quiet_seconds=1)


def test_a_marker_beside_the_file_is_seen(tmp_path: Path, folder: Path) -> None:
    (folder / "a.csv").touch()
    (folder / "a.csv.done").touch()
    (found,) = FolderSource(tmp_path).finished_files(clinic(), "2026-02")
    assert found.is_marked_done
