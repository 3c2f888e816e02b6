"""Small recordings, and how many of their frames come."""

from __future__ import annotations

from pathlib import Path

from fer_edge import CameraError, open_camera

FRAMES = 24
SMALL = (160, 120)


def lost(path: Path) -> tuple[int, str]:
    """How many frames came, and what was said after them."""
    count = 0
    with open_camera(path) as camera:
        try:
            for count, _ in enumerate(camera, 1):  # noqa: B007 - the count is what is wanted
                """Only their number matters."""
        except CameraError as error:
            return count, str(error)
    return count, ""
