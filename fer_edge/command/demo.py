"""`fer-edge demo`: the whole path from camera to emotion, with figures at the end."""

from __future__ import annotations

import argparse
import itertools
import time
from dataclasses import dataclass, field
from pathlib import Path

from fer_edge.annotate import annotate
from fer_edge.cameras import Camera, open_camera
from fer_edge.command.camera import camera_of
from fer_edge.command.free_name import FreeNames
from fer_edge.command.lines import Pace, text_lines
from fer_edge.command.recognizer import recognizer_of
from fer_edge.command.shown import shown
from fer_edge.command.stop import Stop
from fer_edge.command.streams import tell
from fer_edge.command.timing import Timing, peak_memory_mb
from fer_edge.errors import BackendMissingError, CameraError, OutputError
from fer_edge.frame import Frame
from fer_edge.picture_output import SUFFIXES
from fer_edge.reading import Reading
from fer_edge.recognizer import Recognizer


@dataclass
class Seen:
    """What the demonstration has been through."""

    frames: int = 0
    seconds: float = 0.0
    detection: list[float] = field(default_factory=list)
    classification: list[float] = field(default_factory=list)
    best: tuple[Frame, Reading] | None = None
    """The frame whose largest face was read with the highest probability."""

    def add(self, frame: Frame, reading: Reading) -> None:
        self.frames += 1
        self.detection.append(reading.detection_seconds)
        if reading.faces:
            self.classification.append(reading.classification_seconds / len(reading.faces))
        if self.best is None or _certainty(reading) > _certainty(self.best[1]):
            self.best = (frame, reading)


def run(args: argparse.Namespace, stop: Stop) -> int:
    """Play, print and sum up; Ctrl-C ends the playing, not the summing up."""
    _check_format(args.picture)
    recognizer = recognizer_of(args)
    stop.check()
    with stop.closing(_camera(args)) as camera:
        tell(f"Playing {shown(camera.name)}. Ctrl-C ends it.")
        seen = _play(camera, recognizer, args.frames)
        if not seen.frames:
            # Ctrl-C is the usual end of what had begun.
            stop.check()
    _sum_up(seen, recognizer, args.picture)
    return 0


def _check_format(picture: Path) -> None:
    """Raises OutputError at once for what could not be written after minutes of playing."""
    if picture.suffix.lower() not in SUFFIXES:
        raise OutputError(
            f"{picture} cannot be written: expected a name that ends in one of "
            f"{', '.join(SUFFIXES)}"
        )


def _camera(args: argparse.Namespace) -> Camera:
    """What was asked for; where nothing was and there is no camera, the sample."""
    try:
        return camera_of(args, args.source)
    except (CameraError, BackendMissingError) as error:
        if args.source is not None:
            raise
        tell(f"There is no camera to show: {shown(error)}. The embedded sample is played instead.")
        # Size and rate were asked of a camera: the sample has its own.
        return open_camera("sample", rotate=args.rotate, mirror=args.mirror, realtime=args.realtime)


def _play(camera: Camera, recognizer: Recognizer, frames: int | None) -> Seen:
    seen, pace, first = Seen(), Pace(), None
    began = time.perf_counter()
    for frame in itertools.islice(camera, frames):
        reading = recognizer(frame)
        seen.add(frame, reading)
        first = frame.timestamp if first is None else first
        if pace.is_news(reading):
            tell(*text_lines(reading, first))
    seen.seconds = time.perf_counter() - began
    return seen


def _sum_up(seen: Seen, recognizer: Recognizer, picture: Path) -> None:
    if seen.best is None:
        tell("No frame was seen.")
        return
    tell(
        "",
        f"{seen.frames} frames in {seen.seconds:.1f} s: {seen.frames / seen.seconds:.1f} a second",
        f"detection       {Timing.of(seen.detection)}",
    )
    if seen.classification:
        backend = recognizer.classifier.interpreter.backend
        tell(f"classification  {Timing.of(seen.classification)} a face ({backend})")
    tell(f"peak memory     {peak_memory_mb():.0f} MB")
    frame, reading = seen.best
    written = FreeNames().write(picture, annotate(frame.image, reading))
    tell(f"annotated picture: {shown(written.resolve())}")


def _certainty(reading: Reading) -> float:
    return reading.faces[0].emotion.probability if reading.faces else 0.0
