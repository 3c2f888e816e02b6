"""The boxes of an MP4 or MOV file (ISO/IEC 14496-12), and what lies behind the first recording."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from fer_edge.cameras.container_ends import Readable

LARGEST_INDEX_BYTES = 1 << 26
"""Bytes of an index; that of a day's recording takes less."""


class Box(NamedTuple):
    """A box's header."""

    name: bytes
    """Four letters, if it is one."""
    start: int
    """Where it begins."""
    size: int
    """Its bytes, the header included, as it says: 0 goes to the file's end."""
    header: int
    """Bytes of the header, 8 or 16."""


def box_at(file: Readable, at: int) -> Box:
    """The box that begins at `at`; the file is left behind its header."""
    file.seek(at)
    head = file.read(16)
    size = int.from_bytes(head[:4], "big")
    if size != 1:
        return Box(head[4:8], at, size, 8)
    return Box(head[4:8], at, int.from_bytes(head[8:16], "big"), 16)


def frames_behind(file: Readable) -> int:
    """Frames of further recordings that lie behind the first one: FFmpeg passes them over.

    They have a beginning (`ftyp`) and an index (`moov`) of their own. A second index alone is a
    copy. Frames that fragments tell of are read, and not counted here. The file is left at its
    beginning.
    """
    length, at, frames = file.seek(0, os.SEEK_END), 0, 0
    has_first = is_behind = False
    while at + 8 <= length:
        box = box_at(file, at)
        if box.size < box.header:
            break
        has_first = has_first or box.name in (b"moov", b"mdat")
        is_behind = is_behind or (has_first and box.name == b"ftyp")
        if is_behind and box.name == b"moov" and box.size <= LARGEST_INDEX_BYTES:
            file.seek(at)
            frames += _frames_of(file.read(box.size))
        at += box.size
    file.seek(0)
    return frames


def _frames_of(index: bytes) -> int:
    """How many frames the video tracks of an index have: the counts of `stsz`, 8.7.3."""
    return sum(
        int.from_bytes(sizes[8:12], "big")
        for track in _inside(index, b"trak")
        for media in _inside(track, b"mdia")
        if any(handler[8:12] == b"vide" for handler in _contents(media, b"hdlr"))
        for information in _inside(media, b"minf")
        for table in _inside(information, b"stbl")
        for sizes in _contents(table, b"stsz")
    )


def _contents(box: bytes, name: bytes) -> Iterator[bytes]:
    """What the boxes of this name in a box hold."""
    return (inner[8:] for inner in _inside(box, name))


def _inside(box: bytes, name: bytes) -> Iterator[bytes]:
    """The boxes of this name in a box, with their headers."""
    at = 8
    while at + 8 <= len(box):
        size = int.from_bytes(box[at : at + 4], "big")
        if size < 8:
            return
        if box[at + 4 : at + 8] == name:
            yield box[at : at + size]
        at += size
