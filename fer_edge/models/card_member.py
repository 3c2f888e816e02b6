"""Where a model ends and its card begins.

The ZIP behind a model has the form that `attach_card` writes. It has one member, stored or
deflated, no comments, no extra fields, and nothing behind it. A general reader would follow
whatever a directory says: to several members, to places inside the model, to gigabytes of zeros.
Records and fields are those of APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from fer_edge.errors import ModelError

CARD_FILE_NAME = "card.json"
LARGEST_CARD_BYTES = 1 << 16
"""Bytes of a card; those of shipped models have 2,600."""
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
"""Signature, version, flags, method, time, date, CRC-32, packed and real size, two lengths."""
CENTRAL_HEADER = struct.Struct("<4s6H3I5H2I")
"""The same, with another version before and six further fields behind; last, the local header's
place."""
END_RECORD = struct.Struct("<4s4H2IH")
"""Signature, two disks, two counts, the directory's size and place, the comment's length."""
STORED, DEFLATED = 0, 8


@dataclass(frozen=True)
class Split:
    """A file that carries a card."""

    content: bytes
    """What is before the ZIP: the model."""
    member: bytes
    """What the card's file holds, unpacked."""


def split(data: bytes) -> Split | None:
    """Take a file apart; None if no ZIP ends it.

    Raises:
        ModelError: a ZIP ends it, of another form than ours.
    """
    end = len(data) - END_RECORD.size
    if end < 0 or data[end : end + 4] != b"PK\5\6":
        return None
    _, disk, first_disk, here, count, size, place, comment = END_RECORD.unpack_from(data, end)
    if (disk, first_disk, here, count, comment) != (0, 0, 1, 1, 0) or place + size != end:
        raise _damaged("its ZIP is not one file")
    if size != CENTRAL_HEADER.size + len(CARD_FILE_NAME):
        raise _damaged("its directory has another length")
    entry = CENTRAL_HEADER.unpack_from(data, place)
    start = entry[-1]
    if entry[0] != b"PK\1\2" or data[place + CENTRAL_HEADER.size : end] != CARD_FILE_NAME.encode():
        raise _damaged(f"it is not {CARD_FILE_NAME}")
    # Encryption, other extra fields and comments, other disks.
    if entry[3] & ~0x800 or entry[10:14] != (len(CARD_FILE_NAME), 0, 0, 0):
        raise _damaged("it is encrypted, or has more to it than its name")
    return Split(data[:start], _unpacked(data, start, place, entry[4], entry[7:10]))


def _unpacked(data: bytes, start: int, end: int, method: int, sizes: tuple[int, int, int]) -> bytes:
    """The member whose local header is at `start`, and whose packed bytes end at `end`."""
    crc, packed, real = sizes
    behind = start + LOCAL_HEADER.size + len(CARD_FILE_NAME)
    if behind + packed != end or real > LARGEST_CARD_BYTES:
        raise _damaged("it lies elsewhere than its ZIP says, or is too large")
    local = LOCAL_HEADER.unpack_from(data, start)
    expected = (b"PK\3\4", method, crc, packed, real, len(CARD_FILE_NAME), 0)
    if (local[0], local[3], *local[6:]) != expected or local[2] & ~0x800:
        raise _damaged("its ZIP says two things of it")
    raw = data[behind:end]
    text = _inflated(raw) if method == DEFLATED else raw
    if method not in (STORED, DEFLATED) or len(text) != real or zlib.crc32(text) != crc:
        raise _damaged("it is not what its ZIP says")
    return text


def _inflated(raw: bytes) -> bytes:
    """At most LARGEST_CARD_BYTES bytes and one more, however many `raw` would make."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        text = stream.decompress(raw, LARGEST_CARD_BYTES + 1)
    except zlib.error as error:
        raise _damaged(str(error)) from error
    if not stream.eof or stream.unused_data:
        raise _damaged("it is larger than it says, or cut short")
    return text


def _damaged(what: str) -> ModelError:
    return ModelError(f"the card is damaged: {what}; copy the file anew, or convert it again")
