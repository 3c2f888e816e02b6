"""JPEG pictures one after the other in a stream of bytes, as most network cameras send them.

Each picture is given as soon as its last byte has come. A demuxer's parser and a multipart boundary
find a picture's end only when the next one begins. The bytes between pictures (the headers of
`multipart/x-mixed-replace`) are skipped, so a wrong length in them does no harm.
"""

from __future__ import annotations

LARGEST_PICTURE_BYTES = 64 * 2**20
"""Bytes of a picture from which on it is no picture, but damage."""
JPEG_MAGIC = b"\xff\xd8\xff"
SCAN_MARKER, END_MARKER, FILL_BYTE = 0xDA, 0xD9, 0xFF
MARKERS_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length (ITU-T T.81, table B.1): TEM and the restarts."""


class JpegStream:
    """Cuts pictures out of bytes."""

    def __init__(self) -> None:
        self.damaged = 0
        """Pictures that were cut short or broken so far."""
        self._bytes = bytearray()
        self._inside = False
        # Where in the picture the walk over its markers stands, and where its last segment began.
        self._at = self._segment = 0
        self._scanning = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._bytes += data

    def picture(self) -> bytes | None:
        """The next whole picture, or None if more bytes are needed."""
        while True:
            if not self._inside and not self._begin():
                return None
            end = self._end()
            if end is None:
                if len(self._bytes) > LARGEST_PICTURE_BYTES:
                    self._give_up()
                    continue
                return None
            if end > 0:
                found = bytes(self._bytes[:end])
                self._drop(end)
                return found

    def finish(self) -> None:
        """No more bytes will come: a picture that had begun is damaged."""
        self.damaged += self._inside
        self._drop(len(self._bytes))

    def _begin(self) -> bool:
        start = self._bytes.find(JPEG_MAGIC)
        # The last two bytes may be half a start.
        self._drop(max(0, len(self._bytes) - 2) if start < 0 else start)
        if start < 0:
            return False
        self._inside = True
        self._at = self._segment = len(JPEG_MAGIC) - 1
        return True

    def _drop(self, count: int) -> None:
        del self._bytes[:count]
        self._inside, self._at, self._segment, self._scanning = False, 0, 0, False

    def _give_up(self) -> None:
        # The next picture may begin inside the bytes of this one. It does not begin before the last
        # segment: a picture there is a thumbnail.
        self.damaged += 1
        self._drop(min(len(self._bytes), self._segment + 1))

    def _end(self) -> int | None:
        """Where the picture ends; None if its end has not come, 0 if it is damaged and dropped."""
        while True:
            if self._scanning:
                at = self._bytes.find(FILL_BYTE, self._at)
                # A marker's two bytes are needed; in a scan 0xFF 0x00 is a pixel's byte.
                self._at = max(self._at, len(self._bytes) if at < 0 else at)
            if len(self._bytes) < self._at + 2:
                return None
            first, marker = self._bytes[self._at], self._bytes[self._at + 1]
            if first != FILL_BYTE or marker == 0xD8 or (marker == 0 and not self._scanning):
                # Another picture begins in this one, or what should be a marker is none.
                self._give_up()
                return 0
            if marker == END_MARKER:
                return self._at + 2
            if marker == FILL_BYTE:
                self._at += 1
            elif marker == 0 or marker in MARKERS_WITHOUT_LENGTH:
                self._at += 2
            elif len(self._bytes) < self._at + 4:
                return None
            else:
                length = int.from_bytes(self._bytes[self._at + 2 : self._at + 4], "big")
                self._segment = self._at
                self._at += 2 + max(2, length)
                self._scanning = marker == SCAN_MARKER
