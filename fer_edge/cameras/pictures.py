"""Pictures from files, each a frame."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from fer_edge.cameras.camera import Camera
from fer_edge.errors import CameraError, PictureError
from fer_edge.frame import Frame
from fer_edge.image import Image

log = logging.getLogger(__name__)


class Pictures(Camera):
    """A folder or a list of pictures; those that cannot be read are skipped and counted."""

    def __init__(self, paths: Sequence[Path], folder: Path | None = None) -> None:
        """Args:
            paths: the files, in the order to be shown; a single one must be readable.
            folder: where they came from, if they were not named one by one.

        Raises:
            CameraError: the list is empty.
        """
        if not paths:
            raise CameraError("the list of pictures is empty")
        self._paths, self._open = list(paths), True
        self.name = f"{len(paths)} pictures in {folder}" if folder else _names(paths)

    def __iter__(self) -> Iterator[Frame]:
        shown = 0
        for path in self._paths:
            if not self._open:
                return
            try:
                image = read_picture(path)
            except PictureError as error:
                if len(self._paths) == 1:
                    raise
                self.skipped += 1
                log.warning("skipped: %s", error)
                continue
            yield Frame(image, time.monotonic(), shown, source=path.name)
            shown += 1
        if not shown:
            raise PictureError(f"none of the {len(self._paths)} pictures could be read")

    def close(self) -> None:
        self._open = False


def read_picture(path: Path) -> Image:
    """A picture as a camera would have given it: BGR, turned as its EXIF data say.

    Raises:
        PictureError: missing, unreadable, or not a picture.
    """
    if not path.is_file():
        raise PictureError(f"{path} cannot be read: it is no file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {error.strerror}") from error
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error as error:
        raise PictureError(f"{path} cannot be decoded: {error.err}") from error
    if image is None:
        raise PictureError(f"{path} is not a picture, or cut short before its first row")
    return np.asarray(image, dtype=np.uint8)


def _names(paths: Sequence[Path]) -> str:
    return f"the picture {paths[0]}" if len(paths) == 1 else f"{len(paths)} pictures"
