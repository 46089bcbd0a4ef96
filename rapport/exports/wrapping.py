"""A file that came packed: ``.gz`` and ``.zip`` holding exactly one export, told by first bytes.

Limits are asked before and while unpacking, never after: members, sizes, ratios and flags are those
of the archive's directory, and what is unpacked is counted byte by byte against a budget. Names of
members are data; nothing is written to a disk. A workbook is an archive by itself and stays packed.
"""

import io
import zipfile
import zlib
from typing import NoReturn

from rapport.exports.file_rules import refuse

UNPACKED_LIMIT = 500 * 1024 * 1024
"""Most that an archive may unpack to, in bytes."""

RATIO_LIMIT = 100
"""Most that packed bytes may grow by."""

SMALL = 1024 * 1024
"""What unpacks to at most this many bytes may be packed better than :data:`RATIO_LIMIT`."""

MEMBER_LIMIT = 1000
"""Most members of an archive, directories and bookkeeping included."""

GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_ARCHIVES = (GZIP, *ZIP, b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")
_DOCUMENT = frozenset({"[content_types].xml", "mimetype", "xl/workbook.xml"})
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL_HEADER = 30
_END_RECORD = 22
_LONGEST_END = _END_RECORD + 0xFFFF
_PROTECTED = 0x1 | 0x40
_CHUNK = 64 * 1024
_AGAIN = "Transfer the file again; if that does not help, deliver the export unpacked."
_UNPACK = "Deliver the export itself, or an archive that holds it and nothing else."


def unwrapped(content: bytes) -> bytes:
    """Return the one export inside an archive, or the content as it is if it is none.

    Args:
        content: The bytes of the file as they were delivered.

    Returns:
        The bytes of the export. Workbooks and other documents that are archives by themselves come
        back as they are.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT`` – the archive is damaged or cut, protected, holds more
            or less than one file or another archive, or unpacks to too much.
    """
    if content.startswith(GZIP):
        return _not_packed_again(_inflated(content, len(content), wbits=31))
    if content.startswith(ZIP):
        return _unzipped(content)
    return content


def looks_cut(content: bytes) -> bool:
    """Whether bytes begin like an archive and end before it does: an upload that is not over.

    A reader refuses such a file; whoever collects files may rather wait for the rest of it.

    Args:
        content: The bytes of the file so far. Nothing of it is unpacked to be kept.
    """
    if content.startswith(GZIP):
        return _is_cut_stream(content)
    return content.startswith(ZIP[0]) and b"PK\x05\x06" not in content[-_LONGEST_END:]


def _is_cut_stream(content: bytes) -> bool:
    stream, n_plain = zlib.decompressobj(31), 0
    rest: bytes | memoryview = memoryview(content)
    try:
        while rest and not stream.eof and n_plain <= UNPACKED_LIMIT:
            n_plain += len(stream.decompress(rest, _CHUNK))
            rest = stream.unconsumed_tail
    except zlib.error:
        return False
    return not stream.eof and n_plain <= UNPACKED_LIMIT


def members_of(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the members in an archive's directory after asking every limit; unpacks nothing.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT``.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError):
        _refuse("The archive is damaged or cut off.", _AGAIN)
    members = archive.infolist()
    if content.rfind(b"PK\x05\x06") + _END_RECORD + len(archive.comment) != len(content):
        _refuse("Something stands behind the end of the archive.", _AGAIN)
    if any(member.flag_bits & _PROTECTED for member in members):
        _refuse("The archive is protected by a password.", "Deliver it without a password.")
    if any(member.compress_type not in _METHODS for member in members):
        _refuse("The archive is packed in an unusual way.", _UNPACK)
    if len(members) > MEMBER_LIMIT or sum(member.file_size for member in members) > UNPACKED_LIMIT:
        _refuse("The archive is too large once unpacked.", _UNPACK)
    if any(member.file_size > _allowed(member.compress_size) for member in members):
        _refuse("A part of the archive unpacks to far too much.", _UNPACK)
    return members


def is_document(members: list[zipfile.ZipInfo]) -> bool:
    """Whether an archive is a workbook or another document of an office program."""
    return any(member.filename.lower() in _DOCUMENT for member in members)


def _unzipped(content: bytes) -> bytes:
    members = members_of(content)
    if is_document(members):
        return content
    if any(member.filename.lower().endswith(".lss") for member in members):
        _refuse(
            "This is the archive of a LimeSurvey survey, not an export of responses.",
            "Export the responses (Responses, Export), not the survey.",
        )
    files = [member for member in members if not _is_bookkeeping(member)]
    if len(files) != 1:
        _refuse(f"The archive holds {len(files)} files, not exactly one export.", _UNPACK)
    return _not_packed_again(_member(content, files[0]))


def _is_bookkeeping(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a directory, or what macOS adds beside each file."""
    return member.is_dir() or member.filename.startswith("__MACOSX/")


def _member(content: bytes, member: zipfile.ZipInfo) -> bytes:
    """Unpack one member strictly: what is there must be exactly what the directory says."""
    start = member.header_offset
    header = content[start : start + _LOCAL_HEADER]
    if not header.startswith(b"PK\x03\x04") or len(header) < _LOCAL_HEADER:
        _refuse("The archive is damaged or cut off.", _AGAIN)
    sizes = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    start += _LOCAL_HEADER + sum(sizes)
    packed = content[start : start + member.compress_size]
    is_stored = member.compress_type == zipfile.ZIP_STORED
    plain = packed if is_stored else _inflated(packed, member.compress_size, wbits=-15)
    if len(plain) != member.file_size or zlib.crc32(plain) != member.CRC:
        _refuse("The archive is damaged or cut off.", _AGAIN)
    return plain


def _inflated(packed: bytes, size: int, *, wbits: int) -> bytes:
    """Unpack one deflated stream piece by piece, within the budget."""
    stream = zlib.decompressobj(wbits)
    budget = min(_allowed(size), UNPACKED_LIMIT)
    plain = bytearray()
    rest = memoryview(packed)
    try:
        while rest and not stream.eof:
            piece, rest = rest[:_CHUNK], rest[_CHUNK:]
            pending: bytes | memoryview = piece
            while pending:
                plain += stream.decompress(pending, budget + 1 - len(plain))
                pending = stream.unconsumed_tail
                if len(plain) > budget:
                    _refuse("The archive unpacks to far too much.", _UNPACK)
    except zlib.error:
        _refuse("The archive is damaged.", _AGAIN)
    if not stream.eof:
        _refuse("The archive is cut off.", _AGAIN)
    if stream.unused_data or rest:
        _refuse("Something stands behind the end of the archive.", _AGAIN)
    return bytes(plain)


def _allowed(packed_size: int) -> int:
    return max(SMALL, RATIO_LIMIT * packed_size)


def _not_packed_again(content: bytes) -> bytes:
    """Refuse an archive in an archive; a workbook in one is what survey software delivers."""
    is_workbook = content.startswith(ZIP) and is_document(members_of(content))
    if content.startswith(_ARCHIVES) and not is_workbook:
        _refuse("The archive holds another archive.", _UNPACK)
    return content


def _refuse(message: str, remedy: str) -> NoReturn:
    refuse("WRONG_FORMAT", message, remedy)
