"""`fer-edge bench`: what each stage costs on this machine."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import platform
import time
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from fer_edge import json_values
from fer_edge.cameras import open_camera
from fer_edge.cameras.sample import face_in_first_frame
from fer_edge.classifier import EmotionClassifier
from fer_edge.command.output import tell
from fer_edge.command.peak_memory import peak_memory_mb
from fer_edge.command.pipeline import pipelines
from fer_edge.command.recognizer import recognizer_of
from fer_edge.command.stop import Stop
from fer_edge.command.timing import Timing
from fer_edge.detectors import Detector, open_detector
from fer_edge.detectors.shrink import shrink
from fer_edge.frame import Frame
from fer_edge.model_input import model_input
from fer_edge.models import DETECTOR_NAMES, shipped_models
from fer_edge.pictures.image import Image, grey
from fer_edge.printable import printable
from fer_edge.recognizer import Recognizer

STREAM_FRAMES = 30
"""Frames that a stream is measured with, played forwards and backwards: one second."""
WARM_UP_CALLS = 10
"""Calls whose time is thrown away: memory is laid out and caches fill."""
BATCH_FACES = 4
"""Faces in the stages that compare a batch with one after the other."""
DETECTION_SIDES_PIXELS = (160, 320)
"""Pixels at which detectors are compared."""


def run(args: argparse.Namespace, stop: Stop) -> int:
    """Measure and print."""
    # OpenCV spreads over all cores by itself; a stage's figure is for the threads stated.
    cv2.setNumThreads(args.threads)
    recognizer = recognizer_of(args)
    with open_camera("sample") as camera:
        moving = list(itertools.islice(camera, STREAM_FRAMES))
        frames = [moving[0], *(frame for frame in camera if frame.index % 10 == 0)]
    stages = {
        **_stages(recognizer, frames),
        **_models(args),
        **_detectors(frames, args),
    }
    timings = {name: _measure(stage, args.repeat, stop) for name, stage in stages.items()}
    streams = pipelines(args, [*moving, *reversed(moving)], stop)
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
        told = {name: dataclasses.asdict(timing) for name, timing in timings.items()}
        whole = {name: dataclasses.asdict(stream) for name, stream in streams.items()}
        memory = {"peak_memory_mb": round(peak_memory_mb(), 1)}
        tell(json_values.line({**facts, "stages": told, "pipeline": whole, **memory}))
        return 0
    width = max(map(len, [*timings, *streams])) + 2
    tell(
        ", ".join(f"{name} {printable(value)}" for name, value in facts.items()),
        *(f"{printable(name):{width}}{timing}" for name, timing in timings.items()),
        *(f"{name:{width}}{stream}" for name, stream in streams.items()),
        f"peak memory {peak_memory_mb():.0f} MB",
    )
    return 0


Stages = dict[str, Callable[[int], object]]
"""What is measured: each takes a number and does its work once on that frame."""


def _stages(recognizer: Recognizer, frames: list[Frame]) -> Stages:
    """What each frame goes through."""
    classifier, detector = recognizer.classifier, recognizer.detector
    side = recognizer.detection_side
    image = frames[0].image
    small = [shrink(frame.image, side) for frame in frames]
    # The portrait's face by the sample's own geometry, so the result does not depend on a detector.
    square = face_in_first_frame()
    face = model_input(image, square, classifier.card.input)[np.newaxis]
    batch = np.repeat(face, BATCH_FACES, axis=0)

    def one_after_the_other(_: int) -> None:
        for one in batch:
            classifier.probabilities(one[np.newaxis])

    height, width = small[0].shape[:2]
    return {
        f"shrink {image.shape[1]}x{image.shape[0]} to {width}x{height}": lambda n: shrink(
            frames[n % len(frames)].image, side
        ),
        f"detection at {width}x{height}": lambda n: detector.detect(small[n % len(small)]),
        "crop of one face": lambda _: model_input(image, square, classifier.card.input),
        "classification of one face": lambda _: classifier.probabilities(face),
        f"classification of {BATCH_FACES} in one batch": lambda _: classifier.probabilities(batch),
        f"classification of {BATCH_FACES} one after the other": one_after_the_other,
        "whole frame": lambda n: recognizer(frames[n % len(frames)]),
    }


def _models(args: argparse.Namespace) -> Stages:
    """Every shipped emotion model except the one that is measured in full."""
    stages: Stages = {}
    for name in sorted(set(shipped_models()) - {*DETECTOR_NAMES, str(args.model)}):
        model = EmotionClassifier(name, args.threads, args.interpreter)
        spec = model.card.input
        face = np.zeros((1, spec.height, spec.width, spec.channels), np.uint8)
        stages[f"{name}: classification of one face"] = partial(_classify, model, face)
    return stages


def _classify(model: EmotionClassifier, face: Image, _: int) -> None:
    model.probabilities(face)


def _detectors(frames: list[Frame], args: argparse.Namespace) -> Stages:
    """The shipped detectors and those named with --beside, all on the same grey pictures."""
    stages: Stages = {}
    for name in dict.fromkeys([*DETECTOR_NAMES, *map(str, args.beside)]):
        detector = open_detector(
            name, args.threads, args.interpreter, trust_unknown=args.trust_detector
        )
        for side in DETECTION_SIDES_PIXELS:
            small = [shrink(grey(frame.image), side) for frame in frames]
            height, width = small[0].shape
            # By the whole path: files of several folders may have one name.
            stages[f"{name} at {width}x{height}"] = partial(_find, detector, small)
    return stages


def _find(detector: Detector, small: list[Image], number: int) -> None:
    detector.detect(small[number % len(small)])


def _measure(stage: Callable[[int], object], repeat: int, stop: Stop) -> Timing:
    seconds = []
    for number in range(WARM_UP_CALLS + repeat):
        stop.check()
        began = time.perf_counter()
        stage(number)
        seconds.append(time.perf_counter() - began)
    return Timing.of(seconds[WARM_UP_CALLS:])
