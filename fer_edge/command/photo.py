"""`fer-edge photo`: readings of single pictures."""

from __future__ import annotations

import argparse
import json
import logging
import time
from pathlib import Path

from fer_edge.annotate import annotate
from fer_edge.command.recognizer import recognizer_of
from fer_edge.errors import PictureError
from fer_edge.frame import Frame
from fer_edge.picture_file import read_picture
from fer_edge.picture_output import write_picture
from fer_edge.reading import Reading

log = logging.getLogger(__name__)


def run(args: argparse.Namespace) -> int:
    """Print a reading for each file; one that cannot be read costs a line and the exit code 1."""
    recognizer, failed = recognizer_of(args), 0
    for index, path in enumerate(args.files):
        try:
            image = read_picture(path)
        except PictureError as error:
            log.error("fer-edge: %s", error)
            failed += 1
            continue
        reading = recognizer(Frame(image, time.monotonic(), index, source=str(path)))
        if args.json:
            print(json.dumps({"file": str(path), **reading.to_json()}), flush=True)
        else:
            print(*_lines(path, reading), sep="\n", flush=True)
        if args.annotate:
            target = args.annotate / f"{path.stem}-read.jpg"
            write_picture(target, annotate(image, reading))
            log.info("wrote %s", target)
    return 1 if failed else 0


def _lines(path: Path, reading: Reading) -> list[str]:
    if not reading.faces:
        return [f"{path}: no face"]
    return [
        f"{path}: face of {face.box.width:.0f} px at {face.box.x:.0f},{face.box.y:.0f}: "
        + ", ".join(
            f"{label} {probability:.0%}"
            for label, probability in sorted(
                face.emotion.probabilities.items(), key=lambda item: -item[1]
            )
            if probability >= 0.05
        )
        for face in reading.faces
    ]
