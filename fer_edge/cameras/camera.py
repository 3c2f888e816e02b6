"""The base class of every camera: one contract, whatever gives the frames.

A camera is its own iterator. `next(camera)` gives the next frame, a second `for` goes on where the
first stopped, and after the end it stays ended. `close` may come from any thread at any moment: the
iteration ends within a second, and the handle is released by whoever reads from it.
"""

from __future__ import annotations

import abc
import dataclasses
import logging
import threading

from fer_edge.cameras.closing import Closing
from fer_edge.cameras.request import Request, checked_request
from fer_edge.cameras.view import View
from fer_edge.errors import CameraError, FerEdgeError
from fer_edge.forked import begin_anew_in_children, never_delete
from fer_edge.frame import Frame
from fer_edge.printable import said_by
from fer_edge.process import Process

log = logging.getLogger(__name__)


class Camera(abc.ABC):
    """Frames one after the other, and a device to be given back.

    with open_camera() as camera:
        for frame in camera:
            ...
    """

    name: str = "a camera"
    """What it is, for people: "Raspberry Pi camera imx708", "the video walk.mp4"."""
    skipped: int = 0
    """Pictures or packets that could not be read and were left out so far."""
    size: tuple[int, int] | None = None
    """Width and height of the frames in pixels, after rotation. None where frames differ in size,
    or where the size is not known before the first frame."""
    recorded: bool = False
    """Whether it has an end and is not live: a video, pictures, the sample."""
    fps: float | None = None
    """Frames a second that the source granted or declares; None if it does not tell."""

    def __init__(self, request: Request | None, view: View | None = None) -> None:
        """Args:
            request: what was asked for; None is `Request()`.
            view: what is left to do in software; by default all that was asked for.

        Raises:
            ArgumentError: the request is none.
        """
        request = checked_request(request)
        self._request = request
        self._view = View(request.rotate, request.mirror) if view is None else view
        self._closing = Closing()
        self._inside = threading.Lock()
        self._reader: int | None = None
        self._ended = False
        self._released = False
        self._index = 0
        # Two underscores: a user's camera may well have a `_process` of its own.
        self.__process = Process()
        # Deleting a device's object there would stop the device for the parent, too.
        begin_anew_in_children(self, never_delete)

    @property
    def is_mirrored(self) -> bool:
        """Whether its frames are mirrored left to right, as was asked."""
        return self._request.mirror

    @property
    def is_realtime(self) -> bool:
        """Whether it was asked to play a recording at its own speed."""
        return self._request.realtime is True

    @abc.abstractmethod
    def _read(self) -> Frame | None:
        """The next frame as the source gives it, or None at its end. Its index is set elsewhere.

        A wait inside must end soon after `self._closing` is set (`self._closing.wait(seconds)`
        does) or `_interrupt` is called. After a KeyboardInterrupt inside it is called again, and
        goes on or says that it cannot.

        Raises:
            CameraError: the source stopped giving frames without having ended. The user gets any
                other error as a CameraError, with the other error as its cause.
        """

    @abc.abstractmethod
    def _release(self) -> None:
        """Give the device or file back. Called once, and never while `_read` runs."""

    def _interrupt(self) -> None:  # noqa: B027 - most sources never wait
        """Wake a `_read` that waits; may be called from any thread, also from a signal handler
        in the middle of `_read`, and more than once. It may not wait for anything."""

    def __iter__(self) -> Camera:
        return self

    def __next__(self) -> Frame:
        """The next frame; waits for it, and for other threads that wait for theirs.

        Raises:
            StopIteration: the source has ended, or the camera is closed.
            CameraError: the source stopped giving frames without having ended, or lost some. It
                is then ended.
        """
        if not self.__process.is_this:
            raise CameraError(
                f"{self.name} was opened by the process that this one was forked from: open it "
                "again here"
            )
        if self._reader == threading.get_ident():
            raise CameraError(f"{self.name} is being read already, by what was interrupted here")
        try:
            with self._inside:
                frame = self._next()
        finally:
            self._release_if_closing()
        if frame is None or self._closing.is_set():
            raise StopIteration
        return frame

    def _next(self) -> Frame | None:
        try:
            self._reader = threading.get_ident()
            if self._closing.is_set() or self._ended:
                return None
            frame = self._read()
            if frame is None:
                self._ended = True
                return None
            if self.is_mirrored != self._view.mirror:
                # The device has mirrored it already.
                frame = dataclasses.replace(frame, mirrored=True)
            frame = self._view.of(frame, self._index)
            self._index += 1
            return frame
        except Exception as error:
            self._ended = True
            if self._closing.is_set():
                # The camera was closed while it was read: errors of the source are expected then.
                return None
            if isinstance(error, FerEdgeError):
                raise
            raise CameraError(f"{self.name} failed: {said_by(error)}") from error
        finally:
            self._reader = None

    def close(self) -> None:
        """Give the device or file back; from any thread, and again without effect.

        If another thread waits for a frame, its iteration ends within a second, and that thread
        gives the device back. In a forked child it does nothing: the camera is its parent's.
        """
        # What a child closes, its parent loses: pipes, connections, children of its own.
        if not self.__process.is_this:
            return
        self._closing.set()
        try:
            self._interrupt()
        finally:
            self._release_if_closing()

    def _release_if_closing(self) -> None:
        # The reading thread comes here afterwards, so a device that is busy now is released then.
        if self._closing.is_set() and self._inside.acquire(blocking=False):
            try:
                if not self._released:
                    self._released = True
                    self._release()
            except Exception as error:
                log.warning("%s did not close well: %s", self.name, said_by(error))
            finally:
                self._inside.release()

    def __del__(self) -> None:
        try:
            self._closing.set()
            if not self._released:
                self._released = True
                self._interrupt()
                self._release()
        except Exception:
            # Its constructor failed, or the interpreter ends: nobody would get an error.
            return

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
