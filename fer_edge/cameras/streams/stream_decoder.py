"""Decodes pictures from a stream of bytes of any known format."""

from __future__ import annotations

import abc
import collections
import json
import time
from dataclasses import dataclass

from fer_edge.cameras.streams.byte_source import ByteSource
from fer_edge.cameras.streams.jpeg_stream import JPEG_MAGIC, JpegStream
from fer_edge.cameras.streams.messages import Message, Messages
from fer_edge.cameras.streams.waiting import Waiting
from fer_edge.errors import CameraError
from fer_edge.pictures.image import Image

MULTIPART_BEGINNINGS = (b"--", b"\r", b"\n")
"""How a multipart stream of JPEG pictures begins."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture of a stream."""

    image: Image
    """uint8, (height, width, 3), BGR."""
    arrived: float
    """When its last byte was read, on `time.monotonic()`."""


class Bytes:
    """A source's bytes with what was read ahead, and when the last of them came: FFmpeg's file."""

    def __init__(self, source: ByteSource, waiting: Waiting) -> None:
        self.arrived = time.monotonic()
        """When the last bytes were read."""
        self.has_ended = False
        """Whether the source has ended regularly."""
        self._source, self._waiting = source, waiting
        self._ahead = b""

    def head(self, size: int) -> bytes:
        """The first bytes that were not taken yet, fewer only at the end; they are not taken."""
        while len(self._ahead) < size and not self.has_ended:
            self._ahead += self._more()
        return self._ahead[:size]

    def chunk(self) -> bytes:
        """The next bytes, or b"" at the end."""
        ahead, self._ahead = self._ahead, b""
        return ahead or (b"" if self.has_ended else self._more())

    def read(self, size: int, /) -> bytes:
        """At most `size` of the next bytes, or b"" at the end."""
        data = self.chunk()
        self._ahead = data[size:]
        return data[:size]

    def _more(self) -> bytes:
        data = self._source.read(self._waiting)
        self.arrived = time.monotonic()
        self.has_ended = not data
        return data


class Decoder(abc.ABC):
    """Pictures of one kind of stream."""

    @abc.abstractmethod
    def picture(self) -> Picture | None:
        """The next picture; None at the regular end.

        Raises:
            CameraError: the source failed, or what it gives is no video.
        """

    @property
    @abc.abstractmethod
    def damaged(self) -> int:
        """Pictures and packets that could not be read so far."""

    @property
    @abc.abstractmethod
    def fps(self) -> float | None:
        """Pictures a second; None if the stream does not declare it."""

    def close(self) -> None:  # noqa: B027 - most have nothing to give back
        """Give memory back."""


class JpegDecoder(Decoder):
    """JPEG pictures one after the other, with or without multipart headers between them."""

    fps = None

    def __init__(self, data: Bytes) -> None:
        from fer_edge.cameras.streams.live_decoding import PacketDecoder

        self._bytes, self._stream = data, JpegStream()
        self._decoder = PacketDecoder("mjpeg")

    def picture(self) -> Picture | None:
        while True:
            while (data := self._stream.picture()) is not None:
                if images := self._decoder.decode(data):
                    return Picture(images[0], self._bytes.arrived)
            if self._bytes.has_ended:
                return None
            if chunk := self._bytes.chunk():
                self._stream.feed(chunk)
            else:
                self._stream.finish()

    @property
    def damaged(self) -> int:
        return self._stream.damaged + self._decoder.damaged


class FFmpegDecoder(Decoder):
    """Any format that FFmpeg recognises by its first bytes."""

    def __init__(self, data: Bytes) -> None:
        from fer_edge.cameras.streams.live_decoding import ContainerDecoder

        self._bytes = data
        self._container = ContainerDecoder(data, data.head(1))

    def picture(self) -> Picture | None:
        image = self._container.picture()
        return None if image is None else Picture(image, self._bytes.arrived)

    @property
    def damaged(self) -> int:
        return self._container.damaged

    @property
    def fps(self) -> float | None:
        return self._container.fps

    def close(self) -> None:
        self._container.close()


class PacketsDecoder(Decoder):
    """The packets that a child process has taken apart."""

    def __init__(self, data: Bytes) -> None:
        from fer_edge.cameras.streams.live_decoding import PacketDecoder

        self._bytes, self._messages = data, Messages()
        self._ready: collections.deque[Image] = collections.deque()
        # The child tells it before its first packet.
        fields = json.loads(self._message().data)
        self._fps: float | None = fields["fps"]
        self._decoder = PacketDecoder(fields["codec"], bytes.fromhex(fields["extradata"]))

    def picture(self) -> Picture | None:
        while not self._ready:
            self._ready.extend(self._decoder.decode(self._message().data))
        return Picture(self._ready.popleft(), self._bytes.arrived)

    def _message(self) -> Message:
        while (message := self._messages.next()) is None:
            self._messages.feed(self._bytes.chunk())
        if message.kind == "error":
            raise CameraError(message.data.decode("utf-8", "replace"))
        return message

    @property
    def damaged(self) -> int:
        return self._decoder.damaged

    @property
    def fps(self) -> float | None:
        return self._fps


def decoder_of(data: Bytes, is_packets: bool) -> Decoder:
    """The decoder that fits the first bytes; waits for them.

    Raises:
        CameraError: there are none, or nothing here can read them.
        BackendMissingError: PyAV is not installed.
    """
    if is_packets:
        return PacketsDecoder(data)
    head = data.head(len(JPEG_MAGIC))
    if not head:
        raise CameraError("it ended before its first picture")
    is_jpeg = head == JPEG_MAGIC or head.startswith(MULTIPART_BEGINNINGS)
    return JpegDecoder(data) if is_jpeg else FFmpegDecoder(data)
