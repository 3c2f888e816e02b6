"""Frames of what another program writes: a named pipe, or standard input."""

from __future__ import annotations

from pathlib import Path

from fer_edge.cameras.request import Request, checked_request
from fer_edge.cameras.sources import path_of
from fer_edge.cameras.streams.pipe_source import PipeSource
from fer_edge.cameras.streams.stream_camera import StreamCamera
from fer_edge.printable import printable


class ByteStream(StreamCamera):
    """Frames until the writer closes its end. JPEG pictures one after the other cost the least
    delay; any stream that FFmpeg recognises does."""

    def __init__(self, path: Path | None = None, request: Request | None = None) -> None:
        """Args:
            path: a FIFO, which need not have a writer yet; None for standard input.
            request: what is asked of it; the writer decides on size and rate.

        Raises:
            CameraError: there is no such FIFO, or standard input is closed or a keyboard.
        """
        request = checked_request(request)
        path = None if path is None else path_of(path)
        name = "standard input" if path is None else f"the FIFO {printable(path)}"
        super().__init__(name, PipeSource(path), request)
