"""What the user asks of a camera, checked once for all kinds of cameras."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fer_edge.errors import ArgumentError

TURNS = (0, 90, 180, 270)
"""Degrees clockwise by which frames can be turned."""
LARGEST_SIDE = 16384
"""Pixels of a frame's side; no camera is larger."""
FASTEST = 1000.0
"""Frames a second; no camera is faster."""
LONGEST_WAIT = 86400.0
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
    for; None: False. Cameras are always in real time."""
    open_timeout: float = 10.0
    """Seconds that the source has to open and to give its first frame."""
    frame_timeout: float = 5.0
    """Seconds without a frame, after the first, from which on the source counts as gone."""

    def __post_init__(self) -> None:
        """Raises:
        ArgumentError: a field has the wrong type or is out of its range.
        """
        _check_size(self.size)
        if self.fps is not None:
            _check_number("fps", self.fps, FASTEST)
        if isinstance(self.rotate, bool) or self.rotate not in TURNS:
            raise ArgumentError(f"rotate must be 0, 90, 180 or 270 degrees, got {self.rotate!r}")
        if not isinstance(self.mirror, bool):
            raise ArgumentError(f"mirror must be True or False, got {self.mirror!r}")
        if self.realtime is not None and not isinstance(self.realtime, bool):
            raise ArgumentError(f"realtime must be True, False or None, got {self.realtime!r}")
        _check_number("open_timeout", self.open_timeout, LONGEST_WAIT)
        _check_number("frame_timeout", self.frame_timeout, LONGEST_WAIT)

    def refuse_size_and_fps(self, what: str) -> None:
        """For sources whose frames are what they are.

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


def _check_size(size: object) -> None:
    if size is None:
        return
    sides = size if isinstance(size, tuple | list) else ()
    whole = [side for side in sides if isinstance(side, int) and not isinstance(side, bool)]
    if len(sides) != 2 or len(whole) != 2 or not all(1 <= side <= LARGEST_SIDE for side in whole):
        raise ArgumentError(
            f"size must be a width and a height of 1 to {LARGEST_SIDE} pixels, got {size!r}"
        )


def _check_number(name: str, value: object, largest: float) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 < value <= largest:  # type: ignore[arg-type, operator]
        raise ArgumentError(f"{name} must be above 0 and at most {largest:g}, got {value!r}")
