"""What a whole stream costs on this machine: frames a second, age, share of a core."""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from fer_edge.command.recognizer import recognizer_of
from fer_edge.command.stop import Stop
from fer_edge.frame import Frame
from fer_edge.live import LiveReading, Stream

THREAD_COUNTS = (1, 2, 4)
"""Of the models, and of OpenCV."""
DETECTION_INTERVALS_SECONDS = {"search every 0.2 s": 0.2, "search every frame": 0.0}
"""Seconds from one search of the whole picture to the next."""
CAMERA_FPS = 30.0
"""Frames a second of the camera that is played."""
WARM_UP_FRAMES = 10
"""Frames whose time is thrown away."""
MOST_PLAYED_FRAMES = 60
"""Frames that are played at CAMERA_FPS at most: two seconds."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One face at the frames' size, through a whole stream."""

    threads: int
    """Of the models."""
    detect_every: float
    """Seconds from one search of the whole picture to the next; 0: in every frame."""
    fps: float
    """Frames a second, if they come as fast as they are read."""
    age_median: float
    """Milliseconds from a frame to its reading's delivery, at CAMERA_FPS: half took longer."""
    age_p95: float
    """The same: one in twenty took longer."""
    core: float
    """Share of one core at CAMERA_FPS: 1 is a whole one."""

    def __str__(self) -> str:
        return (
            f"{self.fps:7.1f} frames/s, age median {self.age_median:6.2f} ms, 95th percentile "
            f"{self.age_p95:6.2f} ms, {self.core:5.1%} of a core at {CAMERA_FPS:g} frames/s"
        )


def pipelines(args: argparse.Namespace, frames: list[Frame], stop: Stop) -> dict[str, Pipeline]:
    """Measure a stream with 1, 2 and 4 threads, at each of DETECTION_INTERVALS_SECONDS.

    Args:
        args: say which models.
        frames: of a camera that shows one face; played again and again.
        stop: ends it early.
    """
    found, before = {}, cv2.getNumThreads()
    for threads, (name, detect_every) in itertools.product(
        THREAD_COUNTS, DETECTION_INTERVALS_SECONDS.items()
    ):
        stop.check()
        cv2.setNumThreads(threads)
        args = argparse.Namespace(**{**vars(args), "threads": threads})
        title = f"stream, {threads} thread{'s' * (threads > 1)}, {name}"
        found[title] = _measure(args, frames, detect_every, stop)
    cv2.setNumThreads(before)
    return found


def _measure(
    args: argparse.Namespace, frames: list[Frame], detect_every: float, stop: Stop
) -> Pipeline:
    recognizer = recognizer_of(args)
    count = WARM_UP_FRAMES + args.repeat
    stream = Stream(_recorded(frames, count), recognizer, detect_every=detect_every)
    times = [time.perf_counter() for _ in _until(stream, stop)]
    live = Stream(
        _live(frames, WARM_UP_FRAMES + min(args.repeat, MOST_PLAYED_FRAMES)),
        recognizer,
        detect_every=detect_every,
        realtime=True,
    )
    # The models are warm by now. A slow machine reads few of these frames, so none is left out.
    used, began = time.process_time(), time.perf_counter()
    ages = [(reading.age or 0.0) * 1e3 for reading in _until(live, stop)]
    share = (time.process_time() - used) / (time.perf_counter() - began)
    median, p95 = np.percentile(ages, [50, 95])
    return Pipeline(
        args.threads,
        detect_every,
        round((len(times) - WARM_UP_FRAMES) / (times[-1] - times[WARM_UP_FRAMES - 1]), 1),
        round(float(median), 3),
        round(float(p95), 3),
        round(share, 4),
    )


def _until(stream: Stream, stop: Stop) -> Iterator[LiveReading]:
    with stop.closing(stream):
        yield from stream
    stop.check()


def _recorded(frames: list[Frame], count: int) -> Iterator[Frame]:
    """Frames as fast as they are read, with the timestamps of a camera."""
    for index, frame in zip(range(count), itertools.cycle(frames), strict=False):
        yield Frame(frame.image, index / CAMERA_FPS, index, clock="recording", moment="position")


def _live(frames: list[Frame], count: int) -> Iterator[Frame]:
    due = time.monotonic()
    for index, frame in zip(range(count), itertools.cycle(frames), strict=False):
        due += 1 / CAMERA_FPS
        time.sleep(max(0.0, due - time.monotonic()))
        yield Frame(frame.image, time.monotonic(), index)
