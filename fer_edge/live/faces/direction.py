"""Where a face is seen from the camera."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fer_edge.errors import ArgumentError
from fer_edge.face import Box
from fer_edge.number import check_flag, finite_number


@dataclass(frozen=True, slots=True)
class Direction:
    """From a place in the picture to a direction in the world."""

    hfov: float | None = None
    """Degrees from the left edge of the picture to the right one, as it is delivered; above 0 and
    below 180. None: unknown."""
    mirror: bool = False
    """Whether the picture is mirrored: directions are then turned back."""

    def __post_init__(self) -> None:
        """Check the field of view.

        Raises:
            ArgumentError: it is not a number, or out of its range, or `mirror` is no flag.
        """
        check_flag("mirror", self.mirror)
        if self.hfov is not None and not 0 < finite_number("hfov", self.hfov) < 180:
            raise ArgumentError(f"hfov must be above 0 and below 180 degrees, got {self.hfov!r}")

    def offset(self, box: Box, width: int, height: int) -> tuple[float, float]:
        """From the picture's middle to the box's, right and down; -1..1 are the edges.

        Args:
            box: in the picture's pixels.
            width: of the picture.
            height: of the picture.
        """
        right = 2 * (box.x + box.width / 2) / width - 1
        down = 2 * (box.y + box.height / 2) / height - 1
        return -right if self.mirror else right, down

    def bearing(
        self, offset: tuple[float, float], width: int, height: int
    ) -> tuple[float, float] | None:
        """The same in degrees, for a lens without distortion and square pixels; None without
        `hfov`.
        """
        if self.hfov is None:
            return None
        edge = math.tan(math.radians(self.hfov) / 2)
        right, down = offset[0] * edge, offset[1] * edge * height / width
        return math.degrees(math.atan(right)), math.degrees(math.atan(down))
