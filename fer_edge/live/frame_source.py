"""What a stream reads: which sources are recordings, which can be opened again, which wait."""

from __future__ import annotations

import dataclasses
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fer_edge.cameras import Camera, Source, open_camera
from fer_edge.cameras.request import Request
from fer_edge.cameras.view import View
from fer_edge.errors import ArgumentError
from fer_edge.frame import Frame
from fer_edge.image import Image
from fer_edge.live.newest import Pictures

StreamSource = Source | Camera | Iterable[Frame | Image] | Callable[[], Pictures]
"""All that `open_camera` takes, an open camera, an iterable of frames or pictures, or a function
that opens such a one, as often as it is called."""


@dataclass(frozen=True, slots=True)
class FrameSource:
    """How frames are come by."""

    open: Callable[[], Pictures]
    """Gives what is read."""
    name: str
    """For people."""
    reopens: bool
    """Whether `open` gives it anew after it failed or ended."""
    may_freeze: bool
    """Whether too long without a frame is a fault: recordings and lists take what they take."""
    lossless: bool
    """Whether it waits for the consumer."""


def frame_source(source: Any, request: Request) -> FrameSource:
    """What this source means.

    Args:
        source: a `StreamSource`.
        request: what is asked of it.

    Raises:
        ArgumentError: it is none, or cannot do what is asked.
    """
    if isinstance(source, Camera):
        _refuse(request, "a camera that is open already", size=True, fps=True, view=True)
        lossless = _is_lossless(request, is_recording(source))
        return FrameSource(lambda: source, source.name, False, not is_recording(source), lossless)
    if callable(source):
        _refuse(request, "a function that opens a camera", size=True, fps=True, view=True)
        name = getattr(source, "__name__", type(source).__name__)
        return FrameSource(source, name, True, True, request.realtime is False)
    if not _is_for_open_camera(source):
        _refuse(request, "an iterable of frames", size=True, fps=True)
        return FrameSource(
            lambda: _seen(source, View(request.rotate, request.mirror)),
            f"an iterable ({type(source).__name__})",
            False,
            request.realtime is True,
            # Nothing says whether a generator is a camera or a list in disguise; none is cut.
            request.realtime is not True,
        )
    recording = is_recording(source)
    return FrameSource(
        lambda: _open(source, request, recording),
        "the first camera" if source is None else str(source),
        not recording and str(source) != "-",
        not recording,
        _is_lossless(request, recording),
    )


def is_recording(source: Any) -> bool:
    """Whether a source has an end and no present: files, folders, lists of them, the sample."""
    if isinstance(source, Camera):
        from fer_edge.cameras.pictures import Pictures as PictureFiles
        from fer_edge.cameras.sample import Sample
        from fer_edge.cameras.video import Video

        return isinstance(source, PictureFiles | Sample | Video)
    if isinstance(source, str | Path):
        if str(source) == "sample":
            return True
        try:
            mode = Path(source).stat().st_mode
        except (OSError, ValueError):
            return False
        return stat.S_ISREG(mode) or stat.S_ISDIR(mode)
    return isinstance(source, list | tuple)


def _is_lossless(request: Request, recording: bool) -> bool:
    return not request.realtime if recording else request.realtime is False


def _is_for_open_camera(source: Any) -> bool:
    """Whether it is no iterable of frames. What is nothing at all, `open_camera` refuses."""
    if source is None or isinstance(source, str | bytes | int | Path | np.ndarray | np.generic):
        return True
    if isinstance(source, list | tuple):
        return all(isinstance(item, str | Path) for item in source)
    return not isinstance(source, Iterable)


def _open(source: Any, request: Request, recording: bool) -> Camera:
    return open_camera(
        source,
        size=request.size,
        fps=request.fps,
        rotate=request.rotate,
        mirror=request.mirror,
        # Cameras are in real time; that frames wait for the consumer is the stream's doing.
        realtime=request.realtime if recording else None,
        open_timeout=request.open_timeout,
        frame_timeout=request.frame_timeout,
    )


def _seen(frames: Iterable[Frame | Image], view: View) -> Iterator[Frame]:
    for number, item in enumerate(frames):
        frame = item
        if not isinstance(frame, Frame):
            frame = dataclasses.replace(Frame.of(item), index=number)  # type: ignore[arg-type]
        yield view.of(frame, frame.index)


def _refuse(
    request: Request, what: str, *, size: bool = False, fps: bool = False, view: bool = False
) -> None:
    """Raises ArgumentError if something is asked that nobody can give."""
    asked = {
        "size": size and request.size is not None,
        "fps": fps and request.fps is not None,
        "rotate": view and request.rotate != 0,
        "mirror": view and request.mirror,
    }
    for name, is_asked in asked.items():
        if is_asked:
            raise ArgumentError(f"{name} cannot be asked of {what}; ask where it is made")
