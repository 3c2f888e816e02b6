"""Which camera a source means, and which one is taken when none is named."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.request import Request
from fer_edge.errors import BackendMissingError, CameraError

log = logging.getLogger(__name__)

Source = str | int | Path | Sequence[str | Path] | None
PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".pgm", ".ppm", ".tif", ".tiff")


def open_camera(
    source: Source = None,
    *,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    rotate: int = 0,
    mirror: bool = False,
    realtime: bool | None = None,
    open_timeout: float = 10.0,
    frame_timeout: float = 5.0,
) -> Camera:
    """Open a camera, a video, pictures, or the embedded sample.

    Args:
        source: a USB or V4L2 camera by its index or path (0, "0", "/dev/video0"); a Raspberry Pi
            camera ("picamera", or "picamera:1" for the second); a video file; a picture, a folder
            of pictures or a list of them; "sample" for the embedded one. Without a source: a Pi
            camera if there is one, else the first camera that gives a frame, else the sample; the
            choice is logged.

    Raises:
        CameraError: there is no such source, or it cannot be opened.
        PictureError: a picture that was asked for by name cannot be decoded.
        BackendMissingError: a Pi camera was asked for and picamera2 is not installed.
    """
    request = Request(size, fps, rotate, mirror, realtime, open_timeout, frame_timeout)
    camera = _named(source, request) if source is not None else _found(request)
    log.info("camera: %s", camera.name)
    return camera


def _named(source: str | int | Path | Sequence[str | Path], request: Request) -> Camera:
    if isinstance(source, int):
        return _webcam(source, request)
    if not isinstance(source, str | Path):
        return _pictures([Path(path) for path in source], None, request)
    text = str(source)
    if text == "sample":
        return _sample(request)
    if match := re.fullmatch(r"picamera(?::(\d+))?", text):
        return _picamera(int(match[1] or 0), request)
    if text.isdecimal():
        return _webcam(int(text), request)
    path = Path(source)
    if text.startswith("/dev/"):
        return _webcam(path, request)
    if path.is_dir():
        return _pictures(_inside(path), path, request)
    if not path.is_file():
        raise CameraError(
            f"no camera or file at {text!r}; expected a camera's number, /dev/video…, picamera, "
            "a video, a picture, a folder of pictures, or sample"
        )
    if path.suffix.lower() in PICTURES:
        return _pictures([path], None, request)
    return _video(path, request)


def _found(request: Request) -> Camera:
    """The best camera of this machine, or the sample."""
    try:
        return _picamera(0, request)
    except BackendMissingError as error:
        log.debug("%s", error)
    except CameraError as error:
        log.info("no Pi camera: %s", error)
    for path in sorted(Path("/dev").glob("video*"), key=_number):
        try:
            return _webcam(path, request)
        except CameraError as error:
            # Many /dev/video* are not cameras: a Pi alone has a dozen for its codecs.
            log.debug("%s", error)
    log.info("no camera found; playing the embedded sample")
    return _sample(request)


def _number(path: Path) -> int:
    digits = re.sub(r"\D", "", path.name)
    return int(digits) if digits else 0


def _inside(folder: Path) -> list[Path]:
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES and p.is_file())
    if not paths:
        raise CameraError(f"{folder} holds no pictures; expected files in {', '.join(PICTURES)}")
    return paths


def _picamera(number: int, request: Request) -> Camera:
    from fer_edge.cameras.picamera import PiCamera

    return PiCamera(number, request)


def _webcam(device: int | Path, request: Request) -> Camera:
    from fer_edge.cameras.webcam import Webcam

    return Webcam(device, request)


def _video(path: Path, request: Request) -> Camera:
    from fer_edge.cameras.video import Video

    return Video(path, request)


def _pictures(paths: Sequence[Path], folder: Path | None, request: Request) -> Camera:
    from fer_edge.cameras.pictures import Pictures

    return Pictures(paths, folder, request)


def _sample(request: Request) -> Camera:
    from fer_edge.cameras.sample import Sample

    return Sample(request)
