"""Where files of GIF, FLV, ASF (WMV) and MPEG-PS should end, by the sizes that their parts declare.

A file of millions of tiny parts would take minutes: at most MOST_PARTS are looked at, and then the
file's last bytes.
"""

from __future__ import annotations

import re
from typing import Protocol

GIF_MAGIC, FLV_MAGIC = b"GIF8", b"FLV"
ASF_MAGIC = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
"""The name of ASF's header."""
ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
"""The name of the object in it that declares the file's size."""
MPEG_PS_MAGIC = b"\0\0\1\xba"
"""The first bytes of a pack of MPEG-PS."""
MPEG_PS_TAIL_BYTES = 1 << 18
"""Bytes at the end of MPEG-PS in which a packet begins: one has at most 65,541."""
MOST_PARTS = 1_000_000
"""Parts that are looked at: 3 hours of FLV, or 250 MB of GIF."""
GIF_TRAILER, GIF_EXTENSION, GIF_IMAGE = 0x3B, 0x21, 0x2C


class SeekableFile(Protocol):
    """What is needed of a recording's file."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Where the file then stands."""


def gif_end(file: SeekableFile, length: int) -> int:
    """Where the last block ends; beyond the file if that is cut or damaged (GIF89a)."""
    file.seek(0)
    at = 13 + _table(file.read(13)[10:11])
    is_inside = False
    for _ in range(MOST_PARTS):
        if at >= length:
            return length + 1 if is_inside else at
        file.seek(at)
        head = file.read(10)
        if is_inside:
            # One of the blocks of an extension or an image; an empty one is the last.
            is_inside = head[0] != 0
            at += 1 + head[0]
        elif head[0] == GIF_TRAILER:
            return length
        elif head[0] == GIF_EXTENSION:
            is_inside, at = True, at + 2
        elif head[0] == GIF_IMAGE:
            # Its place, its colours, and the width of its codes.
            is_inside, at = True, at + 11 + _table(head[9:10])
        else:
            return length + 1
    file.seek(length - 1)
    return length if file.read(1)[0] == GIF_TRAILER else length + 1


def _table(flags: bytes) -> int:
    """Bytes of a table of colours."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def flv_end(file: SeekableFile, length: int) -> int:
    """Where the last tag ends; beyond the file if it is cut, or if a tag's two sizes differ."""
    file.seek(5)
    at = int.from_bytes(file.read(4), "big") + 4
    for _ in range(MOST_PARTS):
        if at >= length:
            return at
        file.seek(at)
        size = int.from_bytes(file.read(4)[1:], "big") + 11
        file.seek(at + size)
        after = file.read(4)
        # Some writers leave the second size at zero, or count without the tag's head.
        if len(after) < 4 or int.from_bytes(after, "big") not in (size, size - 11, 0):
            return max(length + 1, at + size + 4)
        at += size + 4
    return length if _ends_with_tag(file, length) else length + 1


def _ends_with_tag(file: SeekableFile, length: int) -> bool:
    """Whether the last bytes are the second size of a whole tag."""
    file.seek(length - 4)
    size = int.from_bytes(file.read(4), "big")
    # Without the tag's head, or with it.
    for head in (0, 11):
        file.seek(max(0, length - 4 - size - head))
        if int.from_bytes(file.read(4)[1:], "big") + 11 == size + head:
            return True
    return size == 0


def asf_end(file: SeekableFile, length: int) -> int:
    """The size that the header declares; 0 if it declares none, as in live recordings."""
    file.seek(0)
    head = file.read(1 << 16)
    at = head.find(ASF_PROPERTIES)
    if at < 0 or len(head) < at + 92 or head[at + 88] & 1:
        return 0
    return int.from_bytes(head[at + 40 : at + 48], "little")


def program_end(file: SeekableFile, length: int) -> int:
    """Where the last packet ends: ISO/IEC 13818-1, 2.5.3."""
    file.seek(max(0, length - MPEG_PS_TAIL_BYTES))
    tail = file.read(MPEG_PS_TAIL_BYTES)
    begin = length - len(tail)
    sizes = list(re.finditer(rb"\x00\x00\x01[\xbb-\xef](..)", tail, re.DOTALL))
    return begin + sizes[-1].end() + int.from_bytes(sizes[-1][1], "big") if sizes else 0
