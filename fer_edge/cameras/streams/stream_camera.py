"""Cameras whose pictures come as a stream of bytes: what pipes and servers have in common.

`next` reads the bytes when it is called, and nothing is read ahead. Between two calls, unread data
are kept only by the system: 64 kB of a pipe, `connection.RECEIVE_BUFFER_BYTES` of a connection,
`udp_source.RECEIVE_BUFFER_BYTES` of datagrams.
"""

from __future__ import annotations

import contextlib
import logging
import time

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.request import FPS_TOLERANCE_SHARE, Request
from fer_edge.cameras.streams.byte_source import ByteSource
from fer_edge.cameras.streams.stream_decoder import Bytes, Decoder, decoder_of
from fer_edge.cameras.streams.waiting import Waiting
from fer_edge.errors import CameraError, CameraTimeoutError
from fer_edge.frame import Frame
from fer_edge.pictures.image import Image

log = logging.getLogger(__name__)

REFUSAL_WAIT_SECONDS = 0.2
"""Seconds that the constructor waits for a source to refuse. The first `next` waits for the rest,
and can be stopped."""


class StreamCamera(Camera):
    """Frames as they arrive."""

    def __init__(self, name: str, source: ByteSource, request: Request) -> None:
        """Raises:
        CameraError: the source refused at once. If it refuses later, `next` raises it.
        """
        super().__init__(request)
        self.name, self._source = name, source
        try:
            self._waiting = Waiting()
        except CameraError:
            source.close()
            raise
        self._bytes = Bytes(source, self._waiting)
        self._decoder: Decoder | None = None
        began = time.monotonic()
        try:
            self._waiting.allow(min(REFUSAL_WAIT_SECONDS, request.open_timeout))
            self._source.open(self._waiting)
        except CameraTimeoutError:
            log.debug("%s: still waiting for %s", name, self._waiting.awaited)
        except CameraError as error:
            self.close()
            raise self._named(error) from error
        except BaseException:
            self.close()
            raise
        self._open_seconds = max(0.0, request.open_timeout - (time.monotonic() - began))

    def _read(self) -> Frame | None:
        # Time that opening took is subtracted; time that a slow caller took is not.
        is_first = self._index == 0
        if is_first:
            self._waiting.allow(self._open_seconds, self._request.open_timeout)
        else:
            self._waiting.allow(self._request.frame_timeout)
        try:
            if is_first:
                self._source.open(self._waiting)
            if self._decoder is None:
                self._decoder = decoder_of(self._bytes, self._source.is_packets)
            picture = self._decoder.picture()
        except CameraError as error:
            raise self._named(error) from error
        finally:
            if self._decoder is not None:
                self.skipped = self._decoder.damaged
        if picture is None:
            if is_first:
                raise CameraError(f"{self.name} ended before its first picture")
            return None
        self._tell(picture.image)
        return Frame(picture.image, picture.arrived, source=self.name)

    def _tell(self, image: Image) -> None:
        """Log once which size and rate come, if they are not those that were asked for."""
        height, width = image.shape[:2]
        size = self._view.size(width, height)
        if size == self.size:
            return
        self.size = size
        if self._decoder is not None:
            self.fps = self._decoder.fps
        wanted, fps = self._request.size, self._request.fps
        if wanted is not None and tuple(wanted) != (width, height):
            log.warning(
                "%s gives %dx%d, not the %dx%d that were asked for: a stream's sender decides",
                self.name, width, height, *wanted,
            )  # fmt: skip
        if (
            fps is not None
            and self.fps is not None
            and abs(fps - self.fps) > FPS_TOLERANCE_SHARE * fps
        ):
            log.warning("%s gives %g frames a second, not %g", self.name, self.fps, fps)

    def _named(self, error: CameraError) -> CameraError:
        return type(error)(f"{self.name}: {error}")

    def _interrupt(self) -> None:
        self._waiting.stop()

    def _release(self) -> None:
        with contextlib.ExitStack() as all_of_it:
            all_of_it.callback(self._waiting.close)
            all_of_it.callback(self._source.close)
            if self._decoder is not None:
                all_of_it.callback(self._decoder.close)
