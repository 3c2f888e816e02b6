"""Whether a recording is cut short: whether its container declares more bytes than it holds."""

from __future__ import annotations

import os

from fer_edge.cameras.recording.boxes import Boxes
from fer_edge.cameras.recording.container_ends import (
    ASF_MAGIC,
    FLV_MAGIC,
    GIF_MAGIC,
    MOST_PARTS,
    MPEG_PS_MAGIC,
    SeekableFile,
    asf_end,
    flv_end,
    gif_end,
    program_end,
)
from fer_edge.cameras.recording.matroska_head import element_of
from fer_edge.cameras.recording.transport_tail import PACKET_BYTES, is_cut_between_packets

SEGMENT, CLUSTER = 0x18538067, 0x1F43B675
"""Matroska's element of the whole recording, and of a stretch of frames."""
EBML_MAGIC = b"\x1aE\xdf\xa3"
MP4_FIRST_BOXES = (
    b"ftyp",
    b"moov",
    b"mdat",
    b"free",
    b"skip",
    b"wide",
    b"moof",
    b"styp",
    b"sidx",
    b"pnot",
)
"""Names of the boxes with which an MP4 or MOV file begins."""

SYNC_BYTE = b"G"
"""The first byte of each packet of MPEG-TS."""
TAIL_PACKETS = 5
"""Packets at the end of MPEG-TS that tell where packets begin."""


def missing_bytes(file: SeekableFile, boxes: Boxes) -> int:
    """How many bytes a container declares beyond the file's end; 0 where it cannot be known.

    Most containers say how long their parts are; MPEG-TS has packets of one size.
    The file is left at its beginning.

    Args:
        file: the recording.
        boxes: what it says if it is MP4 or MOV.
    """
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(16)
    try:
        if head[:4] == EBML_MAGIC:
            end = _matroska_end(file, length)
        elif head[:4] == b"RIFF" and head[8:12] == b"AVI ":
            end = _chunks_end(file, length)
        elif head[4:8] in MP4_FIRST_BOXES:
            end = boxes.end
        elif head.startswith(GIF_MAGIC):
            end = gif_end(file, length)
        elif head.startswith(FLV_MAGIC):
            end = flv_end(file, length)
        elif head == ASF_MAGIC:
            end = asf_end(file, length)
        elif head.startswith(MPEG_PS_MAGIC):
            end = program_end(file, length)
        elif head[:1] == SYNC_BYTE:
            end = _transport_end(file, length)
        else:
            end = 0
    finally:
        file.seek(0)
    return max(0, end - length)


def _chunks_end(file: SeekableFile, length: int) -> int:
    """Where the last RIFF chunk ends; long recordings have several, one after the other."""
    at = 0
    for _ in range(MOST_PARTS):
        if at + 8 > length:
            return at
        file.seek(at)
        head = file.read(8)
        if head[:4] != b"RIFF":
            return 0
        size = int.from_bytes(head[4:], "little")
        # Written when a recording is finished: without it nothing is known.
        if size == 0:
            return 0
        at += 8 + size + size % 2
    return 0


def _transport_end(file: SeekableFile, length: int) -> int:
    """Where the last packet of MPEG-TS ends, whole or not: ISO/IEC 13818-1, 2.4.3.2."""
    last = (length - 1) // PACKET_BYTES
    file.seek(max(0, length - (TAIL_PACKETS + 1) * PACKET_BYTES))
    data = file.read((TAIL_PACKETS + 1) * PACKET_BYTES)
    looked_at = min(TAIL_PACKETS, last)
    for rest in range(PACKET_BYTES):
        # Bytes that were lost before shift all packets behind them.
        starts = data[len(data) - rest - PACKET_BYTES :: -PACKET_BYTES][:looked_at]
        if len(starts) == looked_at and starts.count(SYNC_BYTE) == looked_at:
            if rest:
                return length + PACKET_BYTES - rest
            return length + is_cut_between_packets(file, length)
    return length + PACKET_BYTES


def _matroska_end(file: SeekableFile, length: int) -> int:
    """Where the segment ends, or, where its size is not known, the last cluster: RFC 8794, 9559."""
    at, element, size = _element(file, 0)
    at += size
    start, element, size = _element(file, at)
    if element != SEGMENT:
        return 0
    if size >= 0:
        return start + size
    at = start
    for _ in range(MOST_PARTS):
        if at >= length:
            return at
        start, element, size = _element(file, at)
        if size < 0 or (element == CLUSTER and size == 0) or element == 0:
            return 0
        at = start + size
    return 0


def _element(file: SeekableFile, at: int) -> tuple[int, int, int]:
    """Where an element's content begins, its id, and its size; -1 if that is not known."""
    file.seek(at)
    element, start, size = element_of(file.read(12))
    return at + start, element, size
