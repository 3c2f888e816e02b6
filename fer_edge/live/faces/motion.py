"""Where a face will be: a constant velocity, as a Kalman filter estimates it."""

from __future__ import annotations

import math

from fer_edge.face import Box

CENTRE_DEVIATION_SIZES = 0.06
"""Standard deviation of a detected centre, in sizes of the face."""
ACCELERATION_DEVIATION_SIZES = 4.0
"""Standard deviation of a head's acceleration, in sizes a second, for each root of a second."""
FIRST_SPEED_DEVIATION_SIZES = 1.5
"""Standard deviation of the speed of a face that was seen once, in sizes a second."""
LONGEST_MOTION_SECONDS = 0.5
"""Seconds for which a face that is not seen is expected to move on; then it is expected to stay."""
WINDOW_SIDE_FACTOR, WINDOW_DEVIATIONS = 1.3, 2.0
"""The side of a window, in longer sides of the face's box, and how many standard deviations of the
place are added on either side. Together they give 1.6 sides for a face at rest at 30 frames a
second. In noise the whole picture shows 96 % of the faces. Windows of 1.6 sides show 95 %, windows
of 2.0 sides 89 %: faces are larger in small windows."""
NEWEST_SIZE_WEIGHT = 0.3
"""How far the size follows one detection, 0..1."""


class Motion:
    """A face's centre and size over time. A size is the root of a box's area."""

    __slots__ = ("_covariance", "_down", "_expected", "_right", "at", "box", "size", "x", "y")

    def __init__(self, box: Box, at: float) -> None:
        """Start at rest.

        Args:
            box: the first detection.
            at: seconds.
        """
        self.box = box
        self.at = at
        self.x, self.y = box.x + box.width / 2, box.y + box.height / 2
        self.size = math.sqrt(box.width * box.height)
        self._right = self._down = 0.0
        # Of the position, of both, of the speed; the same in both directions, in sizes.
        self._covariance = (CENTRE_DEVIATION_SIZES**2, 0.0, FIRST_SPEED_DEVIATION_SIZES**2)
        self._expected = (self.x, self.y, *self._covariance)

    def expect(self, at: float) -> tuple[float, float, float]:
        """Where the centre will be at a time, and the standard deviation of each coordinate, all
        in pixels.
        """
        seconds = max(at - self.at, 0.0)
        ahead = min(seconds, LONGEST_MOTION_SECONDS)
        place, both, speed = self._covariance
        noise = ACCELERATION_DEVIATION_SIZES * ACCELERATION_DEVIATION_SIZES * seconds
        place += seconds * (2 * both + seconds * (speed + noise / 3))
        both += seconds * (speed + noise / 2)
        x, y = self.x + self._right * ahead, self.y + self._down * ahead
        self._expected = (x, y, place, both, speed + noise)
        return x, y, math.sqrt(place + CENTRE_DEVIATION_SIZES * CENTRE_DEVIATION_SIZES) * self.size

    def see(self, box: Box, at: float) -> None:
        """Take in a detection, after `expect` of the same time."""
        x, y, place, both, speed = self._expected
        total = place + CENTRE_DEVIATION_SIZES * CENTRE_DEVIATION_SIZES
        gain, gain_speed = place / total, both / total
        right, down = box.x + box.width / 2 - x, box.y + box.height / 2 - y
        self.x, self.y = x + gain * right, y + gain * down
        self._right += gain_speed * right
        self._down += gain_speed * down
        self._covariance = ((1 - gain) * place, (1 - gain) * both, speed - gain_speed * both)
        self.size += NEWEST_SIZE_WEIGHT * (math.sqrt(box.width * box.height) - self.size)
        self.box, self.at = box, at

    def window(self, at: float) -> Box:
        """A square around where the face will be, with room for where it might be."""
        x, y, spread = self.expect(at)
        half = (
            WINDOW_SIDE_FACTOR * max(self.box.width, self.box.height) / 2
            + WINDOW_DEVIATIONS * spread
        )
        return Box(x - half, y - half, 2 * half, 2 * half)

    def scale(self, horizontally: float, vertically: float) -> None:
        """The picture was resized by these factors."""
        self.x, self.y = self.x * horizontally, self.y * vertically
        self._right, self._down = self._right * horizontally, self._down * vertically
        self.size *= math.sqrt(horizontally * vertically)
        self.box = self.box.scaled(horizontally, vertically)
