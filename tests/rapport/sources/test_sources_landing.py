"""What landing keeps is whole, immutable and what its name says."""

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from rapport.errors import EvidenceError
from rapport.sources import Landing

CONTENT = b"a,b\r\n1,2\r\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def rules(landing: Landing) -> list[tuple[str, str | None]]:
    return [(fault.rule, fault.file) for fault in landing.verify()]


def test_what_is_kept_comes_back_byte_for_byte(tmp_path: Path) -> None:
    landing = Landing(tmp_path / "landing")
    assert landing.keep(CONTENT) == SHA256
    assert landing.open_bytes(SHA256) == CONTENT
    assert rules(landing) == []


def test_keeping_twice_changes_nothing(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    landing.keep(CONTENT)
    before = landing.place_of(SHA256).stat()
    landing.keep(CONTENT)
    after = landing.place_of(SHA256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [SHA256]


def test_an_empty_file_is_kept_too(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    assert landing.open_bytes(landing.keep(b"")) == b""


def test_kept_files_are_read_only_and_not_for_everyone(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    landing.keep(CONTENT)
    assert stat.S_IMODE(landing.place_of(SHA256).stat().st_mode) == 0o440


def damage(place: Path, content: bytes) -> None:
    place.chmod(0o600)
    place.write_bytes(content)


@pytest.mark.parametrize("changed", [b"a,b\r\n1,3\r\n", b"", CONTENT + b"\n"])
def test_a_changed_content_is_never_handed_out(tmp_path: Path, changed: bytes) -> None:
    landing = Landing(tmp_path)
    landing.keep(CONTENT)
    damage(landing.place_of(SHA256), changed)
    assert rules(landing) == [("LANDING_CHANGED", SHA256)]
    with pytest.raises(EvidenceError):
        landing.open_bytes(SHA256)
    with pytest.raises(EvidenceError):
        landing.keep(CONTENT)


def test_a_missing_content_is_told(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as told:
        Landing(tmp_path).open_bytes(SHA256)
    assert told.value.faults[0].rule == "LANDING_MISSING"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", SHA256.upper(), SHA256[:-1], "", SHA256 + "\n"]
)
def test_a_name_that_is_no_hash_is_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(EvidenceError):
        Landing(tmp_path).open_bytes(name)


def test_strangers_in_landing_are_told(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    landing.keep(CONTENT)
    (tmp_path / SHA256[:2] / "note.txt").write_text("hello")
    (tmp_path / "00").mkdir(exist_ok=True)
    (tmp_path / "00" / SHA256).symlink_to(landing.place_of(SHA256))
    assert sorted(rules(landing)) == [
        ("LANDING_STRANGER", f"00/{SHA256}"),
        ("LANDING_STRANGER", f"{SHA256[:2]}/note.txt"),
    ]


def test_several_contents_are_kept_at_once_each_under_its_own_hash(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    landing.keep(CONTENT)
    contents = [b"one", CONTENT, b"two", b"one", b""]
    named = landing.keep_all(contents)
    assert [landing.open_bytes(sha256) for sha256 in named] == contents
    assert named[1] == SHA256
    assert rules(landing) == []


def test_a_changed_content_among_several_is_refused(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    landing.keep(CONTENT)
    damage(landing.place_of(SHA256), b"something else")
    with pytest.raises(EvidenceError):
        landing.keep_all([b"one", CONTENT])


@pytest.mark.parametrize("step", ["fsync", "fchmod"])
def test_a_failing_disk_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    landing = Landing(tmp_path)
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space"):
        landing.keep(CONTENT)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_crash_before_the_rename_leaves_nothing_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = Landing(tmp_path)
    real: Callable[..., Path] = Path.unlink
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    with pytest.raises(KeyboardInterrupt):
        landing.keep(CONTENT)
    monkeypatch.undo()
    assert Path.unlink is real
    assert rules(landing) == []
    assert landing.keep(CONTENT) == SHA256
    assert landing.open_bytes(SHA256) == CONTENT
