"""What windows around known faces save, and what they cost.

    python -m tests.measure.cadence sample clip.mp4 …

For each recording it prints the time that a frame takes in three ways. The whole picture is
searched in every frame; or there are windows in between; or emotions are read ten times a second,
too. They take turns. Of each frame the fastest round counts, as other programs only ever make it
slower. The time is the thread's own, with one thread for OpenCV and the models. It also prints how
often the boxes overlap those of full detection by an IoU of 0.6. Last, it prints how late a face is
told that comes into the picture at a random moment.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import statistics
import time
from collections.abc import Sequence

import cv2
import numpy as np

import fer_edge
from fer_edge.frame import Frame
from fer_edge.live import Tracker

WAYS = {"every frame": (0.0, 0.0), "windows": (0.2, 0.0), "windows, read 10/s": (0.2, 0.1)}
"""`detect_every` and `read_every`."""


def frames(source: str, most: int) -> list[Frame]:
    with fer_edge.open_camera(source) as camera:
        return [frame for frame, _ in zip(camera, range(most), strict=False)]


def seconds(recognizer: fer_edge.Recognizer, pictures: Sequence[Frame], way: str) -> list[float]:
    """What each frame takes."""
    detect_every, read_every = WAYS[way]
    tracker = Tracker(recognizer, detect_every=detect_every, read_every=read_every)
    took = []
    for frame in pictures:
        # In a processor's cache, as whoever decodes a picture has just written it.
        fresh = dataclasses.replace(frame, image=frame.image.copy())
        began = time.thread_time()
        tracker(fresh)
        took.append(time.thread_time() - began)
    return took


def overlap(recognizer: fer_edge.Recognizer, pictures: Sequence[Frame]) -> tuple[float, float]:
    """Of the faces that full detection finds: the share that has a box with an IoU of 0.6, and the
    least IoU. Faces that full detection found less than 0.3 s ago are left out.
    """
    tracker, found = Tracker(recognizer), []
    since: float | None = None
    for frame in pictures:
        reading, _ = tracker(frame)
        full = recognizer.detect(frame)
        if not full:
            since = None
            continue
        since = frame.timestamp if since is None else since
        if frame.timestamp - since < 0.3:
            continue
        best = max(full, key=lambda one: one.score)
        found.append(max((face.box.iou(best.box) for face in reading.faces), default=0.0))
    good = [one >= 0.6 for one in found]
    return (sum(good) / len(good), min(found)) if found else (1.0, 1.0)


def delays(recognizer: fer_edge.Recognizer, rate: float, times: int, seed: int = 0) -> list[float]:
    """Seconds from the exposure in which a face first shows to its "appear"."""
    still = frames("sample", 1)[0].image
    empty = np.full_like(still, 90)
    chance, late = random.Random(seed), []
    for _ in range(times):
        tracker, comes = Tracker(recognizer), 1 + chance.random()
        shown: float | None = None
        for number in range(round(4 * rate)):
            at = number / rate
            there = at >= comes
            shown = at if there and shown is None else shown
            frame = Frame(still if there else empty, at, number, clock="recording")
            if any(event.kind == "appear" for event in tracker(frame)[1]):
                assert shown is not None
                late.append(at - comes)
                break
    return late


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sources", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=int, default=200, help="frames of each source")
    arguments = parser.parse_args()
    # What other threads did would not be counted.
    cv2.setNumThreads(1)
    recognizer = fer_edge.Recognizer()
    for source in arguments.sources:
        pictures = frames(source, arguments.most)
        took: dict[str, list[list[float]]] = {way: [] for way in WAYS}
        for _ in range(arguments.rounds):
            for way, rounds in took.items():
                rounds.append(seconds(recognizer, pictures, way))
        mean = {way: float(np.min(rounds, axis=0).mean()) for way, rounds in took.items()}
        whole = mean["every frame"]
        told = [
            f"{way} {one * 1e3:.2f} ms ({whole / one:.2f} times less)" for way, one in mean.items()
        ]
        share, least = overlap(recognizer, pictures)
        print(f"{source}: {'; '.join(told)}; IoU of 0.6 in {share:.1%}, least {least:.2f}")
    for rate in (5.0, 10.0, 15.0, 30.0):
        late = sorted(delays(recognizer, rate, 40))
        print(
            f"a newcomer at {rate:.0f}/s: median {statistics.median(late) * 1e3:.0f} ms, "
            f"95 % within {late[round(0.95 * len(late)) - 1] * 1e3:.0f} ms"
        )


if __name__ == "__main__":
    main()
