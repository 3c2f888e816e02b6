"""From a recording's packets to its frames, past those that are damaged."""

from __future__ import annotations

from collections import deque
from typing import Any

from fer_edge.cameras.ffmpeg_file import RecordingFile
from fer_edge.cameras.jpeg_orientation import JPEG_CODEC, orientation_of
from fer_edge.cameras.pyav import decoded, pyav
from fer_edge.cameras.recording.lost_frames import Losses, PacketTiming
from fer_edge.cameras.recording.stray_bytes import StrayBytes
from fer_edge.errors import CameraError
from fer_edge.pictures.headers.exif import UPRIGHT

MOST_ERRORS_IN_A_ROW = 1000
"""Errors in a row, without a packet or a frame between them, after which decoding stops."""
HIDDEN_FRAME_DECODERS = ("vp8", "vp9", "av1", "libdav1d", "libvpx", "libvpx-vp9", "libaom-av1")
"""Decoders whose packets may hold a frame that is never shown."""


class Decoding:
    """Gives decoded frames one by one, and counts what could not be decoded."""

    def __init__(
        self, container: Any, stream: Any, source: RecordingFile, has_another: bool
    ) -> None:
        """Args:
        container: PyAV's, freshly opened.
        stream: the video stream in it.
        source: the file that the container reads.
        has_another: whether another recording lies behind the first one in the file. FFmpeg takes
            its fragments for the first one's. It passes over some, and reads others with the wrong
            settings or from the wrong place.
        """
        self._av, self._container, self._stream, self._source = pyav(), container, stream, source
        self._packets = container.demux()
        self._ready: deque[Any] = deque()
        self._drained = self._is_inside = False
        self._errors = 0
        self._has_another, self._is_behind = has_another, False
        self._decoding_time: int | None = None
        self.orientation = UPRIGHT
        """By the EXIF data of the first frame, if that is a JPEG picture."""
        self.behind = 0
        """Packets of another recording behind the first one, which are not decoded."""
        timing = PacketTiming(
            durations="mp4" in container.format.name,
            hidden=stream.codec_context.name in HIDDEN_FRAME_DECODERS,
        )
        self.losses = Losses(timing)
        self._strays = StrayBytes.of(container.format.name, source)
        self.cut_off = False
        """Whether the last packet was shorter than its container says."""

    def step(self) -> bool:
        """Decode one more packet, or what the decoder holds back; False when all is done.

        Raises:
            CameraError: a KeyboardInterrupt broke the step before off.
        """
        if self._is_inside:
            # Ctrl-C came between a packet and its frame, which is gone, with all that build on it.
            raise CameraError("it was interrupted in the middle of a frame: open it anew")
        if self._drained:
            return False
        self._is_inside = True
        self._feed(self._next())
        self._is_inside = False
        return True

    def take(self) -> Any:
        """The next decoded frame, or None if none is ready."""
        return self._ready.popleft() if self._ready else None

    def _feed(self, packet: Any) -> None:
        if packet is None:
            self._note_tear(self._source.length(), 0)
            self._drain()
            return
        if packet.size and packet.pos is not None:
            self._note_tear(packet.pos, packet.size)
        if packet.stream.index == self._stream.index:
            if self._has_another and self._begins_anew(packet):
                self.behind += packet.size > 0
                return
            # A packet without bytes says that the frame before it stays: it would end the decoder.
            self._note(packet)
            if packet.size:
                self._collect(packet)

    def _begins_anew(self, packet: Any) -> bool:
        """Whether times have fallen back: within one recording they are in order. Where a stream's
        beginning is only repeated, before later fragments, they go on."""
        if packet.dts is not None:
            before = self._decoding_time
            self._is_behind = self._is_behind or (before is not None and packet.dts < before)
            self._decoding_time = packet.dts
        return self._is_behind

    def _note_tear(self, position: int, size: int) -> None:
        if self._strays is not None and self._strays.torn_before(position, size):
            self.losses.torn = True
            self.losses.torn_head = self._strays.torn_head

    def _note(self, packet: Any) -> None:
        if packet.dts is None and packet.pts is None:
            return
        self.cut_off = bool(packet.is_corrupt)
        self.losses.broken = self.losses.broken or self.cut_off
        if packet.dts is not None:
            self.losses.follows(packet.dts, packet.duration or 0)
        shown = packet.pts is not None and packet.size > 0
        shown = shown and not getattr(packet, "is_discard", False)
        self.losses.fed(packet.pts if packet.pts is not None else packet.dts, shown)

    def _drain(self) -> None:
        self._collect(None)
        self._drained = True

    def _collect(self, packet: Any) -> None:
        frames = decoded(self._stream.codec_context, packet)
        if frames is None:
            self.losses.refused += 1
            self._note_error()
        is_first = self.losses.frames == 0
        is_jpeg = self._stream.codec_context.name == JPEG_CODEC
        if frames and is_first and is_jpeg and packet is not None:
            self.orientation = orientation_of(bytes(packet))
        for frame in frames or []:
            self._errors = 0
            self.losses.frames += 1
            if frame.pts is not None:
                self.losses.given(frame.pts)
            self._ready.append(frame)

    def _next(self) -> Any:
        """The next packet; None at the end."""
        while not self._drained:
            try:
                return next(self._packets, None)
            except self._av.error.FFmpegError:
                # It ends PyAV's generator, not the file.
                self._packets = self._container.demux()
                self.losses.torn = True
                self._note_error()
        return None

    def _note_error(self) -> None:
        self._errors += 1
        self._drained = self._errors > MOST_ERRORS_IN_A_ROW
