"""Which time of a frame counts: its own, or that of a clock that is asked when it comes."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable
from typing import Literal

from fer_edge.errors import ArgumentError
from fer_edge.frame import Clock, Frame, frame_of
from fer_edge.number import finite_number
from fer_edge.pictures.image import Image
from fer_edge.printable import brief

log = logging.getLogger(__name__)

TimeSource = Literal["frame"] | Callable[[], float]
"""The frames' own times, or what gives seconds."""


class FrameTime:
    """Gives each frame the time that counts."""

    def __init__(self, clock: TimeSource) -> None:
        """Args:
            clock: "frame", or what gives seconds when a frame comes.

        Raises:
            ArgumentError: it is neither.
        """
        if not callable(clock) and not (isinstance(clock, str) and clock == "frame"):
            raise ArgumentError(f'clock must be "frame" or a function, got {brief(clock)}')
        self._clock = clock
        self._last: Clock | None = None
        self._told = False

    def now(self) -> float | None:
        """What the clock gives; None where the frames' own times count.

        Raises:
            ArgumentError: that is no finite number.
        """
        if isinstance(self._clock, str):
            return None
        return finite_number("what clock gives", self._clock())

    def of(self, picture: Frame | Image, number: int) -> Frame:
        """The frame with the time that counts; of a picture, a frame that is taken now.

        Args:
            picture: a frame, or its image.
            number: the frame's, if it is a picture.

        Raises:
            PictureError: the picture is none.
            ArgumentError: what the clock gave is no finite number.
        """
        frame = frame_of(picture, number)
        now = self.now()
        if now is None:
            self._tell_mixed(frame.clock)
            return frame
        of: Clock = "monotonic" if self._clock is time.monotonic else "external"
        return dataclasses.replace(frame, timestamp=now, clock=of, moment="arrival")

    def end(self) -> None:
        """The next frame may be of another clock."""
        self._last = None

    def _tell_mixed(self, clock: Clock) -> None:
        """Warn once of frames whose times count from different moments."""
        before, self._last = self._last, clock
        if before not in (None, clock) and not self._told:
            self._told = True
            log.warning(
                'a frame of the clock "%s" follows one of the clock "%s": their times cannot be '
                "compared, so faces may be lost here; give a tracker frames of one clock",
                clock,
                before,
            )
