"""`fer-edge bench`: what each stage costs on this machine."""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import time
from collections.abc import Callable

import cv2
import numpy as np

from fer_edge.cameras import open_camera
from fer_edge.cameras.sample import face_in_first_frame
from fer_edge.command.recognizer import recognizer_of
from fer_edge.command.timing import Timing, peak_memory_mb
from fer_edge.detectors.shrink import shrink
from fer_edge.frame import Frame
from fer_edge.model_input import model_input
from fer_edge.recognizer import Recognizer

WARM_UP = 10
"""Calls whose time is thrown away: memory is laid out and caches fill."""
SEVERAL = 4
"""Faces in the stages that compare a batch with one after the other."""


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    # OpenCV spreads over all cores by itself; a stage's figure is for the threads stated.
    cv2.setNumThreads(args.threads)
    recognizer = recognizer_of(args)
    with open_camera("sample") as camera:
        frames = [frame for frame in camera if frame.index % 10 == 0]
    timings = {
        name: _measure(stage, args.repeat) for name, stage in _stages(recognizer, frames).items()
    }
    facts = {
        "machine": platform.machine(),
        "threads": args.threads,
        "repeat": args.repeat,
        "model": str(args.model),
        "interpreter": recognizer.classifier.interpreter.backend,
        "detector": str(args.detector),
        "opencv": cv2.__version__,
        "numpy": np.__version__,
    }
    if args.json:
        stages = {name: dataclasses.asdict(timing) for name, timing in timings.items()}
        print(json.dumps({**facts, "stages": stages, "peak_memory_mb": round(peak_memory_mb(), 1)}))
        return 0
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    for name, timing in timings.items():
        print(f"{name:42}{timing}")
    print(f"peak memory {peak_memory_mb():.0f} MB")
    return 0


def _stages(recognizer: Recognizer, frames: list[Frame]) -> dict[str, Callable[[int], object]]:
    """What is measured: each takes a number and does its work once on that frame."""
    classifier, detector = recognizer.classifier, recognizer.detector
    side = recognizer.detection_side
    image = frames[0].image
    small = [shrink(frame.image, side) for frame in frames]
    # The portrait's face, by the sample's own geometry: no detector decides what is measured.
    square = face_in_first_frame()
    face = model_input(image, square, classifier.card.input)[np.newaxis]
    several = np.repeat(face, SEVERAL, axis=0)

    def one_after_the_other(_: int) -> None:
        for one in several:
            classifier.probabilities(one[np.newaxis])

    height, width = small[0].shape[:2]
    return {
        f"shrink {image.shape[1]}x{image.shape[0]} to {width}x{height}": lambda n: shrink(
            frames[n % len(frames)].image, side
        ),
        f"detection at {width}x{height}": lambda n: detector.detect(small[n % len(small)]),
        "crop of one face": lambda _: model_input(image, square, classifier.card.input),
        "classification of one face": lambda _: classifier.probabilities(face),
        f"classification of {SEVERAL} in one batch": lambda _: classifier.probabilities(several),
        f"classification of {SEVERAL} one after the other": one_after_the_other,
        "whole frame": lambda n: recognizer(frames[n % len(frames)]),
    }


def _measure(stage: Callable[[int], object], repeat: int) -> Timing:
    seconds = []
    for number in range(WARM_UP + repeat):
        began = time.perf_counter()
        stage(number)
        seconds.append(time.perf_counter() - began)
    return Timing.of(seconds[WARM_UP:])
