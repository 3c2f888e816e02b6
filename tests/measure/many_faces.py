"""What is saved, and what it costs, where there are many faces.

    python -m tests.measure.many_faces clip.mp4 [clip.mp4 …]

Recordings of one face are laid side by side, each begun at another moment, so that every face moves
as in life. The time of a frame is the thread's own, in the fastest round of each frame. Boxes are
compared with those of a search of the whole picture in every frame.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import time
from collections.abc import Sequence

import cv2
import numpy as np

import fer_edge
from fer_edge.frame import Frame
from fer_edge.live import Tracker
from fer_edge.pictures.image import Image

RATE = 30.0
LAYOUTS = {1: (1, 1), 2: (2, 1), 3: (2, 2), 4: (2, 2), 5: (3, 2), 6: (3, 2), 8: (3, 3), 9: (3, 3)}
"""Faces, and how many recordings lie across and along."""
APART = 37
"""Frames between the beginnings of recordings that lie side by side."""


def pictures(source: str, most: int) -> list[Image]:
    """The frames of a recording, forwards and backwards, so that it has no jump at its end."""
    with fer_edge.open_camera(source) as camera:
        forth = [frame.image for frame, _ in zip(camera, range(most), strict=False)]
    return [*forth, *reversed(forth)]


def together(recordings: Sequence[Sequence[Image]], faces: int, count: int) -> list[Frame]:
    """So many faces in frames of 640x480."""
    across, along = LAYOUTS[faces]
    width, height = 640 // across, 480 // along
    made = []
    for number in range(count):
        ground = np.full((480, 640, 3), 90, np.uint8)
        for face in range(faces):
            recording = recordings[face % len(recordings)]
            image = recording[(number + APART * face) % len(recording)]
            factor = min(width / image.shape[1], height / image.shape[0])
            small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            left, top = face % across * width, face // across * height
            ground[top : top + small.shape[0], left : left + small.shape[1]] = small
        made.append(Frame(ground, number / RATE, number, clock="recording"))
    return made


def seconds(recognizer: fer_edge.Recognizer, shown: Sequence[Frame], live: bool) -> list[float]:
    """Of this thread, for each frame: a tracker, or every face found and read in every frame."""
    read, took = Tracker(recognizer) if live else recognizer, []
    for frame in shown:
        # In a processor's cache, as whoever decodes a picture has just written it.
        fresh = dataclasses.replace(frame, image=frame.image.copy())
        began = time.thread_time()
        read(fresh)
        took.append(time.thread_time() - began)
    return took


def overlaps(recognizer: fer_edge.Recognizer, shown: Sequence[Frame]) -> list[float]:
    """The IoU of every face that full detection has found for 0.3 s on end with its best box."""
    tracker, known, found = Tracker(recognizer), list[fer_edge.Detection](), list[float]()
    history: list[Sequence[fer_edge.Detection]] = []
    for frame in shown:
        faces = tracker(frame)[0].faces
        history.append(recognizer.detect(frame))
        if len(history) <= 0.3 * RATE:
            continue
        lately = history[-round(0.3 * RATE) :]
        known = [
            one
            for one in lately[-1]
            if all(any(one.box.iou(old.box) > 0.3 for old in before) for before in lately)
        ]
        found += [max((f.box.iou(one.box) for f in faces), default=0.0) for one in known]
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sources", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=150)
    arguments = parser.parse_args()
    # The networks' threads would not be counted.
    cv2.setNumThreads(1)
    recognizer = fer_edge.Recognizer()
    recordings = [pictures(source, 150) for source in arguments.sources]
    for faces in LAYOUTS:
        shown = together(recordings, faces, arguments.frames)
        took = {live: list[list[float]]() for live in (False, True)}
        for _, live in itertools.product(range(arguments.rounds), took):
            took[live].append(seconds(recognizer, shown, live))
        full, less = (float(np.min(rounds, axis=0).mean()) * 1e3 for rounds in took.values())
        found = overlaps(recognizer, shown)
        share = sum(one >= 0.6 for one in found) / len(found)
        print(
            f"{faces} faces ({len(found) / len(shown):.1f} found): {full:.2f} ms, {less:.2f} ms, "
            f"{full / less:.2f} times less; IoU of 0.6 in {share:.1%}, least {min(found):.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
