"""What a stream reads: which sources are recordings, which can be opened again, which wait."""

from __future__ import annotations

import dataclasses
import functools
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fer_edge.cameras import Camera, Source, open_camera
from fer_edge.cameras.choose import PICTURE_SUFFIXES
from fer_edge.cameras.request import Request
from fer_edge.cameras.sources import address, names_a_camera
from fer_edge.cameras.streams.address import address_of
from fer_edge.cameras.view import View
from fer_edge.errors import ArgumentError, CameraError, FerEdgeError
from fer_edge.frame import Frame, FrameIterable, frame_of
from fer_edge.live.frames.given_camera import check_given, checked, taken
from fer_edge.live.frames.given_frames import GivenFrames, refuse_no_frames
from fer_edge.pictures.image import Image
from fer_edge.pictures.pil_picture import is_pil
from fer_edge.printable import brief, printable, said_by

StreamSource = Source | Camera | Iterable[Frame | Image] | Callable[[], FrameIterable]
"""All that `open_camera` takes, an open camera, or an iterable of frames or pictures. Or a function
that opens such a one, as often as it is called."""


@dataclass(frozen=True, slots=True)
class FrameSource:
    """How a stream gets its frames."""

    open: Callable[[], FrameIterable]
    """Gives what is read."""
    name: str
    """For people."""
    opens_again: bool
    """Whether `open` works more than once."""
    realtime: bool | None
    """What was asked for: the newest frame (True), every frame (False), or what is usual."""
    frame: Callable[[Any, int], Frame] = frame_of
    """Makes a frame of what is read and of its number; raises PictureError if it is no picture."""

    def is_recording(self, opened: FrameIterable) -> bool:
        """Whether it has an end and is not live. A generator may be a camera or a list: it counts
        as a camera only with `realtime=True`."""
        return opened.recorded if isinstance(opened, Camera) else self.realtime is not True

    def is_lossless(self, opened: FrameIterable) -> bool:
        """Whether it waits for the consumer, and every frame is read."""
        return not self.realtime if self.is_recording(opened) else self.realtime is False


def frame_source(source: Any, request: Request) -> FrameSource:
    """What this source means.

    Args:
        source: a `StreamSource`.
        request: what is asked of it.

    Raises:
        ArgumentError: it cannot do what is asked.
    """
    realtime = request.realtime
    _refuse_single(source)
    if isinstance(source, Camera):
        _refuse(request, "a camera that is open already", view=True)
        check_given(source, realtime)
        return FrameSource(lambda: taken(source), source.name, False, realtime)
    if callable(source):
        _refuse(request, "a function that opens a camera", view=True)
        name = str(getattr(source, "__name__", type(source).__name__))
        return FrameSource(lambda: _opened_by(source, name, realtime), name, True, realtime)
    refuse_no_frames(source, f"a {type(source).__name__}")
    if _is_for_open_camera(source):
        return FrameSource(
            lambda: _opened(source, request),
            _name(source),
            not can_be_read_once(source),
            realtime,
        )
    _refuse(request, "an iterable of frames", view=False)
    view, given = View(request.rotate, request.mirror), GivenFrames(source)
    name = f"an iterable ({type(source).__name__})"
    return FrameSource(lambda: given, name, False, realtime, functools.partial(_seen, view))


def _opened(source: Source, request: Request) -> Camera:
    return checked(open_camera(source, **dataclasses.asdict(request)), request.realtime)


def _name(source: Any) -> str:
    """For people and logs: an address without what it may hold of a password."""
    if source is None:
        return "the first camera"
    if isinstance(source, str) and "://" in source:
        try:
            url = address(source)
            return printable(source) if url is None else f"the stream {address_of(url)}"
        except ArgumentError:
            return "a stream"
    if isinstance(source, str | bytes | os.PathLike):
        return printable(os.fsdecode(source))
    return brief(source)


def _is_for_open_camera(source: Any) -> bool:
    """Whether `open_camera` opens or refuses it, because it is no iterable of frames."""
    if source is None or isinstance(
        source, str | bytes | int | os.PathLike | np.ndarray | np.generic
    ):
        return True
    if isinstance(source, list | tuple):
        return all(isinstance(item, str | bytes | os.PathLike) for item in source)
    return not isinstance(source, Iterable)


RECORDING_SUFFIXES = (
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg"),
    *(".wmv", ".flv", ".3gp", ".ogv", ".gif", *PICTURE_SUFFIXES),
)
"""Endings of file names; cameras have none. A pipe may be called `.mjpeg` or `.h264`."""


def can_be_read_once(source: Any) -> bool:
    """Whether it cannot be read again: standard input, lists, and files."""
    if not isinstance(source, str | bytes | os.PathLike):
        return isinstance(source, list | tuple)
    if source in ("-", "sample"):
        return True
    if isinstance(source, str) and names_a_camera(source):
        return False
    try:
        mode = os.stat(source).st_mode
    except (OSError, ValueError):
        # A number, an address, or a camera or FIFO that may still appear. Recordings do not appear.
        name = os.fsdecode(source)
        return "://" not in name and name.lower().endswith(RECORDING_SUFFIXES)
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _refuse_single(source: Any) -> None:
    """Raises ArgumentError if it is one picture, as a beginner may give it."""
    if (
        isinstance(source, Frame)
        or (isinstance(source, np.ndarray) and source.ndim)
        or is_pil(source)
    ):
        raise ArgumentError(
            f"a {type(source).__name__} is no source of a stream: give an iterable of frames; "
            "fer_edge.Recognizer reads single pictures, and fer_edge.Tracker one after the other"
        )


def _opened_by(
    function: Callable[[], FrameIterable], name: str, realtime: bool | None
) -> FrameIterable:
    try:
        opened: Any = function()
    except FerEdgeError:
        raise
    except Exception as error:
        raise CameraError(f"{name} failed: {said_by(error)}") from error
    if isinstance(opened, Camera):
        return taken(checked(opened, realtime))
    refuse_no_frames(opened, f"what {name} gives")
    is_single = isinstance(opened, str | bytes | os.PathLike | np.ndarray)
    if is_single or not isinstance(opened, Iterable):
        raise ArgumentError(
            f"{name} should give a camera or an iterable of frames, and is called once for each "
            f"opening; it gave {brief(opened)}"
        )
    if realtime is None:
        raise ArgumentError(
            f"{name} gives frames of its own: say with realtime=True that they are a camera's (the "
            "newest counts, and a fault opens it again), or with realtime=False a recording's"
        )
    return opened


def _seen(view: View, item: Frame | Image, number: int) -> Frame:
    frame = frame_of(item, number)
    return view.of(frame, frame.index)


def _refuse(request: Request, what: str, *, view: bool) -> None:
    """Raises ArgumentError if something is asked that the source cannot give.

    `view`: whether turning and mirroring cannot be asked either.
    """
    asked = {
        "size": request.size is not None,
        "fps": request.fps is not None,
        "rotate": view and request.rotate != 0,
        "mirror": view and request.mirror,
    }
    for name, is_asked in asked.items():
        if is_asked:
            raise ArgumentError(f"{name} cannot be asked of {what}; ask where it is made")
