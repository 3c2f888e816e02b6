"""Decodes a stream's packets into pictures with the least delay.

All settings are for live pictures. No finished picture is held back, one thread decodes, and a
damaged picture is refused instead of repaired.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator
from typing import Any

from fer_edge.cameras.bgr import Bgr
from fer_edge.cameras.ffmpeg_file import Readable, StreamFile
from fer_edge.cameras.jpeg_orientation import JPEG_CODEC, orientation_of
from fer_edge.cameras.pyav import DECODERS, decoded, open_container, prepare, pyav, video_of
from fer_edge.cameras.recording.rotation import turned_by
from fer_edge.errors import CameraError
from fer_edge.pictures.headers.exif import UPRIGHT, upright
from fer_edge.pictures.image import Image

av = pyav()

_CODEC_OPTIONS = {
    "flags": "low_delay",
    # Only missing data counts as damage, not small faults of an encoder: a bad code, or a picture
    # that ends too early.
    "err_detect": "explode",
}
_FORMAT_OPTIONS = {
    "probesize": str(2**20),
    # Microseconds of stream that may be looked at before the first picture is given.
    "analyzeduration": "100000",
    "fpsprobesize": "0",
}

MOST_ERRORS_IN_A_ROW = 1000
"""Errors in a row, without a byte between them, after which decoding stops."""
SYNC_BYTE = b"G"
"""The first byte of MPEG-TS. Each of its packets holds one picture, so no parser is needed. A
parser would find a picture's end only in the next one, and so delay it by one picture."""
_NETWORK_OPTIONS = {
    "protocol_whitelist": "rtsp,rtsps,rtp,tcp,udp,tls",
    "format_whitelist": "rtsp,sdp,rtp,mpegts",
    "codec_whitelist": DECODERS,
    # Over Wi-Fi, UDP loses what TCP does not.
    "rtsp_flags": "prefer_tcp",
}
_TRANSPORT_STREAM_OPTIONS = {**_FORMAT_OPTIONS, "fflags": "noparse+nofillin", "max_ts_probe": "0"}


class PacketDecoder:
    """Pictures of packets that are already known to be of one codec."""

    damaged = 0
    """Packets and pictures that were refused so far."""

    def __init__(self, codec: str, extradata: bytes = b"") -> None:
        """Args:
            codec: FFmpeg's name of it.
            extradata: what the decoder must know before the first packet.

        Raises:
            CameraError: this FFmpeg does not know the codec.
        """
        if codec not in DECODERS.split(","):
            raise CameraError(f"videos of {codec!r} are not read here")
        try:
            self._context = av.CodecContext.create(codec, "r")
        except (av.error.FFmpegError, ValueError) as error:
            raise CameraError(f"FFmpeg cannot decode {codec!r}") from error
        if extradata:
            self._context.extradata = extradata
        prepare(self._context, _CODEC_OPTIONS)
        self._bgr = Bgr()
        # A reader that joins in the middle gets packets that need earlier pictures: this is no
        # damage.
        self._seen = codec == JPEG_CODEC

    def decode(self, data: bytes) -> list[Image]:
        """The pictures that a packet completes, mostly one."""
        images, refused = _pictures(self._context, av.Packet(data), self._bgr)
        self._seen = self._seen or bool(images)
        self.damaged += refused if self._seen else 0
        return images


class ContainerDecoder:
    """Pictures of any stream that FFmpeg recognises: MPEG-TS, Matroska, MP4, AVI, H.264, Y4M, …"""

    damaged = 0
    """Packets and pictures that were refused so far, from the first whole picture on."""
    fps: float | None
    """Pictures a second; None if the stream does not declare it."""

    def __init__(self, file: Readable, head: bytes = b"") -> None:
        """Args:
            file: gives all bytes from the first on.
            head: its first bytes, as far as they are known.

        Raises:
            CameraError: it holds no video that FFmpeg knows.
        """
        options = _TRANSPORT_STREAM_OPTIONS if head.startswith(SYNC_BYTE) else _FORMAT_OPTIONS
        self._file = StreamFile(file)
        try:
            self._container = open_container(self._file, options)
            self._file.raise_error()
            self._stream = video_of(self._container)
        except CameraError as error:
            self._file.raise_error()
            raise CameraError(f"what it sends {error}") from error
        prepare(self._stream.codec_context, _CODEC_OPTIONS)
        self._packets = self._container.demux(self._stream)
        self._bgr = Bgr()
        rate = self._stream.average_rate
        self.fps = float(rate) if rate else None
        self._seen = self._ended = False
        self._ready: collections.deque[Image] = collections.deque()

    def picture(self) -> Image | None:
        """The next picture, BGR, or None at the end. Errors of the file come through, and come
        again: FFmpeg does not go on where Ctrl-C broke it off.

        Raises:
            CameraError: FFmpeg cannot go on.
        """
        while not self._ready and not self._ended:
            packet = self._next_packet()
            self._file.raise_error()
            self._decode(packet)
        return self._ready.popleft() if self._ready else None

    def _next_packet(self) -> Any:
        """The next packet of the video; without data at the end, which flushes the decoder."""
        errors, given, damaged = 0, self._file.given, self.damaged
        while errors < MOST_ERRORS_IN_A_ROW:
            try:
                return next(self._packets)
            except StopIteration:
                return av.Packet()
            except av.error.InvalidDataError:
                errors = errors + 1 if given == self._file.given else 0
                given = self._file.given
                self.damaged += self._seen
                self._packets = self._container.demux(self._stream)
            except av.error.FFmpegError as error:
                self._file.raise_error()
                raise CameraError(f"FFmpeg cannot read on ({error.strerror})") from error
        self.damaged = damaged
        raise CameraError(
            "FFmpeg cannot read on: a stream cannot be searched, so an MP4 must have its index "
            "first (ffmpeg -i A.mp4 -c copy -movflags faststart B.mp4)"
            if "mp4" in self._container.format.name
            else "FFmpeg cannot read on (it finds nothing but damage)"
        )

    def _decode(self, packet: Any) -> None:
        self._ended = not packet.size
        images, refused = _pictures(self._stream.codec_context, packet, self._bgr)
        if packet.is_corrupt and not refused:
            # A part of the packet was lost on its way; the decoder will report it.
            images, refused = [], 1
        self._seen = self._seen or bool(images)
        self.damaged += refused if self._seen else 0
        self._ready.extend(images)

    def close(self) -> None:
        """Give FFmpeg's memory back."""
        self._container.close()


def packets(url: str, open_timeout: float, frame_timeout: float) -> Iterator[Any]:
    """The video packets of an RTSP address, as bytes, after one tuple of codec, extradata, rate.

    Raises:
        CameraError: it cannot be opened, holds no video, or fails.
    """
    times, options = (open_timeout, frame_timeout), {**_FORMAT_OPTIONS, **_NETWORK_OPTIONS}
    try:
        with av.open(url, "r", container_options=options, timeout=times) as container:
            if not container.streams.video:
                raise CameraError("it holds no video")
            stream = container.streams.video[0]
            rate = stream.average_rate
            context = stream.codec_context
            yield context.name, bytes(context.extradata or b""), float(rate) if rate else None
            for packet in container.demux(stream):
                if packet.size:
                    yield bytes(packet)
    except av.error.FFmpegError as error:
        # Not the whole error: it names the address, which may hold a password.
        raise CameraError(error.strerror or type(error).__name__) from error


def _pictures(context: Any, packet: Any, bgr: Bgr) -> tuple[list[Image], int]:
    """The pictures of a packet as they are to be seen, and how many were refused."""
    frames = decoded(context, packet)
    if frames is None:
        return [], 1
    whole = [frame for frame in frames if not frame.is_corrupt]
    refused = len(frames) - len(whole)
    if context.name == JPEG_CODEC:
        turn = orientation_of(bytes(packet)) if whole else UPRIGHT
        return [upright(bgr.of(frame), turn) for frame in whole], refused
    return [turned_by(frame).of(bgr.of(frame)) for frame in whole], refused
