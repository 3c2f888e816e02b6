"""The newest frame of a source: a thread reads it, and whoever asks gets the last one.

A source that is read only when there is time for it gives old frames from its buffers. So one
thread does nothing but read. Frames that nobody takes in time are left out and counted.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from fer_edge.cameras.camera import Camera
from fer_edge.errors import ArgumentError, PictureError
from fer_edge.frame import Frame, FrameIterable, frame_of
from fer_edge.live.frames.memory import give_back
from fer_edge.live.frames.refused import Refused
from fer_edge.started import start

log = logging.getLogger(__name__)


class Taken(NamedTuple):
    """A frame that was waited for."""

    frame: Frame
    """The newest one."""
    dropped: int
    """Frames that were left out since the one taken before."""


class Newest:
    """Opens one source, reads it in a thread of its own, and keeps the newest frame."""

    def __init__(
        self,
        open_source: Callable[[], FrameIterable],
        *,
        as_frame: Callable[[Any, int], Frame] | None = None,
        lossless: bool | Callable[[FrameIterable], bool] = False,
        name: str = "frames",
    ) -> None:
        """Nothing is opened before `start`.

        Args:
            open_source: gives a `Camera` or an iterable of frames; called once, in the thread.
            as_frame: makes a frame of each item and its number; `frame_of` if None.
            lossless: whether the source waits for whoever takes, and no frame is left out; a
                function is asked once the source is open.
            name: of the source, for people.
        """
        self._open, self._as_frame, self._name = open_source, as_frame or frame_of, name
        self._refused = Refused(name)
        self._lossless = lossless
        self._changed = threading.Condition()
        self._source: FrameIterable | None = None
        self._frame: Frame | None = None
        self.left_out = 0
        """Frames that were left out since the last one that was taken."""
        self._closing = False
        self._ended = False
        self._error: BaseException | None = None
        self.dropped = 0
        """Frames that were left out so far."""
        # A daemon: a source that never comes back must not keep the program from ending.
        self._thread = threading.Thread(target=self._read, name=f"capture {name}", daemon=True)
        self._started = False

    def start(self) -> None:
        """Begin to open and to read; returns at once.

        Raises:
            CameraError: the system has no thread left.
        """
        start(self._thread, self._name)
        # Only now can it be joined.
        self._started = True

    def wait_open(self, timeout: float | None = None) -> bool:
        """Wait until the source is open, or has failed.

        Returns:
            Whether it is open; False if the time is over or `close` was called.

        Raises:
            Exception: what opening it raised.
        """
        with self._changed:
            self._changed.wait_for(self._is_decided, timeout)
            if self._source is None:
                self._raise()
            return self._source is not None

    def _is_decided(self) -> bool:
        return self._source is not None or self._ended or self._closing

    @property
    def ended(self) -> bool:
        """Whether the source has ended, failed or was closed, and no frame is left to be taken."""
        with self._changed:
            return self._closing or (self._ended and self._frame is None)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def source(self) -> FrameIterable | None:
        """What was opened; None before."""
        return self._source

    @property
    def skipped(self) -> int:
        """Pictures that the source itself could not read so far."""
        return self._source.skipped if isinstance(self._source, Camera) else 0

    def take(self, timeout: float | None = None) -> Taken | None:
        """The newest frame that was not taken yet; waits for it.

        Args:
            timeout: seconds to wait at most; None: as long as it takes.

        Returns:
            None if there is none in that time, the source has ended, or it was closed.

        Raises:
            Exception: what the source raised, once, after its last frame was taken.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._frame is not None or self._ended or self._closing, timeout
            )
            if self._closing:
                return None
            if self._frame is None:
                self._raise()
                return None
            taken = Taken(self._frame, self.left_out)
            self._frame, self.left_out = None, 0
            self._changed.notify_all()
            return taken

    def _raise(self) -> None:
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
        finally:
            # A stored error keeps its stack frames, and those keep pictures, until Python collects
            # cycles. A source that fails every second would fill the memory before that.
            del error

    def close(self) -> None:
        """End the reading; returns at once, from any thread, and again without effect."""
        with self._changed:
            self._closing = True
            # One that waits is in no reading any more.
            if self._frame is not None:
                self.dropped += 1
                self.left_out += 1
            self._frame = None
            source = self._source
            self._changed.notify_all()
        if isinstance(source, Camera):
            _close(source)

    def join(self, timeout: float) -> None:
        """Wait for the thread to end, for so many seconds at most."""
        if self._started and self._thread is not threading.current_thread():
            self._thread.join(max(0.0, timeout))

    def _read(self) -> None:
        error: BaseException | None = None
        source: FrameIterable | None = None
        try:
            source = self._open()
            lossless = self._lossless
            with self._changed:
                self._source = source
                self._lossless = lossless(source) if callable(lossless) else lossless
                self._changed.notify_all()
            if not self._closing:
                self._read_all(source)
        except BaseException as raised:
            # Every error is for the thread that waits for frames, not for this one.
            error = raised
        finally:
            with self._changed:
                self._error, self._ended = error, True
                self._changed.notify_all()
            del error
            # Generators can be closed only by the thread that runs them.
            _close(source)
            give_back()

    def _read_all(self, source: FrameIterable) -> None:
        try:
            for number, item in enumerate(source):
                frame = self._frame_or_none(item, number)
                # Also after what is no picture: a camera may give nothing else any more.
                if self._closing or (frame is not None and not self._put(frame)):
                    return
        except ValueError as error:
            # Python's own error, which comes to whichever thread asks second.
            if str(error) != "generator already executing":
                raise
            raise ArgumentError(
                f"{self._name} is read by something else at the same time: make a generator for "
                "each stream"
            ) from error

    def _frame_or_none(self, item: Any, number: int) -> Frame | None:
        """None where a live source gave something that is no picture: it may do so for a while."""
        try:
            return self._as_frame(item, number)
        except PictureError as error:
            if self._lossless:
                raise
            with self._changed:
                self.left_out += 1
                self.dropped += 1
            self._refused.tell(error)
            return None

    def _put(self, frame: Frame) -> bool:
        with self._changed:
            if self._lossless:
                self._changed.wait_for(lambda: self._frame is None or self._closing)
            if self._closing:
                return False
            if self._frame is not None:
                self.left_out += 1
                self.dropped += 1
            self._frame = frame
            self._changed.notify_all()
            return True


def _close(source: Any) -> None:
    close = getattr(source, "close", None)
    if not callable(close):
        return
    try:
        close()
    except Exception:
        log.exception("closing %r failed", source)
