"""RTSP, which FFmpeg speaks for us in a child process: nothing interrupts FFmpeg's waits there.

The child takes the stream apart; the packets are decoded here, so that little passes the pipe.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, ClassVar

from fer_edge.cameras.request import Request
from fer_edge.cameras.streams.byte_source import ByteSource
from fer_edge.cameras.streams.child_process import Child, end_when_left
from fer_edge.cameras.streams.messages import Message
from fer_edge.cameras.streams.waiting import Waiting
from fer_edge.errors import CameraError, FerEdgeError

STDOUT = 1


class RtspSource(ByteSource):
    """Packets as messages."""

    is_packets: ClassVar[bool] = True

    def __init__(self, url: str, request: Request) -> None:
        """Raises:
        CameraError: no process can be started.
        """
        wanted = {"url": url, "open": request.open_timeout, "frame": request.frame_timeout}
        self._child = Child(__name__, json.dumps(wanted))
        self._ahead = b""

    def open(self, waiting: Waiting) -> None:
        waiting.awaited = "the server's answer"
        if not self._ahead:
            self._ahead = self._child.read(waiting)

    def read(self, waiting: Waiting) -> bytes:
        waiting.awaited = "packets of the stream"
        ahead, self._ahead = self._ahead, b""
        data = ahead or self._child.read(waiting)
        if not data:
            raise CameraError("the server ended the stream")
        return data

    def close(self) -> None:
        self._child.close()


def main() -> None:
    """In the child: take one stream apart, until it ends or nobody reads any more."""
    wanted = json.loads(sys.stdin.readline())
    end_when_left()
    try:
        from fer_edge.cameras.streams.live_decoding import packets

        parts = packets(wanted["url"], wanted["open"], wanted["frame"])
        codec, extradata, fps = next(parts)
        _tell("head", json.dumps({"codec": codec, "extradata": extradata.hex(), "fps": fps}))
        for packet in parts:
            _tell("packet", packet)
        _tell("error", "the server ended the stream")
    except FerEdgeError as error:
        _tell("error", str(error))


def _tell(kind: str, data: Any) -> None:
    rest = Message(kind, data.encode() if isinstance(data, str) else data).to_bytes()
    while rest:
        rest = rest[os.write(STDOUT, rest) :]
