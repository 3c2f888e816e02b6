"""Pictures from files, each a frame."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.request import Request
from fer_edge.cameras.sources import path_of, paths_of
from fer_edge.errors import ArgumentError, CameraError, PictureError
from fer_edge.frame import Frame
from fer_edge.pictures.image import Image
from fer_edge.pictures.picture_file import read_picture
from fer_edge.printable import printable

log = logging.getLogger(__name__)


class Pictures(Camera):
    """A folder or a list of pictures; those that cannot be read are skipped and counted.

    If some were skipped, the last picture is followed by a CameraError that says how many.
    """

    recorded = True

    def __init__(
        self, paths: Sequence[Path], folder: Path | None = None, request: Request | None = None
    ) -> None:
        """Args:
            paths: the files, in the order to be shown.
            folder: where they came from, if they were not named one by one.
            request: how frames are to be seen.

        Raises:
            ArgumentError: a size, a rate or the speed of a recording is asked for.
            CameraError: the list is empty.
            PictureError: there is one picture, and it cannot be read.
        """
        super().__init__(request)
        self._request.refuse_size_and_fps("pictures")
        if self._request.realtime:
            raise ArgumentError(
                "realtime is asked of recordings; pictures have no speed of their own"
            )
        paths = paths_of(paths)
        folder = None if folder is None else path_of(folder)
        if not paths:
            raise CameraError("the list of pictures is empty: expected paths of files")
        self.name = _name(paths, folder)
        self._paths, self._place = paths, 0
        self._image: Image | None = None
        self._why = ""
        if len(self._paths) == 1:
            self._image = read_picture(self._paths[0])
            self.size = self._view.size(self._image.shape[1], self._image.shape[0])

    @property
    def count(self) -> int:
        """How many files it was given."""
        return len(self._paths)

    def _read(self) -> Frame | None:
        while self._place < len(self._paths) and not self._closing.is_set():
            path = self._paths[self._place]
            image = self._picture(path)
            self._place += 1
            if image is not None:
                return Frame(image, time.monotonic(), source=printable(path.name))
        if self.skipped and not self._closing.is_set():
            self._tell_skipped()
        return None

    def _picture(self, path: Path) -> Image | None:
        image, self._image = self._image, None
        if image is not None:
            return image
        try:
            return read_picture(path)
        except (PictureError, OSError) as error:
            self.skipped += 1
            self._why = self._why or str(error)
            log.warning("skipped: %s", error)
            return None

    def _tell_skipped(self) -> None:
        total = len(self._paths)
        if self.skipped == total:
            raise PictureError(f"none of the {total} pictures could be read; {self._why}")
        raise CameraError(
            f"{self.skipped} of {self.name} could not be read; the first of them: {self._why}"
        )

    def _release(self) -> None:
        self._image = None


def _name(paths: Sequence[Path], folder: Path | None) -> str:
    count = "1 picture" if len(paths) == 1 else f"{len(paths)} pictures"
    if folder is not None:
        return f"{count} in {printable(folder)}"
    return f"the picture {printable(paths[0])}" if len(paths) == 1 else count
