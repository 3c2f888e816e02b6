"""A recording: every frame of a video file, in its own time or at its own speed."""

from __future__ import annotations

import dataclasses
import logging
import math
import shlex
import time
from pathlib import Path
from typing import Any, BinaryIO

from fer_edge.cameras.bgr import Bgr
from fer_edge.cameras.camera import Camera
from fer_edge.cameras.ffmpeg_file import RecordingFile
from fer_edge.cameras.playback import Pace
from fer_edge.cameras.pyav import open_container, video_of
from fer_edge.cameras.recording.boxes import read_boxes
from fer_edge.cameras.recording.decoding import Decoding
from fer_edge.cameras.recording.rotation import BY_EXIF, turned_by
from fer_edge.cameras.recording.timestamps import (
    HIGHEST_FPS,
    USUAL_INTERVAL_SECONDS,
    Times,
    is_untimed,
    rate,
)
from fer_edge.cameras.recording.truncation import missing_bytes
from fer_edge.cameras.request import Request
from fer_edge.cameras.sources import path_of
from fer_edge.errors import CameraError, CameraTimeoutError
from fer_edge.frame import Frame
from fer_edge.printable import printable

log = logging.getLogger(__name__)

JPEG_MAGIC = b"\xff\xd8\xff"
"""The first bytes of a JPEG picture."""


class Video(Camera):
    """Every frame of a video, turned as its metadata say.

    Packets that the decoder refuses are passed over and counted in `skipped`. If frames were lost,
    the last frame is followed by a CameraError that says about how many.
    """

    recorded = True

    def __init__(self, path: Path, request: Request | None = None) -> None:
        """Raises:
        ArgumentError: a size or a rate is asked for.
        BackendMissingError: PyAV is not installed.
        CameraError: no frame of it can be decoded.
        CameraTimeoutError: none could be decoded in `open_timeout`.
        """
        super().__init__(request)
        path = path_of(path)
        self._request.refuse_size_and_fps("recordings")
        self.name, self._file_name = f"the video {printable(path)}", printable(path.name)
        self._container: Any = None
        self._source: RecordingFile | None = None
        try:
            self._source = RecordingFile(_opened(path))
            self._look_over(printable(path), self._source)
            self._open(printable(path), self._source)
            self._decoding = Decoding(
                self._container, self._stream, self._source, self._boxes.has_another
            )
            self._bgr = Bgr()
            self._kept = self._decoded(time.monotonic() + self._request.open_timeout)
            if self._kept is None:
                raise CameraError(
                    f"{printable(path)} is not a video that can be decoded here, or is cut short"
                )
            self._turn = BY_EXIF.get(self._decoding.orientation) or turned_by(self._kept)
        except BaseException:
            self.close()
            raise
        self.size, self.fps = self._size(self._kept), rate(self._container, self._stream)
        self._tell_untimed(path)
        self._times = Times(self._container, self._stream)
        self._pace = Pace(self._closing) if self._request.realtime else None

    def _look_over(self, name: str, source: RecordingFile) -> None:
        """What the file says about its parts, before FFmpeg sees it."""
        if not source.length():
            raise CameraError(f"{name} is empty, 0 bytes")
        try:
            self._boxes = read_boxes(source)
        except CameraError as error:
            raise CameraError(f"{name} {error}") from error
        self._missing = missing_bytes(source, self._boxes)

    def _open(self, name: str, source: RecordingFile) -> None:
        try:
            self._container = open_container(source)
            self._stream = video_of(self._container)
        except CameraError as error:
            if source.peek(len(JPEG_MAGIC), 0) == JPEG_MAGIC:
                # Such a file has no times, and does not declare its number of pictures.
                raise CameraError(
                    f"{name} is no video but JPEG pictures without a container: name a single one "
                    f".jpg, and read several as a stream (fer-edge watch - < {name})"
                ) from error
            if self._boxes.lacks_index:
                raise CameraError(
                    f"{name} has no index (moov), so it cannot be read: it was not recorded or "
                    "copied to its end. MKV and MPEG-TS need none"
                ) from error
            joined = self._boxes.has_another
            hint = "; another recording lies behind it in the file: separate them" if joined else ""
            raise CameraError(f"{name} {error}{hint}") from error

    def _tell_untimed(self, path: Path) -> None:
        if self.fps is None and is_untimed(self._container):
            log.warning(
                "%s holds no times and declares no rate up to %g a second, so its frames count as "
                "%.3f s apart. Put it into a container: ffmpeg -framerate RATE -i %s -c copy a.mp4",
                self.name,
                HIGHEST_FPS,
                USUAL_INTERVAL_SECONDS,
                shlex.quote(printable(path)),
            )

    def _read(self) -> Frame | None:
        # Kept until it is given, so that Ctrl-C loses none.
        decoded = self._kept = self._kept or self._decoded(math.inf)
        if decoded is None:
            self._tell_losses()
            return None
        position = self._times.position(decoded)
        image = self._turn.of(self._bgr.of(decoded))
        if self.size is not None and self.size != self._size(decoded):
            self.size = None
        if self._pace is None:
            frame = Frame(image, position, clock="recording", moment="position")
        else:
            frame = Frame(image, self._pace.wait_for(position), moment="arrival")
        frame = dataclasses.replace(frame, source=self._file_name)
        self._kept = None
        return frame

    def _decoded(self, deadline: float) -> Any:
        """The next frame as PyAV gives it; None at the end, or when the camera is closed."""
        decoding = self._decoding
        while not self._closing.is_set():
            if (frame := decoding.take()) is not None:
                return frame
            try:
                more = decoding.step()
            except CameraError as error:
                raise CameraError(f"{self.name}: {error}") from error
            self.skipped = decoding.losses.refused
            if not more:
                return None
            if time.monotonic() > deadline:
                raise CameraTimeoutError(
                    f"{self.name} gave no frame in {self._request.open_timeout:g} s"
                )
        return None

    def _size(self, decoded: Any) -> tuple[int, int]:
        return self._view.size(*self._turn.size(decoded.width, decoded.height))

    def _tell_losses(self) -> None:
        losses, misplaced = self._decoding.losses, self._boxes.misplaced
        behind = self._boxes.frames_behind + self._decoding.behind
        if self._closing.is_set():
            return
        inside, after = max(losses.lost(), misplaced), 0
        if self._missing or self._decoding.cut_off or losses.torn:
            after = self._times.left(losses.latest, losses.step, losses.frames + inside)
        if inside + after + behind:
            reasons = [
                (self.skipped, f"its decoder refused {self.skipped} packets"),
                (misplaced, f"its index places {misplaced} where no frame can be"),
                (inside > max(self.skipped, misplaced), "some are missing or damaged"),
                (after, "it is cut short or torn"),
                (behind, f"{behind} of another recording behind it in the file are not read"),
            ]
            raise CameraError(
                f"{self.name} has lost about {inside + after + behind} frames: "
                + ", ".join(text for holds, text in reasons if holds)
            )

    def _release(self) -> None:
        if self._container is not None:
            self._container.close()
        if self._source is not None:
            self._source.close()


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CameraError(f"{printable(path)} cannot be opened: {reason}") from error
