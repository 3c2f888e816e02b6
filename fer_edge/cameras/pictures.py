"""Pictures from files, each a frame."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.request import Request
from fer_edge.errors import CameraError, PictureError
from fer_edge.frame import Frame
from fer_edge.picture_file import read_picture

log = logging.getLogger(__name__)


class Pictures(Camera):
    """A folder or a list of pictures; those that cannot be read are skipped and counted."""

    def __init__(
        self, paths: Sequence[Path], folder: Path | None = None, request: Request | None = None
    ) -> None:
        """Args:
            paths: the files, in the order to be shown; a single one must be readable.
            folder: where they came from, if they were not named one by one.
            request: how frames are to be seen.

        Raises:
            CameraError: the list is empty.
        """
        super().__init__(request or Request())
        if not paths:
            raise CameraError("the list of pictures is empty")
        self._paths, self._left = list(paths), list(reversed(paths))
        self.name = f"{len(paths)} pictures in {folder}" if folder else _names(paths)

    def _read(self) -> Frame | None:
        while self._left and not self._closing.is_set():
            path = self._left.pop()
            try:
                image = read_picture(path)
            except PictureError as error:
                if len(self._paths) == 1:
                    raise
                self.skipped += 1
                log.warning("skipped: %s", error)
                continue
            return Frame(image, time.monotonic(), source=path.name)
        if not self._index and not self._closing.is_set():
            raise PictureError(f"none of the {len(self._paths)} pictures could be read")
        return None

    def _release(self) -> None:
        """Nothing is held."""


def _names(paths: Sequence[Path]) -> str:
    return f"the picture {paths[0]}" if len(paths) == 1 else f"{len(paths)} pictures"
