"""What a stream would take of a Raspberry Pi's core, predicted from counted multiply-adds.

    python -m tests.measure.boards clip.mp4 --models nano edge large --faces 1 3

The stream is the live layer's, with its defaults, over so many faces in frames of 640x480, thirty a
second. `--read-every 0.1` reads a face ten times a second. Every call of an interpreter is counted
with the multiply-adds of the shape that it is given. A prediction holds for the interpreters alone;
numpy and OpenCV come on top.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import fer_edge
from fer_edge.detectors.face_detector import FaceDetector
from fer_edge.interpreter import Interpreter
from fer_edge.live import Tracker
from fer_edge.models import DETECTOR_NAME
from tests.measure.many_faces import RATE, pictures, together


@dataclass(frozen=True)
class Board:
    """A Raspberry Pi, as one of its cores was measured to multiply and add int8 numbers."""

    name: str
    """For people."""
    hertz: float
    """Cycles a second."""
    plain: tuple[float, float]
    """Multiply-adds a cycle in plain convolutions, from least to most."""
    separable: tuple[float, float]
    """Likewise in networks of separable ones."""


BOARDS = (
    Board("Pi 4 (1.5 GHz)", 1.5e9, (4, 5), (1, 2)),
    Board("Pi 5 (2.4 GHz)", 2.4e9, (16, 20), (4, 8)),
)


@contextmanager
def counted(interpreter: Interpreter, work: list[int]) -> Iterator[None]:
    """Add each call's multiply-adds to `work`."""
    plain = interpreter.raw

    def raw(batch: Any) -> Any:
        one = interpreter._sound.fitted((1, *batch.shape[1:])).work
        work.append(len(batch) * one)
        return plain(batch)

    interpreter.raw = raw  # type: ignore[method-assign]
    try:
        yield
    finally:
        interpreter.raw = plain  # type: ignore[method-assign]


def separable_share(interpreter: Interpreter) -> float:
    """The share of the multiply-adds that is in separable convolutions: those with one filter for
    each channel, and those of 1x1 beside them.

    A network has such if they are more than a third of all; the emotion models have two, which
    halve the pictures.
    """
    steps = interpreter._sound.steps
    convolutions = [step for step in steps if "CONV_2D" in step[1].name]
    depthwise = [step for step in steps if step[1].name == "DEPTHWISE_CONV_2D"]
    if 3 * len(depthwise) <= len(convolutions):
        return 0.0
    plain = total = 0
    for operator, kind, options in steps:
        shapes = [tensor.shape for tensor in operator.inputs if tensor is not None]
        work = kind.rule(operator, options, shapes).work
        total += work
        plain += work if kind.name == "CONV_2D" and shapes[1][1:3] != (1, 1) else 0
    return 1 - plain / total


def predicted(work: float, board: Board, separable: float) -> tuple[float, float]:
    """Seconds of one core, from least to most.

    Args:
        work: multiply-adds.
        board: whose core.
        separable: the share of them in separable convolutions.
    """
    most, least = (
        work / board.hertz * (separable / rates[0] + (1 - separable) / rates[1])
        for rates in zip(board.separable, board.plain, strict=True)
    )
    return least, most


def main() -> None:
    """Print a line for each model, number of faces and board."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--models", nargs="+", default=["nano", "edge"])
    parser.add_argument("--detector", default=DETECTOR_NAME)
    parser.add_argument("--faces", nargs="+", type=int, default=[1, 3])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--read-every", type=float, default=0.0)
    arguments = parser.parse_args()
    recordings = [pictures(clip, arguments.frames) for clip in arguments.clips]
    for model in arguments.models:
        finder = FaceDetector(arguments.detector)
        recognizer = fer_edge.Recognizer(model, detector=finder)
        detector, classifier = finder.interpreter, recognizer.classifier.interpreter
        once = classifier._sound.need.work
        for faces in arguments.faces:
            tracker = Tracker(recognizer, read_every=arguments.read_every)
            looks: list[int] = []
            reads: list[int] = []
            shown = together(recordings, faces, arguments.frames)
            with counted(detector, looks), counted(classifier, reads):
                for frame in shown:
                    tracker(frame)
            seconds = len(shown) / RATE
            print(
                f"{model}, {faces} faces: finding {sum(looks) / seconds / 1e6:.0f} million "
                f"multiply-adds a second, reading {sum(reads) / seconds / 1e6:.0f} million "
                f"({sum(reads) / once / seconds:.1f} readings a second of {once / 1e6:.1f} million)"
            )
            for board in BOARDS:
                find = predicted(sum(looks) / seconds, board, separable_share(detector))
                read = predicted(sum(reads) / seconds, board, separable_share(classifier))
                one = predicted(once, board, separable_share(classifier))
                print(
                    f"    {board.name}: finding {find[0]:.0%} to {find[1]:.0%} of a core, reading "
                    f"{read[0]:.0%} to {read[1]:.0%}; one reading {one[0] * 1e3:.1f} to "
                    f"{one[1] * 1e3:.1f} ms"
                )


if __name__ == "__main__":
    main()
