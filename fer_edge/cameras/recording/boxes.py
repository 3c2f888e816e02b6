"""The outermost boxes of an MP4 or MOV file (ISO/IEC 14496-12), and what they say about it."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from fer_edge.cameras.recording.container_ends import SeekableFile
from fer_edge.cameras.recording.index import HEADER, MOST_BOXES, Index, too_many_boxes
from fer_edge.errors import CameraError

LARGEST_INDEX_BYTES = 1 << 26
"""Bytes of an index that is looked at; that of a day's recording takes less."""
LARGEST_POSITION = 1 << 62
"""In a file; a box may declare more."""
LARGEST_HEADER_BYTES, BLOCK_BYTES = 16, 8192
"""Of a box, and of what is read at once."""
BOXES_WITHOUT_FRAMES = frozenset(
    {b"mfra", b"free", b"skip", b"wide", b"uuid", b"udta", b"meta", b"sidx", b"ssix"}
)
"""Boxes that hold no frames."""


class Box(NamedTuple):
    """A box's header."""

    name: bytes
    """Four letters, if it is one."""
    start: int
    """Where it begins."""
    size: int
    """Its bytes, the header included."""
    header: int
    """Bytes of the header, 8 or 16."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """What a file's boxes say about it; of a file of another kind it means nothing."""

    end: int
    """Where the last box ends: beyond the file's end if it is cut short, 0 if that is unknown."""
    has_another: bool
    """Whether another recording lies behind the first one: one that begins anew (`ftyp`)."""
    frames_behind: int
    """Frames in indexes of such recordings: FFmpeg passes them over."""
    misplaced: int
    """Frames that the first index looks for where none can be; see `Index.misplaced`."""
    lacks_index: bool = False
    """Whether it holds media data and no index: the recorder had no time to write it."""


def read_boxes(file: SeekableFile) -> Boxes:
    """Go through a file's outermost boxes, once. The file is left at its beginning.

    Raises:
        CameraError: there are more than MOST_BOXES, or fewer bytes than the file's length. The
            message goes on after the file's name.
    """
    walk = _Walk(file)
    try:
        for box in walk.each():
            walk.take(box)
        return walk.said()
    finally:
        file.seek(0)


class _Walk:
    """From box to box, and what was seen so far."""

    def __init__(self, file: SeekableFile) -> None:
        self._file, self._length = file, file.seek(0, os.SEEK_END)
        self._at = self._behind = 0
        # Read last: small boxes need not be asked for one by one.
        self._block, self._block_at = b"", 0
        self._end: int | None = None
        self._first_index: Box | None = None
        self._has_media = self._has_another = False
        # Pairs of numbers: there may be as many as boxes.
        self._media_starts, self._media_ends = array("q"), array("q")

    def each(self) -> Iterator[Box]:
        """Every box, up to one whose size cannot be."""
        for _ in range(MOST_BOXES):
            if self._at + 8 > self._length:
                return
            box = self._box()
            if self._end is None:
                self._end = _told_end(box, self._length)
            if box.size < box.header:
                return
            yield box
            self._at += box.size
        if self._at + 8 <= self._length:
            raise CameraError(too_many_boxes())

    def _box(self) -> Box:
        offset = self._at - self._block_at
        if not 0 <= offset <= len(self._block) - LARGEST_HEADER_BYTES:
            self._file.seek(self._at)
            self._block, self._block_at, offset = self._file.read(BLOCK_BYTES), self._at, 0
            if len(self._block) < 8:
                raise CameraError("has fewer bytes than the system says, or became shorter")
        size, name = HEADER.unpack_from(self._block, offset)
        if size == 1:
            size = int.from_bytes(self._block[offset + 8 : offset + 16], "big")
            return Box(name, self._at, size, LARGEST_HEADER_BYTES)
        if size == 0 and name == b"mdat":
            # It goes to the file's end.
            size = self._length - self._at
        return Box(name, self._at, size, 8)

    def take(self, box: Box) -> None:
        """Remember what a box says."""
        if box.name == b"mdat":
            self._media_starts.append(box.start + box.header)
            self._media_ends.append(min(box.start + box.size, LARGEST_POSITION))
        elif box.name == b"ftyp":
            self._has_another = self._has_another or self._has_media
        elif box.name == b"moov":
            self._first_index = self._first_index or box
            if self._has_another:
                # A second index alone would be a copy of the first.
                self._behind += self._index(box).frames()
        self._has_media = self._has_media or box.name in (b"moov", b"mdat")

    def said(self) -> Boxes:
        """What all boxes together say."""
        end = self._at if self._end is None else self._end
        misplaced = 0
        if self._first_index is not None:
            index = self._index(self._first_index)
            misplaced = index.misplaced(self._media_starts, self._media_ends)
        lacks_index = self._first_index is None and len(self._media_starts) > 0
        return Boxes(end, self._has_another, self._behind, misplaced, lacks_index)

    def _index(self, box: Box) -> Index:
        size = box.size - box.header
        self._file.seek(box.start + box.header)
        return Index(self._file.read(size) if size <= LARGEST_INDEX_BYTES else b"")


def _told_end(box: Box, length: int) -> int | None:
    """Where the file would end by one box: 4.2 of the standard. None: where the last box ends."""
    if box.name in BOXES_WITHOUT_FRAMES and box.start + box.size > length:
        return 0
    if box.size < box.header or not box.name.isalnum():
        # No box: what followed is gone.
        return length + 1
    return None
