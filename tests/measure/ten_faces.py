"""What tracking, smoothing and events take for ten faces, without finding and reading them.

python -m tests.measure.ten_faces
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import numpy as np

from fer_edge.emotion import Emotion
from fer_edge.face import Box, Detection, Face
from fer_edge.frame import Frame
from fer_edge.live import Tracker

FACES, FRAMES = 10, 600
LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


class Known:
    """Gives what was made before."""

    def __init__(self) -> None:
        chance = np.random.default_rng(0)
        places = [Box(60 * n + 5, 60 + 40 * (n % 5), 50, 55) for n in range(FACES)]
        self.found: list[list[Detection]] = []
        self.faces: list[list[Face]] = []
        for values in chance.dirichlet(np.ones(len(LABELS)), size=(FRAMES, FACES)).tolist():
            found = [_detection(one.moved(*chance.normal(0, 1.5, 2).tolist())) for one in places]
            self.found.append(found)
            self.faces.append([_face(*pair) for pair in zip(found, values, strict=True)])

    def detect(self, frame: Frame, within: Box | None = None) -> Sequence[Detection]:
        return self.found[frame.index]

    def read(self, frame: Frame, detections: Sequence[Detection]) -> Sequence[Face]:
        return self.faces[frame.index][: len(detections)]


def _detection(box: Box) -> Detection:
    x, y = box.x, box.y
    eyes = ((x + 15, y + 20), (x + 35, y + 20))
    return Detection(
        box, box.square(0.95), 0.9, (*eyes, (x + 25, y + 30), (x + 17, y + 42), (x + 33, y + 42))
    )


def _face(one: Detection, values: list[float]) -> Face:
    label = LABELS[int(np.argmax(values))]
    emotion = Emotion(label, max(values), dict(zip(LABELS, values, strict=True)))
    return Face(one.box, one.score, emotion, one.landmarks, one.square)


def microseconds(known: Known) -> list[float]:
    """Of each frame."""
    tracker, picture, told = Tracker(known), np.zeros((480, 640), np.uint8), []
    for number in range(FRAMES):
        frame = Frame(picture, number / 30, number)
        began = time.perf_counter()
        tracker(frame)
        told.append((time.perf_counter() - began) * 1e6)
    return told


def main() -> None:
    known = Known()
    for _ in range(5):
        took = sorted(microseconds(known))
        print(
            f"fastest twentieth {took[FRAMES // 20]:.0f} us, median {statistics.median(took):.0f}"
        )


if __name__ == "__main__":
    main()
