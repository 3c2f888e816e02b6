"""The index of an MP4 or MOV file (`moov`): how many frames it has, and where it says they lie.

Numbers such as 8.7.3 are sections of ISO/IEC 14496-12.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from fer_edge.errors import CameraError

MOST_BOXES = 1_000_000
"""Boxes of a file, and of its index. A recording in fragments has two boxes for each. With
fragments of a second it has so many after 138 hours; with one for each frame, after 4.6 hours.
FFmpeg needs a second or two for them, in which nothing can stop it."""
HEADER = struct.Struct(">I4s")
"""The size and the name of a box."""

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Index:
    """What the boxes inside an index say."""

    def __init__(self, content: bytes) -> None:
        """Args:
        content: of the box, without its header.
        """
        self._content = memoryview(content)
        self._left = MOST_BOXES

    def frames(self) -> int:
        """How many frames its video tracks have: the counts of `stsz`, 8.7.3.

        Raises:
            CameraError: it has more than MOST_BOXES boxes; the message goes on after a name.
        """
        return sum(
            _number(sizes[8:12])
            for is_video, table in self._tables()
            if is_video
            for sizes in self._inside(table, b"stsz")
        )

    def misplaced(self, media_starts: array[int], media_ends: array[int]) -> int:
        """How many frames of the first video track cannot lie where the index says.

        A frame lies inside the file's media data (`mdat`), and no chunk of any track begins in its
        middle. Frames may share all their bytes, and some bytes may be nobody's: there are writers
        that do so.

        Args:
            media_starts: where the content of each `mdat` begins, in order.
            media_ends: where each ends.

        Raises:
            CameraError: as for `frames`.
        """
        tables = list(self._tables())
        chunks = [self._chunks(table) for _, table in tables]
        for (is_video, table), own in zip(tables, chunks, strict=True):
            if is_video:
                starts, ends = self._frames_in(table, own)
                inside = _are_inside(
                    starts,
                    ends,
                    np.array(media_starts, np.int64),
                    np.array(media_ends, np.int64),
                )
                whole = _are_whole(starts, ends, np.unique(np.concatenate(chunks)))
                return int(np.count_nonzero((starts < ends) & ~(inside & whole)))
        return 0

    def _tables(self) -> Iterator[tuple[bool, memoryview]]:
        """For each track whether it is a video, and its table (`stbl`)."""
        for track in self._inside(self._content, b"trak"):
            for media in self._inside(track, b"mdia"):
                handlers = [bytes(one[8:12]) for one in self._inside(media, b"hdlr")]
                for information in self._inside(media, b"minf"):
                    for table in self._inside(information, b"stbl"):
                        yield b"vide" in handlers, table

    def _inside(self, content: memoryview, name: bytes) -> Iterator[memoryview]:
        """The contents of the boxes of this name in a box's content."""
        at = 0
        while at + 8 <= len(content):
            size, found = HEADER.unpack_from(content, at)
            if size < 8:
                return
            self._left -= 1
            if self._left < 0:
                raise CameraError(too_many_boxes())
            if found == name:
                yield content[at + 8 : at + size]
            at += size

    def _chunks(self, table: memoryview) -> Numbers:
        """Where a track's chunks begin in the file: 8.7.5."""
        for name, kind in ((b"stco", ">u4"), (b"co64", ">i8")):
            for positions in self._inside(table, name):
                return _column(positions[8:], kind, _number(positions[4:8]))
        return np.zeros(0, np.int64)

    def _frames_in(self, table: memoryview, chunks: Numbers) -> tuple[Numbers, Numbers]:
        """Where a track's frames begin and end in the file; none where all have one size."""
        sizes = per_chunk = np.zeros(0, np.int64)
        for told in self._inside(table, b"stsz"):
            if _number(told[4:8]) == 0:
                sizes = _column(told[12:], ">u4", _number(told[8:12]))
        for runs in self._inside(table, b"stsc"):
            per_chunk = _frames_per_chunk(_column(runs[8:], ">u4", 3 * _number(runs[4:8])), chunks)
        until = np.cumsum(per_chunk)
        sizes = sizes[: until[-1] if len(until) else 0]
        chunk = np.searchsorted(until, np.arange(len(sizes)), side="right")
        begins = np.cumsum(sizes) - sizes
        starts = chunks[chunk] + begins - begins[(until - per_chunk)[chunk]]
        return starts, starts + sizes


def too_many_boxes() -> str:
    """Why a file is refused; goes on after its name."""
    return (
        f"has more than {MOST_BOXES:,} boxes, which hardly any recording has; if it is one, write "
        "it anew: ffmpeg -i OLD.mp4 -c copy NEW.mp4"
    )


def _number(data: memoryview) -> int:
    return int.from_bytes(data, "big")


def _column(data: memoryview, kind: str, count: int) -> Numbers:
    """So many numbers, or as many as there are."""
    there = min(count, len(data) // np.dtype(kind).itemsize)
    return np.frombuffer(data, kind, there).astype(np.int64)


def _frames_per_chunk(runs: Numbers, chunks: Numbers) -> Numbers:
    """How many frames each chunk has, by runs of a first chunk, a count, and a kind: 8.7.4."""
    firsts, counts = runs[: len(runs) // 3 * 3 : 3], runs[1 : len(runs) // 3 * 3 : 3]
    run = np.searchsorted(firsts, np.arange(1, len(chunks) + 1), side="right") - 1
    if (np.diff(firsts) <= 0).any() or (run < 0).any():
        return np.zeros(0, np.int64)
    return counts[run]


def _are_inside(starts: Numbers, ends: Numbers, begins: Numbers, until: Numbers) -> Flags:
    """Which frames lie inside media data, whose beginnings and ends are in order."""
    media = np.searchsorted(begins, starts, side="right")
    return np.asarray(ends <= np.concatenate([[-1], until])[media])


def _are_whole(starts: Numbers, ends: Numbers, chunks: Numbers) -> Flags:
    """Which frames have no beginning of a chunk, which are in order, in their middle."""
    following = np.searchsorted(chunks, starts, side="right")
    return np.asarray(ends <= np.append(chunks, np.iinfo(np.int64).max)[following])
