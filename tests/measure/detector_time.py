"""How long detectors take for a picture, in turns.

    python -m tests.measure.detector_time no_face.mp4 face-detector face-detector-fast YUNET.onnx

The first frame of the video shows nobody; the face is the sample's. The time is this thread's own,
so that what else the machine does matters little.
"""

from __future__ import annotations

import sys
import time

import cv2
import numpy as np

from fer_edge.cameras import open_camera
from fer_edge.detectors import Detector, open_detector
from fer_edge.pictures.image import Image, grey

SIZES = ((320, 240), (160, 120), (640, 480))
ROUNDS, CALLS, WARM_UP = 25, 10, 10


def first(source: str) -> Image:
    with open_camera(source) as camera:
        return next(iter(camera)).image


def seconds(detector: Detector, image: Image) -> float:
    began = time.thread_time()
    for _ in range(CALLS):
        detector.detect(image)
    return (time.thread_time() - began) / CALLS


def medians(detectors: dict[str, Detector], image: Image) -> dict[str, float]:
    """Milliseconds of each detector; in each round all take turns."""
    shown = {
        name: grey(image) if getattr(one, "colour", "bgr") == "grey" else image
        for name, one in detectors.items()
    }
    for _ in range(WARM_UP):
        for name, one in detectors.items():
            one.detect(shown[name])
    rounds = [[seconds(one, shown[name]) for name, one in detectors.items()] for _ in range(ROUNDS)]
    middle = 1e3 * np.median(rounds, axis=0)
    return dict(zip(detectors, middle.tolist(), strict=True))


def main() -> None:
    cv2.setNumThreads(1)
    empty, *names = sys.argv[1:]
    detectors = {name: open_detector(name) for name in names}
    for kind, picture in (("one face", first("sample")), ("nobody", first(empty))):
        for size in SIZES:
            image = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
            found = {name: len(one.detect(image)) for name, one in detectors.items()}
            told = ", ".join(
                f"{name} {value:.2f} ms ({found[name]} found)"
                for name, value in medians(detectors, image).items()
            )
            print(f"{size[0]}x{size[1]}, {kind}: {told}", flush=True)


if __name__ == "__main__":
    main()
