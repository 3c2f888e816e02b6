"""Whether a chain of known Matroska elements leads from the file's start to its first packet: RFC
9559."""

from __future__ import annotations

from typing import Protocol

MASTER_ELEMENTS = (0x18538067, 0x1F43B675, 0xA0)
"""Segment, cluster and group of blocks, which hold others on the way to a packet."""
BLOCK_ELEMENTS = (0xA3, 0xA1)
"""A block of its own, and one in a group."""
OTHER_ELEMENTS = {
    *{0x1A45DFA3, 0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1254C367, 0x1941A469},
    *{0x1043A770, 0xEC, 0xBF, 0xE7, 0xA7, 0xAB, 0x5854, 0x9B, 0xFB, 0x75A1, 0xA4, 0x75A2, 0xFA},
    *{0x8E, 0xAF},
}
"""Other elements beside those on the way."""
MOST_ELEMENTS = 100_000
"""Before the first packet of the video; more are not looked at."""


class Peekable(Protocol):
    """What is needed of a file."""

    def peek(self, size: int, offset: int) -> bytes:
        """At most `size` bytes at `offset`."""


def leads_to_packet(file: Peekable, position: int) -> bool:
    """Whether the elements from the beginning on are known, up to the one with the packet.

    Args:
        file: the recording.
        position: where the packet lies in the file, by FFmpeg.
    """
    at = 0
    for _ in range(MOST_ELEMENTS):
        element, start, size = element_of(file.peek(12, at))
        if element in BLOCK_ELEMENTS and at <= position < at + start + size:
            return True
        if element in MASTER_ELEMENTS:
            at += start
        elif size >= 0 and (element in OTHER_ELEMENTS or element in BLOCK_ELEMENTS):
            at += start + size
        else:
            return False
        if at > position:
            return False
    return True


def element_of(head: bytes) -> tuple[int, int, int]:
    """An element's id, the bytes before its content, and those of it; -1 if that is not known."""
    id_length = _width(head[:1])
    element, tail = int.from_bytes(head[:id_length], "big"), head[id_length:]
    width = _width(tail[:1])
    if not width or len(tail) < width:
        return 0, id_length, -1
    size = int.from_bytes(tail[:width], "big") & ((1 << 7 * width) - 1)
    is_unknown = size == (1 << 7 * width) - 1
    return element, id_length + width, -1 if is_unknown else size


def _width(first: bytes) -> int:
    """The bytes of a number of EBML's, from the zeros that it begins with; 0 if it is none."""
    return 9 - first[0].bit_length() if first and first[0] else 0
