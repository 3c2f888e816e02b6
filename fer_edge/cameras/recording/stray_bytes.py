"""Whether bytes between two packets of a recording belong to its container's format."""

from __future__ import annotations

import re

from fer_edge.cameras.recording.matroska_head import Peekable, leads_to_packet

CHUNK_NAME = re.compile(rb"[0-9]{2}(dc|db|wb|pc|tx|sb)|ix[0-9]{2}|JUNK|idx1|LIST|RIFF")
"""What follows a packet in AVI: the next one, also an empty one, or an index."""
CHUNK_HEADER_BYTES = 8
"""Bytes of a chunk's name and size."""
AVI_HEAD_BYTES = 12
"""Bytes of AVI before its first chunk."""
MOST_CHUNKS = 100_000
"""Between two packets; more are not looked at."""
BLOCK_HEADER_BYTES = 4
"""Bytes of a Matroska block before its frame: number of the track, time, flags."""
LARGEST_BLOCK_GAP_BYTES = 256
"""Bytes between two frames of Matroska that headers of blocks and clusters may take."""
LONG_ELEMENTS = re.compile(
    rb"\xec|\x1c\x53\xbb\x6b|\x12\x54\xc3\x67|\x19\x41\xa4\x69|\x10\x43\xa7\x70|\x11\x4d\x9b\x74"
)
"""Matroska's Void, Cues, Tags, Attachments, Chapters and SeekHead, which may be long."""


class StrayBytes:
    """Follows the packets through a file, in its order."""

    torn_head = False
    """Whether the first packet is not where the file's beginning leads."""

    def __init__(self, file: Peekable, is_avi: bool) -> None:
        """Args:
        file: the recording.
        is_avi: AVI, else Matroska.
        """
        self._file, self._is_avi = file, is_avi
        self._span = (0, 0)

    @classmethod
    def of(cls, container: str, file: Peekable) -> StrayBytes | None:
        """For a container by FFmpeg's name; None for one where this cannot be told."""
        if container not in ("avi", "matroska,webm"):
            return None
        return cls(file, container == "avi")

    def torn_before(self, position: int, size: int) -> bool:
        """Whether what lies between the packet before and this one is nothing known.

        Args:
            position: where the packet lies in the file, by FFmpeg.
            size: its bytes.
        """
        (start, end), self._span = self._span, (position, position + size)
        if end == 0:
            self.torn_head = self._has_foreign_head(position)
            return self.torn_head
        # Packets that share a block lie at one place; a file may also be read out of order.
        if position <= start:
            return False
        if position < end:
            return True
        if self._is_avi:
            return self._has_foreign_chunk(end, position)
        if position - end <= LARGEST_BLOCK_GAP_BYTES:
            return False
        return not LONG_ELEMENTS.match(self._file.peek(4, end + BLOCK_HEADER_BYTES))

    def _has_foreign_head(self, position: int) -> bool:
        """Whether the way from the file's beginning to its first packet is lost."""
        if self._is_avi:
            movie = self._movie()
            return movie == 0 or self._has_foreign_chunk(movie, position)
        return not leads_to_packet(self._file, position)

    def _movie(self) -> int:
        """Where AVI's list of packets begins; 0 if the chunks before it do not lead there."""
        at = AVI_HEAD_BYTES
        for _ in range(MOST_CHUNKS):
            head = self._file.peek(12, at)
            if head[:4] == b"LIST" and head[8:] == b"movi":
                return at + 12
            if len(head) < 12 or not head[:4].isascii():
                return 0
            size = int.from_bytes(head[4:8], "little")
            at += CHUNK_HEADER_BYTES + size + size % 2
        return 0

    def _has_foreign_chunk(self, start: int, end: int) -> bool:
        at = start
        for _ in range(MOST_CHUNKS):
            # Chunks begin at even places; the last header before `end` is the packet's own.
            at += at % 2
            if at >= end - CHUNK_HEADER_BYTES:
                return at not in (end - CHUNK_HEADER_BYTES, end, end + 1)
            head = self._file.peek(CHUNK_HEADER_BYTES, at)
            if not CHUNK_NAME.match(head):
                return True
            holds_others = head[:4] in (b"LIST", b"RIFF")
            size = 4 if holds_others else int.from_bytes(head[4:], "little")
            at += CHUNK_HEADER_BYTES + size
        return False
