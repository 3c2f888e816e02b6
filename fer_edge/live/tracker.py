"""Push style: frames in, readings and events out. No thread, no camera; time is the frames'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fer_edge.frame import Frame
from fer_edge.image import Image
from fer_edge.live.event import Event
from fer_edge.live.live_reading import LiveReading
from fer_edge.live.recognizing import Recognizing
from fer_edge.live.smoothing import Smoothing


class Tracker:
    """Follows the faces of one camera from frame to frame."""

    def __init__(
        self,
        recognizer: Recognizing | None = None,
        *,
        clock: Literal["frame"] | Callable[[], float] = "frame",
        smoothing: Smoothing | None = None,
        lost_after: float = 1.5,
        detect_every: float = 0.2,
        read_every: float = 0.0,
        budget: float | None = None,
        hfov: float | None = None,
        mirror: bool = False,
        name: str = "",
    ) -> None:
        raise NotImplementedError

    def __call__(
        self, frame: Frame | Image, *, dropped: int = 0
    ) -> tuple[LiveReading, tuple[Event, ...]]:
        """Read the next frame."""
        raise NotImplementedError

    def interrupt(self, reason: str, at: float | None = None) -> tuple[Event, ...]:
        """Frames stopped coming."""
        raise NotImplementedError

    def resume(self, reason: str = "", at: float | None = None) -> tuple[Event, ...]:
        """They come again."""
        raise NotImplementedError

    def end(self, at: float | None = None) -> tuple[Event, ...]:
        """No frame will come any more: every face leaves."""
        raise NotImplementedError
