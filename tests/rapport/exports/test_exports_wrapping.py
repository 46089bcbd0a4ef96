"""An archive that holds exactly one export is that export; any other archive is refused unread."""

import gzip
import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import ExportRefusedError
from rapport.exports.wrapping import SMALL, looks_cut, unwrapped

if TYPE_CHECKING:
    from conftest import Desk

Members = list[tuple[str, bytes]]


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(ExportRefusedError) as raised:
        unwrapped(content)
    assert raised.value.faults[0].rule == "WRONG_FORMAT"
    return raised.value.faults[0].message


CSV = b"a,b\n1,2\n"


@pytest.mark.parametrize(
    "packed",
    [
        CSV,
        gzip.compress(CSV, mtime=0),
        zipped(("a.csv", CSV)),
        zipped(("a.csv", CSV), method=zipfile.ZIP_STORED),
        zipped(("in/", b""), ("in/a.csv", CSV), ("__MACOSX/in/._a.csv", b"x")),
    ],
    ids=["plain", "gzip", "zip", "stored", "zip with a folder and macOS bookkeeping"],
)
def test_one_export_comes_out_byte_for_byte(packed: bytes) -> None:
    assert unwrapped(packed) == CSV


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=4000).map(b"a,".__add__))
def test_any_bytes_that_are_no_archive_survive_both_kinds_of_archive(content: bytes) -> None:
    assert unwrapped(gzip.compress(content, mtime=0)) == content
    assert unwrapped(zipped(("a", content))) == content


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_cut_archive_is_never_read(data: st.DataObject) -> None:
    packed = data.draw(st.sampled_from([gzip.compress(CSV, mtime=0), zipped(("a.csv", CSV))]))
    cut = packed[: data.draw(st.integers(4, len(packed) - 1))]
    refusal(cut)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_flipped_bit_is_either_told_or_harmless(data: st.DataObject) -> None:
    packed = bytearray(
        data.draw(st.sampled_from([gzip.compress(CSV, mtime=0), zipped(("a.csv", CSV))]))
    )
    place = data.draw(st.integers(2, len(packed) - 1))
    packed[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = unwrapped(bytes(packed))
    except ExportRefusedError:
        return
    assert found in (CSV, bytes(packed))  # the latter only if it no longer begins like an archive


def test_a_gzip_bomb_is_stopped_at_the_budget() -> None:
    assert "far too much" in refusal(gzip.compress(b"0" * (200 * SMALL), mtime=0))


def test_a_zip_bomb_is_refused_by_its_directory() -> None:
    assert "far too much" in refusal(zipped(("a.csv", b"0" * (200 * SMALL))))


def test_a_zip_whose_directory_lies_about_the_size_is_refused() -> None:
    packed = bytearray(zipped(("a.csv", b"a,b\n" + b"1,2\n" * 50)))
    entry = packed.index(b"PK\x01\x02")
    part = b"a,b\n1,2\n"
    packed[entry + 16 : entry + 20] = struct.pack("<I", zlib.crc32(part))
    packed[entry + 24 : entry + 28] = struct.pack("<I", len(part))
    assert "damaged" in refusal(bytes(packed))


def test_a_member_that_unpacks_beyond_the_budget_is_stopped_while_unpacking() -> None:
    packed = bytearray(zipped(("a.csv", b"0" * (3 * SMALL))))
    entry = packed.index(b"PK\x01\x02")
    packed[entry + 24 : entry + 28] = struct.pack("<I", 10)
    assert "far too much" in refusal(bytes(packed))


@pytest.mark.parametrize(
    ("packed", "told"),
    [
        (zipped(), "0 files"),
        (zipped(("a.csv", CSV), ("b.csv", CSV)), "2 files"),
        (zipped(*((f"{n}/", b"") for n in range(1001))), "too large"),
        (zipped(("a.zip", zipped(("a.csv", CSV)))), "another archive"),
        (gzip.compress(gzip.compress(CSV, mtime=0), mtime=0), "another archive"),
        (gzip.compress(b"BZh91AY", mtime=0), "another archive"),
        (gzip.compress(CSV, mtime=0) + gzip.compress(CSV, mtime=0), "behind the end"),
        (gzip.compress(CSV, mtime=0) + b"garbage", "behind the end"),
        (zipped(("a.csv", CSV)) + b"garbage", "behind the end"),
        (zipped(("survey_1.lss", b"<document/>"), ("survey_1.lsr", b"")), "LimeSurvey survey"),
        (zipped(("a.csv", CSV), method=zipfile.ZIP_LZMA), "unusual way"),
        (b"PK\x03\x04garbage", "damaged"),
        (b"\x1f\x8bgarbage", "damaged"),
    ],
)
def test_what_is_not_exactly_one_export_is_refused(packed: bytes, told: str) -> None:
    assert told in refusal(packed)


def test_a_protected_archive_is_refused() -> None:
    packed = bytearray(zipped(("a.csv", CSV)))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in refusal(bytes(packed))


def test_a_workbook_stays_packed_also_when_it_came_in_an_archive() -> None:
    workbook = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))
    assert unwrapped(workbook) == workbook
    assert unwrapped(zipped(("a.xlsx", workbook))) == workbook


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped(("../../x.csv", content))])
def test_a_packed_export_is_read_like_the_plain_one(desk: "Desk", pack: "object") -> None:
    assert callable(pack)
    content = desk.csv(desk.row(), desk.row("p2"))
    plain, packed = desk.read(content), desk.read(pack(content))
    assert packed.faults == ()
    stamps = ["content_sha256"]
    assert packed.rows.drop(columns=stamps).equals(plain.rows.drop(columns=stamps))
    assert packed.file["rows_received"] == 2


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_an_archive_looks_cut_until_its_last_byte_is_there(data: st.DataObject) -> None:
    plain = data.draw(st.binary(min_size=1, max_size=3000))
    for packed in (gzip.compress(plain, mtime=0), zipped(("a", plain))):
        cut = data.draw(st.integers(4, len(packed) - 1))
        assert looks_cut(packed[:cut]) or (packed[:4] == b"PK\x03\x04" and cut > len(packed) - 22)
        assert not looks_cut(packed)
        assert not looks_cut(plain.replace(b"\x1f", b"").replace(b"P", b""))


def test_a_damaged_archive_does_not_look_cut() -> None:
    packed = bytearray(gzip.compress(CSV * 100, mtime=0))
    packed[20:40] = bytes(20)
    assert not looks_cut(bytes(packed))
