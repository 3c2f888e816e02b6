"""The camera of this machine, where none is named."""

from __future__ import annotations

import logging
import platform
import re
from collections.abc import Callable
from pathlib import Path

from fer_edge.cameras.camera import Camera
from fer_edge.errors import CameraError

log = logging.getLogger(__name__)

DEVICES_FOLDER = Path("/dev")


def find_camera(picamera: Callable[[], Camera], webcam: Callable[[Path], Camera]) -> Camera:
    """A Pi camera, else the first V4L2 camera that gives a frame.

    Args:
        picamera: opens the first Pi camera.
        webcam: opens a V4L2 camera.

    Raises:
        CameraError: there is none; it says what was tried, and why each failed.
    """
    camera, reason = _tried(picamera)
    if camera is not None:
        return camera
    no_pi_camera = f"Pi camera: {reason}"
    paths = sorted(DEVICES_FOLDER.glob("video[0-9]*"), key=_number)
    # A Pi alone has a dozen that are not cameras, and all fail alike.
    reasons: dict[str, list[str]] = {}
    for path in paths:
        camera, reason = _tried(lambda path=path: webcam(path))  # type: ignore[misc]
        if camera is not None:
            log.info("%s", no_pi_camera)
            return camera
        reasons.setdefault(reason.replace(str(path), "it"), []).append(str(path))
    failures = [f"{', '.join(names)}: {reason}" for reason, names in reasons.items()]
    if not paths:
        failures.append("USB camera: there is no /dev/video…: plug one in")
    # A PC is told first what it can have.
    is_arm = platform.machine().startswith(("arm", "aarch64"))
    every = [no_pi_camera, *failures] if is_arm else [*failures, no_pi_camera]
    told = "; ".join(failure.rstrip(".") for failure in every)
    raise CameraError(
        f"no camera found. {told}. Or name another source, such as a video: fer-edge watch clip.mp4"
    )


def _tried(opening: Callable[[], Camera]) -> tuple[Camera | None, str]:
    try:
        return opening(), ""
    except Exception as error:
        log.debug("not opened: %s", error, exc_info=error)
        return None, str(error) or type(error).__name__


def _number(path: Path) -> int:
    digits = re.sub(r"\D", "", path.name)
    return int(digits) if digits else 0
