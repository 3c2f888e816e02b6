"""`fer-edge photo`: readings of single pictures."""

from __future__ import annotations

import argparse
import logging
import time
import traceback
from pathlib import Path

from fer_edge import json_values
from fer_edge.annotation import annotate
from fer_edge.command.free_name import FreeNames
from fer_edge.command.listing import listed
from fer_edge.command.output import complain, tell
from fer_edge.command.picture_lines import picture_lines
from fer_edge.command.progress import Progress
from fer_edge.command.recognizer import recognizer_of
from fer_edge.command.stop import Stop
from fer_edge.errors import FerEdgeError
from fer_edge.frame import Frame
from fer_edge.pictures.image import Image
from fer_edge.pictures.picture_file import read_picture
from fer_edge.pictures.picture_output import LARGEST_JPEG_SIDE_PIXELS
from fer_edge.printable import printable
from fer_edge.reading import Reading
from fer_edge.recognizer import Recognizer

log = logging.getLogger(__name__)


def run(args: argparse.Namespace, stop: Stop) -> int:
    """Print a reading for each picture; what cannot be read costs a line and the exit code 1."""
    return _Photo(args, stop).run()


class _Photo:
    """One call of the command: what it was asked for, and what has gone wrong so far."""

    def __init__(self, args: argparse.Namespace, stop: Stop) -> None:
        self._args, self._stop = args, stop
        self._names, self._failures = FreeNames(), 0
        self._progress = Progress(0)
        most = args.max_pixels
        self._limit: dict[str, int] = {} if most is None else {"max_pixels": most}

    def run(self) -> int:
        recognizer = recognizer_of(self._args)
        files = listed(self._args.files, self._failed)
        self._progress = Progress(len(files))
        try:
            for index, path in enumerate(files):
                self._stop.check()
                self._progress.show(index)
                self._read(recognizer, path, index)
        finally:
            self._progress.hide()
        return 1 if self._failures else 0

    def _read(self, recognizer: Recognizer, path: Path, index: int) -> None:
        try:
            image = read_picture(path, **self._limit)
            reading = recognizer(Frame(image, time.monotonic(), index, source=str(path)))
        except Exception as error:
            # An error in one picture must not lose the results of the others.
            self._failed(self._line(path, error))
            return
        self._progress.hide()
        if self._args.json:
            tell(json_values.line({"file": str(path), **reading.to_json()}))
        else:
            tell(*picture_lines(str(path), reading))
        if self._args.annotate:
            self._annotate(path, image, reading)

    def _annotate(self, path: Path, image: Image, reading: Reading) -> None:
        suffix = ".jpg" if max(image.shape[:2]) <= LARGEST_JPEG_SIDE_PIXELS else ".png"
        wanted = self._args.annotate / f"{path.stem}-read{suffix}"
        try:
            written = self._names.write(wanted, annotate(image, reading))
        except Exception as error:
            self._failed(self._line(path, error))
        else:
            log.info("wrote %s", written)

    def _failed(self, line: str) -> None:
        self._failures += 1
        self._progress.hide()
        complain(f"fer-edge: {line}")

    def _line(self, path: Path, error: Exception) -> str:
        if isinstance(error, FerEdgeError):
            return printable(error)
        if isinstance(error, MemoryError):
            return f"{printable(path)}: there is not enough memory for this picture"
        if self._args.verbose:
            complain("".join(traceback.format_exception(error)), end="")
        return (
            f"{printable(path)}: unexpected {type(error).__name__}: {printable(error)}; this is a "
            "mistake in fer-edge: please report it, with what --verbose prints"
        )
