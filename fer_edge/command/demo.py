"""`fer-edge demo`: the whole path from camera to emotion, with figures at the end."""

from __future__ import annotations

import argparse
import itertools
import time
from dataclasses import dataclass, field
from pathlib import Path

from fer_edge.annotate import annotate
from fer_edge.cameras import Camera, open_camera
from fer_edge.command.lines import Pace, text_lines
from fer_edge.command.recognizer import recognizer_of
from fer_edge.command.timing import Timing, peak_memory_mb
from fer_edge.frame import Frame
from fer_edge.picture_output import write_picture
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


def run(args: argparse.Namespace) -> int:
    """Play, print and sum up; Ctrl-C ends the playing, not the summing up."""
    recognizer = recognizer_of(args)
    with open_camera(args.source) as camera:
        print(f"Playing {camera.name}. Ctrl-C ends it.", flush=True)
        seen = _play(camera, recognizer, args.frames)
    _sum_up(seen, recognizer, args.picture)
    return 0


def _play(camera: Camera, recognizer: Recognizer, frames: int | None) -> Seen:
    seen, pace = Seen(), Pace()
    began, first = time.perf_counter(), None
    try:
        for frame in itertools.islice(camera, frames):
            reading = recognizer(frame)
            seen.add(frame, reading)
            first = frame.timestamp if first is None else first
            if pace.is_news(reading):
                print(*text_lines(reading, first), sep="\n", flush=True)
    except KeyboardInterrupt:
        print()
    seen.seconds = time.perf_counter() - began
    return seen


def _sum_up(seen: Seen, recognizer: Recognizer, picture: Path) -> None:
    if seen.best is None:
        print("No frame was seen.")
        return
    print(
        f"\n{seen.frames} frames in {seen.seconds:.1f} s: {seen.frames / seen.seconds:.1f} a second"
    )
    print(f"detection       {Timing.of(seen.detection)}")
    if seen.classification:
        backend = recognizer.classifier.interpreter.backend
        print(f"classification  {Timing.of(seen.classification)} a face ({backend})")
    print(f"peak memory     {peak_memory_mb():.0f} MB")
    frame, reading = seen.best
    write_picture(picture, annotate(frame.image, reading))
    print(f"annotated picture: {picture.resolve()}")


def _certainty(reading: Reading) -> float:
    return reading.faces[0].emotion.probability if reading.faces else 0.0
