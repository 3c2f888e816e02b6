"""`fer-edge demo`: the whole path from camera to emotion, with figures at the end."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from fer_edge.annotation import annotate
from fer_edge.cameras import Camera, open_camera
from fer_edge.command.camera import camera_of
from fer_edge.command.free_name import FreeNames
from fer_edge.command.live_lines import LiveLines
from fer_edge.command.output import complain, tell
from fer_edge.command.peak_memory import peak_memory_mb
from fer_edge.command.playing import play
from fer_edge.command.recognizer import recognizer_of
from fer_edge.command.stop import Stop
from fer_edge.command.stream import check_work, stream_of
from fer_edge.command.timed import Timed
from fer_edge.command.timing import Timing
from fer_edge.errors import BackendMissingError, CameraError, FerEdgeError, OutputError
from fer_edge.live import Event, LiveReading, Stats, Stream
from fer_edge.pictures.picture_output import SUFFIXES
from fer_edge.printable import printable


class Seen:
    """Collects what the demonstration showed, and prints it as it goes on."""

    def __init__(self) -> None:
        self.best: LiveReading | None = None
        """The reading whose largest face was read with the highest probability."""
        self.frames = 0
        """How many were read."""
        self._lines = LiveLines()

    def event(self, event: Event) -> None:
        """Something happened."""
        tell(self._lines.event(event))

    def reading(self, reading: LiveReading) -> None:
        """A frame was read."""
        self.frames += 1
        if self.best is None or _certainty(reading) > _certainty(self.best):
            self.best = reading
        if lines := self._lines.faces(reading):
            tell(*lines)


def run(args: argparse.Namespace, stop: Stop) -> int:
    """Play, print and sum up; neither Ctrl-C nor a source that fails ends the summing up."""
    _check_format(args.picture)
    check_work(args)
    recognizer = Timed(recognizer_of(args))
    stop.check()
    with stop.closing(_camera(args)) as camera:
        seen, stream = Seen(), stream_of(args, camera, recognizer)
        complain(f"Playing {printable(camera.name)}. Ctrl-C ends it.")
        began = time.perf_counter()
        failure = _played(args, stop, stream, seen)
        seconds = time.perf_counter() - began
        if not seen.frames:
            if failure is not None:
                raise failure
            # Ctrl-C is the usual end once the demonstration has begun.
            stop.check()
    _sum_up(seen, seconds, stream.stats(), recognizer)
    if seen.best is not None:
        picture = annotate(seen.best.frame.image, seen.best)
        written = FreeNames().write(args.picture, picture)
        tell(f"annotated picture: {printable(written.resolve())}")
    if failure is not None:
        raise failure
    return 0


def _played(
    args: argparse.Namespace, stop: Stop, stream: Stream, seen: Seen
) -> FerEdgeError | None:
    """Play to the end; gives the error that the source ended with: what it gave still counts."""
    try:
        with stop.closing(stream):
            play(stream, seen, args.frames)
    except OutputError:
        raise
    except FerEdgeError as error:
        return error
    return None


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
        complain(f"There is no camera: {printable(error)}. The embedded sample is played instead.")
        if args.size or args.fps:
            complain("--size and --fps are for cameras: the sample has its own size and rate.")
        return open_camera("sample", rotate=args.rotate, mirror=args.mirror, realtime=args.realtime)


def _sum_up(seen: Seen, seconds: float, stats: Stats, recognizer: Timed) -> None:
    if seen.best is None:
        tell("No frame was seen.")
        return
    tell("", f"{seen.frames} frames in {seconds:.1f} s: {seen.frames / seconds:.1f} a second")
    if stats.age_p50 is not None and stats.age_p95 is not None:
        tell(
            f"age             median {stats.age_p50 * 1e3:8.2f} ms, "
            f"95th percentile {stats.age_p95 * 1e3:8.2f} ms when read"
        )
    if stats.dropped:
        tell(f"frames left out {stats.dropped}: newer ones had come, or it ended before")
    backend = recognizer.classifier.interpreter.backend
    for name, times, note in (
        ("detection", recognizer.whole, ", in whole pictures"),
        ("following", recognizer.window, ", around known faces"),
        ("classification", recognizer.reading, f" a face ({backend})"),
    ):
        if times:
            tell(f"{name:16}{Timing.of(times)}{note}")
    tell(f"peak memory     {peak_memory_mb():.0f} MB")


def _certainty(reading: LiveReading) -> float:
    return reading.faces[0].emotion.probability if reading.faces else 0.0
