"""The files that an artefact consists of: itself, or what an archive or a folder holds."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

AR = b"!<arch>\n"
AR_HEADER = 60
# A file of several processors, by Apple's mach-o/fat.h. A class of Java begins alike; its version
# is a larger number.
FAT, FAT_HEADER, FAT_ENTRY, FAT_MOST = b"\xca\xfe\xba\xbe", 8, 20, 32


@dataclass(frozen=True)
class Entry:
    """One file: where it lies in the artefact, and its bytes."""

    name: str
    data: bytes


def entries(path: Path) -> list[Entry]:
    """The files of an artefact. Raises ValueError where its kind is not known."""
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file() and not p.is_symlink())
        return [Entry(f"{path.name}/{p.relative_to(path)}", p.read_bytes()) for p in files]
    data = path.read_bytes()
    if path.name.endswith(".deb"):
        return _deb(data)
    if path.name.endswith((".tar.gz", ".tgz", ".tar.xz")):
        return _tar(data)
    if zipfile.is_zipfile(io.BytesIO(data)):
        return _zip(data)
    return [Entry(path.name, data)]


def members(data: bytes) -> Iterator[Entry]:
    """The members of an ar archive, with GNU's and BSD's ways of long names."""
    at, names = len(AR), b""
    while at + AR_HEADER <= len(data):
        head = data[at : at + AR_HEADER]
        name, size = head[:16].rstrip(), int(head[48:58])
        body = data[at + AR_HEADER : at + AR_HEADER + size]
        at += AR_HEADER + size + size % 2
        if name == b"//":
            names = body
        elif name.startswith(b"#1/"):
            length = int(name[3:])
            yield Entry(body[:length].rstrip(b"\0").decode(), body[length:])
        elif name not in (b"/", b"/SYM64/"):
            if name[:1] == b"/":
                name = names[int(name[1:]) :].split(b"\n", 1)[0]
            yield Entry(name.rstrip(b"/").decode(), body)


def slices(data: bytes) -> list[bytes]:
    """What a file of Apple's holds for each processor; any other is one piece by itself. Raises
    ValueError where it is damaged."""
    count = int.from_bytes(data[4:8], "big")
    if not data.startswith(FAT) or count > FAT_MOST:
        return [data]
    found = []
    for entry in range(FAT_HEADER, FAT_HEADER + count * FAT_ENTRY, FAT_ENTRY):
        begin, size = (int.from_bytes(data[at : at + 4], "big") for at in (entry + 8, entry + 12))
        if begin < FAT_HEADER or begin + size > len(data):
            raise ValueError(f"it is damaged: a slice is at {begin}, of {size} bytes")
        found.append(data[begin : begin + size])
    return found


def _deb(data: bytes) -> list[Entry]:
    if not data.startswith(AR):
        raise ValueError("the .deb is no ar archive")
    for member in members(data):
        if member.name.startswith("data.tar"):
            if member.name.endswith(".zst"):
                raise ValueError(f"{member.name}: of gzip and xz only; pack with xz")
            return _tar(member.data)
    raise ValueError("the .deb has no data.tar")


def _tar(data: bytes) -> list[Entry]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        files = [m for m in archive.getmembers() if m.isfile()]
        return [Entry(m.name, archive.extractfile(m).read()) for m in files]  # type: ignore[union-attr]


def _zip(data: bytes) -> list[Entry]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        links = 0o120000  # of the mode that Unix keeps in the upper half
        files = [
            i
            for i in archive.infolist()
            if not i.is_dir() and i.external_attr >> 16 & 0o170000 != links
        ]
        return [Entry(i.filename, archive.read(i)) for i in files]
