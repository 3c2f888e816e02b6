"""Whether MPEG-TS ends in the middle of a frame, though its last packet is whole.

A frame goes over many packets of one size. The next one begins in a packet of its own, so the last
packet of a frame is filled up with stuffing (ISO/IEC 13818-1, 2.4.3.5). Where it has none, the rest
of the frame is missing. (One whole frame in 184 fills its last packet to the byte, and looks the
same.)
"""

from __future__ import annotations

from fer_edge.cameras.recording.container_ends import SeekableFile

PACKET_BYTES = 188
"""Bytes of a packet."""
TAIL_PACKETS = 4096
"""Packets at the end in which the last frame begins: 770 kB."""
VIDEO_STREAM_IDS = range(0xE0, 0xF0)
"""Numbers of video streams in the head of a frame's first packet."""
STUFFING_BYTE = 0xFF


def is_cut_between_packets(file: SeekableFile, length: int) -> bool:
    """Whether the last frame's end is missing.

    Args:
        file: MPEG-TS whose last packet is whole.
        length: its bytes.
    """
    count = min(length // PACKET_BYTES, TAIL_PACKETS)
    file.seek(length - count * PACKET_BYTES)
    data = file.read(count * PACKET_BYTES)
    packets = [data[at : at + PACKET_BYTES] for at in range(0, len(data), PACKET_BYTES)]
    for number in reversed(range(len(packets))):
        head = _payload(packets[number])
        begins = packets[number][1] & 0x40 and head[:3] == b"\0\0\1" and len(head) > 6
        if begins and head[3] in VIDEO_STREAM_IDS:
            own = [one for one in packets[number:] if _stream(one) == _stream(packets[number])]
            return _lacks(own, declared=int.from_bytes(head[4:6], "big"))
    return False


def _lacks(packets: list[bytes], declared: int) -> bool:
    """Whether a frame, all of whose packets these are, goes on after them."""
    if declared:
        return sum(len(_payload(one)) for one in packets) < 6 + declared
    last = packets[-1]
    if not last[3] & 0x20:
        return True
    size = last[4]
    # A field of one byte or two has no other use; a longer one ends with stuffing, or a clock.
    return size > 1 and last[4 + min(size, PACKET_BYTES - 5)] != STUFFING_BYTE


def _stream(packet: bytes) -> int:
    return int.from_bytes(packet[1:3], "big") & 0x1FFF


def _payload(packet: bytes) -> bytes:
    """What a packet carries, without its head and its adaptation field."""
    if not packet[3] & 0x10:
        return b""
    return packet[5 + packet[4] :] if packet[3] & 0x20 else packet[4:]
