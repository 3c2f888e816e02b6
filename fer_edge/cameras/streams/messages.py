"""Messages through a pipe, from a child process that takes a stream apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MESSAGE_KINDS: Final = ("head", "packet", "error")
"""`head`: JSON with codec, extradata (hexadecimal) and fps; `packet`: a packet of the codec;
`error`: what went wrong, in UTF-8. Each kind's byte is its place here."""
HEADER_BYTES = 5
"""Bytes before a message's data: its kind, and their number, most significant byte first."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message."""

    kind: str
    """One of `MESSAGE_KINDS`."""
    data: bytes
    """What it says."""

    def to_bytes(self) -> bytes:
        """What goes through the pipe."""
        return (
            bytes([MESSAGE_KINDS.index(self.kind)]) + len(self.data).to_bytes(4, "big") + self.data
        )


class Messages:
    """Cuts messages out of bytes."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._bytes += data

    def next(self) -> Message | None:
        """The next whole message, or None if more bytes are needed."""
        end = HEADER_BYTES + int.from_bytes(self._bytes[1:HEADER_BYTES], "big")
        if len(self._bytes) < HEADER_BYTES or len(self._bytes) < end:
            return None
        message = Message(MESSAGE_KINDS[self._bytes[0]], bytes(self._bytes[HEADER_BYTES:end]))
        del self._bytes[:end]
        return message
