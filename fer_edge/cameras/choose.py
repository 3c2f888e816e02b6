"""Chooses the camera for a source, and the one that is used when none is named."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.default_camera import find_camera
from fer_edge.cameras.request import Request
from fer_edge.cameras.sources import (
    EXPECTED_SOURCES,
    address,
    hint,
    keyword_number,
    number_of,
    path_of,
    paths_of,
    picamera_number,
)
from fer_edge.errors import BackendMissingError, CameraError, FerEdgeError
from fer_edge.printable import brief, printable

log = logging.getLogger(__name__)

_Path = str | bytes | os.PathLike[str]
Source = _Path | int | Iterable[_Path] | None
V4L2_MAJOR_NUMBER = 81
"""The major number of cameras' devices on Linux."""
PICTURE_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".webp", ".jp2", ".tif", ".tiff"),
    *(".pbm", ".pgm", ".ppm", ".pnm", ".heic", ".heif", ".avif"),
)
"""Endings of pictures' names; the reader refuses HEIC and AVIF and says what to do."""
PICTURE_MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*")
"""First bytes of picture files, for names without an ending."""


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
    """Open a camera, a stream, a recording, or pictures.

    A source can be:

    - a USB or V4L2 camera by its number or path: 0, "0", "/dev/video0"
    - a Raspberry Pi camera: "picamera", or "picamera:1" for the second
    - a video file
    - a picture, a folder of pictures, or a list of pictures
    - a FIFO, or "-" for standard input
    - an address of http, https, rtsp, rtsps or udp
    - "sample": the embedded sample

    Args:
        source: what to open; the list above says what it can be. None: a Pi camera if there is one,
            else the first V4L2 camera that gives a frame. A Path and bytes are always a path. A
            text that has a meaning here ("0", "picamera", "sample", "-") is not taken for a file's
            name: write "./0" for such a file.
        size: width and height in pixels that the camera is asked for, before rotation.
        fps: frames a second that the camera is asked for. Recordings, pictures and the sample
            refuse `size` and `fps`.
        rotate: degrees clockwise by which frames are turned: 0, 90, 180 or 270.
        mirror: whether frames are mirrored left to right, after they were turned.
        realtime: True plays a recording at its own speed; pictures have none and refuse it.
        open_timeout: seconds for opening, and for the first frame.
        frame_timeout: seconds without a frame after which a camera or a stream counts as gone.

    Raises:
        ArgumentError: an argument has the wrong type or is out of its range, or the source cannot
            do what was asked.
        CameraError: there is no such source, or it cannot be opened.
        CameraTimeoutError: it gave no frame in `open_timeout`.
        PictureError: a picture that was asked for by name cannot be decoded.
        BackendMissingError: what reads this kind of source is not installed.
    """
    request = Request(size, fps, rotate, mirror, realtime, open_timeout, frame_timeout)
    try:
        if source is None:
            camera = find_camera(lambda: _picamera(0, request), lambda path: _webcam(path, request))
        else:
            camera = _named(source, request)
    except FerEdgeError:
        raise
    except Exception as error:
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise CameraError(f"{_shown(source)} cannot be opened: {reason}") from error
    log.info("camera: %s", camera.name)
    return camera


def _named(source: Any, request: Request) -> Camera:
    if isinstance(source, str):
        return _of_text(str(source), request)
    if isinstance(source, bytes | os.PathLike):
        return _of_path(path_of(source), request)
    number = number_of(source)
    if number is not None:
        return _webcam(number, request)
    return _pictures(paths_of(source), None, request)


def _of_text(text: str, request: Request) -> Camera:
    """What a word means here, else a path; the rule does not depend on which files exist."""
    is_file = "/" not in text and os.path.lexists(text)
    try:
        camera = _of_word(text, request)
    except (CameraError, BackendMissingError) as error:
        if not is_file:
            raise
        raise type(error)(f"{error} (the file of that name is './{text}')") from error
    if camera is None:
        return _of_path(path_of(text), request)
    if is_file:
        log.warning("%r is %s; the file of that name is './%s'", text, camera.name, text)
    return camera


def _of_word(text: str, request: Request) -> Camera | None:
    if text == "sample":
        return _sample(request)
    if text == "-":
        return _byte_stream(None, request)
    if (number := picamera_number(text)) is not None:
        return _picamera(number, request)
    if (number := keyword_number(text)) is not None:
        return _webcam(number, request)
    url = address(text)
    return None if url is None else _url_stream(url, request)


def _of_path(path: Path, request: Request) -> Camera:
    try:
        status = path.stat()
    except FileNotFoundError as error:
        if path.parent == Path("/dev") and path.name.startswith("video"):
            return _webcam(path, request)
        raise CameraError(
            f"no camera or file at {printable(path)!r}{hint(str(path))}; {EXPECTED_SOURCES}"
        ) from error
    except OSError as error:
        raise CameraError(f"{printable(path)} cannot be opened: {error.strerror}") from error
    if stat.S_ISDIR(status.st_mode):
        return _pictures(_inside(path), path, request)
    if stat.S_ISFIFO(status.st_mode):
        return _byte_stream(path, request)
    if stat.S_ISCHR(status.st_mode) and os.major(status.st_rdev) == V4L2_MAJOR_NUMBER:
        return _webcam(path, request)
    if not stat.S_ISREG(status.st_mode):
        what = "a device or a socket, but no camera"
        raise CameraError(f"{printable(path)} cannot be opened: it is {what}; {EXPECTED_SOURCES}")
    return _pictures([path], None, request) if _is_picture(path) else _video(path, request)


def _is_picture(path: Path) -> bool:
    if path.suffix:
        return path.suffix.lower() in PICTURE_SUFFIXES
    with path.open("rb") as file:
        return file.read(8).startswith(PICTURE_MAGICS)


def _inside(folder: Path) -> list[Path]:
    try:
        # Names that begin with a dot are hidden files, such as those that macOS adds beside each
        # file.
        files = [
            path
            for path in folder.iterdir()
            if not path.name.startswith(".") and not os.path.isdir(path)
        ]
    except OSError as error:
        raise CameraError(f"{printable(folder)} cannot be read: {error.strerror}") from error
    paths = sorted(path for path in files if path.suffix.lower() in PICTURE_SUFFIXES)
    if len(paths) < len(files):
        log.info(left_out(folder, len(files) - len(paths)))
    if not paths:
        endings = ", ".join(PICTURE_SUFFIXES)
        raise CameraError(f"{printable(folder)} holds no pictures; expected files in {endings}")
    return paths


def left_out(folder: Path, count: int) -> str:
    """That so many files of a folder are not taken for pictures."""
    what = "1 file" if count == 1 else f"{count} files"
    return f"{printable(folder)}: left out, not named as pictures: {what}"


def _shown(source: Any) -> str:
    if source is None:
        return "a camera"
    # An address may hold a password.
    is_address = isinstance(source, str) and "://" in source
    return "the stream" if is_address else f"the source {brief(source)}"


def _picamera(number: int, request: Request) -> Camera:
    from fer_edge.cameras.picamera import PiCamera

    return PiCamera(number, request)


def _webcam(device: int | Path, request: Request) -> Camera:
    from fer_edge.cameras.webcam import Webcam

    return Webcam(device, request)


def _byte_stream(path: Path | None, request: Request) -> Camera:
    from fer_edge.cameras.byte_stream import ByteStream

    return ByteStream(path, request)


def _url_stream(url: str, request: Request) -> Camera:
    from fer_edge.cameras.url_stream import UrlStream

    return UrlStream(url, request)


def _video(path: Path, request: Request) -> Camera:
    from fer_edge.cameras.video import Video

    return Video(path, request)


def _pictures(paths: Sequence[Path], folder: Path | None, request: Request) -> Camera:
    from fer_edge.cameras.pictures import Pictures

    return Pictures(paths, folder, request)


def _sample(request: Request) -> Camera:
    from fer_edge.cameras.sample import Sample

    return Sample(request)
