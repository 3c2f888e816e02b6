"""How a JPEG picture of a stream or a recording is to be turned: its EXIF data say so.

PyAV 18 tells of a frame by how much it is turned, but not whether it is mirrored.
"""

from __future__ import annotations

from fer_edge.cameras.streams.jpeg_stream import (
    END_MARKER,
    FILL_BYTE,
    MARKERS_WITHOUT_LENGTH,
    SCAN_MARKER,
)
from fer_edge.pictures.headers.exif import UPRIGHT, orientation

JPEG_CODEC = "mjpeg"
"""FFmpeg's name of it. Each picture says by itself how it is turned."""
EXIF_MARKER, EXIF_BEGINNING = 0xE1, b"Exif\0\0"


def orientation_of(jpeg: bytes) -> int:
    """The EXIF orientation of a JPEG picture, 1 to 8; 1 if it has none that can be read."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == FILL_BYTE:
        marker = jpeg[at + 1]
        if marker in (SCAN_MARKER, END_MARKER):
            break
        if marker == FILL_BYTE or marker in MARKERS_WITHOUT_LENGTH:
            at += 1 if marker == FILL_BYTE else 2
            continue
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        segment = jpeg[at + 4 : at + 2 + length]
        if marker == EXIF_MARKER and segment.startswith(EXIF_BEGINNING):
            return orientation(segment)
        at += 2 + max(2, length)
    return UPRIGHT
