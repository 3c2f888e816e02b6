"""Chooses the mode of a Raspberry Pi sensor with the widest view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fer_edge.cameras.request import FPS_TOLERANCE_SHARE

USUAL_FPS = 30.0
"""Frames a second that are assumed if none were asked for."""


def widest_mode(
    modes: Sequence[Mapping[str, Any]], size: tuple[int, int], fps: float | None
) -> Mapping[str, Any] | None:
    """The mode with the widest view that is fast and large enough; the smallest of several such
    modes.

    Without a choice, libcamera takes the mode nearest to the picture's size. For 640x480 on a
    Camera Module 2 that mode sees a sixth of the view.

    Args:
        modes: picamera2's `sensor_modes`.
        size: of the picture, in pixels.
        fps: frames a second that were asked for.

    Returns:
        One of `modes`, or None if none is fast enough: then libcamera chooses.
    """
    wanted = (fps or USUAL_FPS) * (1 - FPS_TOLERANCE_SHARE)
    fast = [mode for mode in modes if mode.get("fps", 0) >= wanted]
    large = [mode for mode in fast if _holds(mode, size)] or fast
    return min(large, key=lambda mode: (-_view(mode), _area(mode), -mode["fps"]), default=None)


def _holds(mode: Mapping[str, Any], size: tuple[int, int]) -> bool:
    return bool(mode["size"][0] >= size[0] and mode["size"][1] >= size[1])


def _view(mode: Mapping[str, Any]) -> int:
    """Pixels of the sensor that the mode sees; the mode's own size if that is not declared."""
    _, _, width, height = mode.get("crop_limits", (0, 0, *mode["size"]))
    return int(width * height)


def _area(mode: Mapping[str, Any]) -> int:
    return int(mode["size"][0] * mode["size"][1])
