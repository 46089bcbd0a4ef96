"""Children: limited before they read, silent about content, and never the end of their parent."""

import io
import resource
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from rapport.exports.children import Refused, limited, parsed, running

LIMITED = Path(limited.__file__)


def run(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    parser = folder / "parser.py"
    parser.write_text(script)
    command = [sys.executable, "-P", "-B", str(LIMITED), str(parser)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_child_has_its_limits_before_it_parses(tmp_path: Path) -> None:
    names = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE")
    script = f"import resource\nprint([resource.getrlimit(getattr(resource, n)) for n in {names}])"
    done = run(tmp_path, script)
    most = (limited.MEMORY_BYTES, limited.CPU_SECONDS, 0, 0)
    assert done.stdout.strip() == str([(one, one) for one in most])


def test_a_child_that_wants_too_much_memory_fails_alone(tmp_path: Path) -> None:
    done = run(tmp_path, f"bytearray({limited.MEMORY_BYTES + 1})")
    assert "MemoryError" in done.stderr


def test_a_child_can_write_no_file(tmp_path: Path) -> None:
    target = tmp_path / "leak"
    done = run(tmp_path, f"with open({str(target)!r}, 'w') as file:\n    file.write('x')")
    assert "File too large" in done.stderr
    assert target.read_bytes() == b""


def test_the_parent_keeps_its_own_limits() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    parsed("workbook", b"garbage")
    assert resource.getrlimit(resource.RLIMIT_AS) == before


@pytest.mark.parametrize(
    ("code", "output"),
    [(1, b"{}"), (-9, b""), (0, b""), (0, b"[]"), (0, b'{"rows": '), (0, b"\xff")],
    ids=["failed", "killed", "silent", "no object", "cut off", "no text"],
)
def test_whatever_a_child_says_amiss_is_a_refusal(code: int, output: bytes) -> None:
    found = running._result(code, output)
    assert isinstance(found, Refused)
    assert "damaged" in found.message


def test_children_see_nothing_of_the_parent_s_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_SECRET", "s3cret")
    assert "s3cret" not in str(running._environment())


def test_a_child_that_says_too_much_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "OUTPUT_BYTES", 4)
    packed = io.BytesIO()
    openpyxl.Workbook().save(packed)
    found = parsed("workbook", packed.getvalue())
    assert isinstance(found, Refused)
    assert "more than can be read" in found.message
