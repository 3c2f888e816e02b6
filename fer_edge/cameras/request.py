"""The user's requests to a camera, checked in one place for all cameras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fer_edge.errors import ArgumentError
from fer_edge.number import check_flag, plain_number, whole_number
from fer_edge.printable import brief

TURNS_DEGREES = (0, 90, 180, 270)
"""Degrees clockwise by which frames can be turned."""
LARGEST_SIDE_PIXELS = 16384
"""Pixels of a frame's side; no camera is larger."""
HIGHEST_FPS = 1000.0
"""Frames a second; no camera is faster."""
FPS_TOLERANCE_SHARE = 0.05
"""A rate counts as the one that was asked for up to this difference: 29.97 is 30."""
LONGEST_WAIT_SECONDS = 86400.0
"""Seconds, a day."""


@dataclass(frozen=True, slots=True)
class Request:
    """What `open_camera` was asked for beside the source."""

    size: tuple[int, int] | None = None
    """Width and height in pixels, as the camera sees them (before rotation); None: its choice."""
    fps: float | None = None
    """Frames a second; None: the camera's choice."""
    rotate: int = 0
    """Degrees clockwise by which frames are turned: 0, 90, 180 or 270."""
    mirror: bool = False
    """Whether frames are mirrored left to right, after they were turned."""
    realtime: bool | None = None
    """Of recordings: True plays them at their own speed, False reads as fast as frames are asked
    for; None: False. Cameras are always in real time. Pictures have no speed and refuse True."""
    open_timeout: float = 10.0
    """Seconds that the source has to open and to give its first frame."""
    frame_timeout: float = 5.0
    """Seconds without a frame, after the first, from which on the source counts as gone."""

    def __post_init__(self) -> None:
        """Raises:
        ArgumentError: a field has the wrong type or is out of its range.
        """
        change = object.__setattr__  # The class is frozen: numpy's numbers become plain here.
        if self.size is not None:
            change(self, "size", _size(self.size))
        if self.fps is not None:
            change(self, "fps", _positive("fps", self.fps, HIGHEST_FPS))
        rotate = self.rotate
        if isinstance(rotate, bool) or not isinstance(rotate, int | np.integer | float):
            rotate = -1
        if rotate not in TURNS_DEGREES:
            given = brief(self.rotate)
            raise ArgumentError(f"rotate must be 0, 90, 180 or 270 degrees, got {given}")
        change(self, "rotate", int(rotate))
        check_flag("mirror", self.mirror)
        if self.realtime is not None and not isinstance(self.realtime, bool):
            raise ArgumentError(f"realtime must be True, False or None, got {brief(self.realtime)}")
        for name in ("open_timeout", "frame_timeout"):
            change(self, name, _positive(name, getattr(self, name), LONGEST_WAIT_SECONDS))

    def refuse_size_and_fps(self, what: str) -> None:
        """Refuse a size and a rate, for sources that cannot change them.

        Args:
            what: the source, in the plural or with its article.

        Raises:
            ArgumentError: a size or a rate was asked for.
        """
        for name, value in (("size", self.size), ("fps", self.fps)):
            if value is not None:
                raise ArgumentError(
                    f"{name} is asked of cameras; {what} cannot grant it, frames come as they are "
                    "stored"
                )


def checked_request(request: Request | None) -> Request:
    """The request, or one for nothing in particular.

    Raises:
        ArgumentError: it is another object.
    """
    if request is None:
        return Request()
    if not isinstance(request, Request):
        raise ArgumentError(f"what is asked of a camera is a Request, got {brief(request)}")
    return request


def _size(given: Any) -> tuple[int, int]:
    try:
        if not isinstance(given, tuple | list):
            raise TypeError(given)
        width, height = (whole_number("a side", side, 1, LARGEST_SIDE_PIXELS) for side in given)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"size must be a width and a height of 1 to {LARGEST_SIDE_PIXELS} pixels, "
            f"got {brief(given)}"
        ) from None
    return width, height


def _positive(name: str, value: Any, largest: float) -> float:
    number = plain_number(name, value)
    if not 0 < number <= largest:
        raise ArgumentError(f"{name} must be above 0 and at most {largest:g}, got {number}")
    return number
