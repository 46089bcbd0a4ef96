"""Damaging files: in their bytes, in their fields and lines, in their JSON, in the parts of a box.

Everything is drawn from one random generator, so that a seed and a number make a file again.
"""

import copy
import gzip
import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable

Mutation = Callable[[bytes, random.Random], bytes]

TOKENS = (
    b"", b",", b";", b"\t", b"\n", b"\r", b"\r\n", b'"', b'""', b"'", b"\0", b"\xff", b"\xfe\xff",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80", b" ", b"\xc2\xa0", b"\xe2\x80\x8b",
    b"sep=;\n", b"-9", b"99", b"1e309", b"NaN", b"-0", b"1_0", b"0x1", b"TRUE", b"2.5", b"2,5",
    b"\xef\xbc\x94", b"=1+1", b"#N/A", b"2026-02-30", b"9999-12-31", b"0001-01-01", b"45000",
    b"test", b"ann@example.org", b"192.0.2.17", b"+48 601 234 567", b"1.18E+11", b"PK\x03\x04",
    b"PK\x05\x06", b"\x1f\x8b", b"$FL2", b"$FL3", b"<!DOCTYPE html>", b'{"', b"[", b"]", b"{", b"}",
    b"null", b'"\\ud800"', b"1e400", b"9" * 40, b"x" * 70_000, b"[" * 2_000, b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff", b"\x80\x00\x00\x00", b"\x00\x00\x00\x00",
)  # fmt: skip
"""What has broken a reader somewhere before."""

_LONGEST = 300_000
"""Longest file that is made, in bytes: most faults are small."""


def mutated(content: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Return the file with one to four damages, now and then joined with another file."""
    for _ in range(chance.choice((1, 1, 1, 2, 2, 4))):
        if chance.random() < 0.05:
            content = _spliced(content, chance, chance.choice(others))
        content = chance.choice(_kinds_for(content))(content, chance)[:_LONGEST]
    return content


def _kinds_for(content: bytes) -> tuple[Mutation, ...]:
    """Return the kinds of damage that a file offers itself to."""
    if content.startswith(b"PK"):
        return (_bytes, _in_zip, _in_zip, _in_zip)
    if content.startswith(b"\x1f\x8b"):
        return (_bytes, _in_gzip, _in_gzip)
    if content.startswith(b"{"):
        return (_bytes, _in_json, _in_json, _lines)
    if content.startswith(b"$FL"):
        return (_bytes, _bytes, _numbers)
    return (_bytes, _fields, _fields, _lines, _columns)


def _bytes(content: bytes, chance: random.Random) -> bytes:
    """Change, cut, double or insert some bytes."""
    if not content:
        return chance.choice(TOKENS)
    at = chance.randrange(len(content))
    end = min(len(content), at + chance.choice((1, 1, 2, 4, 16, 200)))
    return chance.choice(
        (
            content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :],
            content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :],
            content[:at] + content[end:],
            content[:at],
            content[:end] + content[at:end] + content[end:],
            content[:at] + chance.choice(TOKENS) + content[at:],
            content[:at] + chance.choice(TOKENS) + content[end:],
        )
    )


def _numbers(content: bytes, chance: random.Random) -> bytes:
    """Put an odd number of four or eight bytes in a binary file."""
    at = chance.randrange(max(len(content) - 8, 1))
    size = chance.choice((4, 8))
    value = chance.choice((0, 1, 2, 255, 256, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1))
    number = (value % 2 ** (8 * size)).to_bytes(size, chance.choice(("little", "big")))
    return content[:at] + number + content[at + size :]


def _lines(content: bytes, chance: random.Random) -> bytes:
    """Remove, double, swap or join lines, or change how they end."""
    lines = content.splitlines(keepends=True) or [b""]
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.randrange(6)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(other, lines[at])
    elif kind == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 3:
        lines[at] = lines[at].rstrip(b"\r\n")
    elif kind == 4:
        lines[at] = lines[at].rstrip(b"\r\n") + chance.choice((b"\r", b"\r\n", b"\n\n", b"\f\n"))
    else:
        lines.insert(at, chance.choice((b"\n", b"Total,,,\n", b"note\n", b",,,,,,,,,,\n")))
    return b"".join(lines)


def _fields(content: bytes, chance: random.Random) -> bytes:
    """Change one field of one line."""
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    delimiter = max(b",;\t", key=lines[at].count).to_bytes(1, "big")
    fields = lines[at].split(delimiter)
    place, other = chance.randrange(len(fields)), chance.randrange(len(fields))
    kind = chance.randrange(4)
    if kind == 0:
        fields[place] = chance.choice(TOKENS)
    elif kind == 1:
        fields[place], fields[other] = fields[other], fields[place]
    elif kind == 2:
        fields.insert(place, fields[other])
    else:
        del fields[place]
    lines[at] = delimiter.join(fields)
    return b"\n".join(lines)


def _columns(content: bytes, chance: random.Random) -> bytes:
    """Remove, double or move one column of every line."""
    lines = content.split(b"\n")
    delimiter = max(b",;\t", key=lines[0].count).to_bytes(1, "big")
    rows = [line.split(delimiter) for line in lines]
    place, other = (chance.randrange(len(rows[0])) for _ in range(2))
    kind = chance.randrange(3)
    for row in rows:
        if place >= len(row):
            continue
        field = row[place] if kind == 1 else row.pop(place)
        if kind:
            row.insert(other, field)
    return b"\n".join(delimiter.join(row) for row in rows)


def _in_json(content: bytes, chance: random.Random) -> bytes:
    """Change one value in one JSON text of the file."""
    lines = content.split(b"\n") if content.count(b'\n{"resourceType"') else [content]
    at = chance.randrange(len(lines))
    try:
        tree = json.loads(lines[at])
    except (ValueError, RecursionError):
        return _bytes(content, chance)
    _changed(tree, chance)
    lines[at] = json.dumps(tree).encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _changed(tree: object, chance: random.Random) -> None:
    """Walk into a JSON value and change what is found."""
    places: list[tuple[object, object]] = []
    waiting = [tree]
    while waiting and len(places) < 2_000:
        value = waiting.pop()
        inside = value.items() if isinstance(value, dict) else (
            enumerate(value) if isinstance(value, list) else ())  # fmt: skip
        for key, inner in list(inside):
            places.append((value, key))
            waiting.append(inner)
    if not places:
        return
    (holder, key), (other, name) = chance.choice(places), chance.choice(places)
    odd = [
        None,
        True,
        0,
        -1,
        4,
        2.5,
        1e300,
        "",
        "x",
        [],
        {},
        [[]],
        [{}],
        [None],
        {"a": 1},
        "2026",
        "9999-12-31T23:59:59Z",
        "\ud800",
        "\0",
        "ann@example.org",
        copy.deepcopy(other[name]),
    ]  # type: ignore[index]
    kind = chance.randrange(3)
    if kind == 0:
        holder[key] = chance.choice(odd)  # type: ignore[index]
    elif kind == 1:
        del holder[key]  # type: ignore[attr-defined]
    elif isinstance(holder, list):
        holder.append(chance.choice([copy.deepcopy(holder[key]), *odd]))  # type: ignore[index, call-overload]
    else:
        holder[f"{key}2"] = chance.choice(odd)  # type: ignore[index]


def _in_zip(content: bytes, chance: random.Random) -> bytes:
    """Change one member of an archive and pack it again; a workbook's sheet most of all."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, zlib.error):
        return _bytes(content, chance)
    if not members:
        return _bytes(content, chance)
    sheets = [name for name in members if "sheet1" in name or "shared" in name]
    name = chance.choice(sheets if sheets and chance.random() < 0.6 else list(members))
    inside = members.pop(name)
    if chance.random() < 0.9:
        members[name] = chance.choice((_bytes, _tags))(inside, chance)
    if chance.random() < 0.1:
        members[chance.choice(("xl/vbaProject.bin", "../x", "b.csv", "x" * 300))] = inside
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", chance.choice((0, 8))) as archive:
        for part, bytes_ in members.items():
            archive.writestr(part, bytes_)
    return packed.getvalue()


def _tags(content: bytes, chance: random.Random) -> bytes:
    """Double, drop or move a piece of XML between two tags, or change a value in it."""
    pieces = content.split(b"<")
    at, other = chance.randrange(len(pieces)), chance.randrange(len(pieces))
    kind = chance.randrange(4)
    if kind == 0:
        pieces.insert(other, pieces[at])
    elif kind == 1:
        del pieces[at]
    elif kind == 2:
        pieces[at], pieces[other] = pieces[other], pieces[at]
    else:
        pieces[at] = pieces[at].partition(b">")[0] + b">" + chance.choice(TOKENS)
    return b"<".join(pieces)


def _in_gzip(content: bytes, chance: random.Random) -> bytes:
    try:
        plain = gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return _bytes(content, chance)
    return gzip.compress(chance.choice(_kinds_for(plain))(plain, chance), 1, mtime=0)


def _spliced(content: bytes, chance: random.Random, other: bytes) -> bytes:
    """Join the beginning of one file with the end of another."""
    return content[: chance.randrange(len(content) + 1)] + other[chance.randrange(len(other) + 1) :]
