"""How a detector's boxes lie to the frame that FER2013's faces are cut in: hair line to chin.

FER2013's own faces are pasted into larger pictures and looked for there. Two answers come out:
where the true square lies relative to the box (medians), and which square about the box a model
reads best. `SIDE` in fer_edge/detectors/*.py holds what was found. On videos, where nobody
said what is right, a good framing shows in answers that are sure and do not flicker.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.cameras import open_camera
from fer_edge.classifier import EmotionClassifier
from fer_edge.detectors import Detector
from fer_edge.detectors.shrink import shrink
from fer_edge.emotion import Emotion
from fer_edge.face import Box
from train.data.faces import Faces
from train.data.sources import Votes
from train.data.sources.votes import majority
from train.errors import DatasetError

CANVAS = (320, 240)
"""Pixels of the larger picture, width and height: what a camera's detector sees."""
SIDES = (64, 160)
"""Pixels of the pasted face, smallest and largest."""
SIDE_STEPS = (0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.3)
DOWN_STEPS = (-0.1, -0.05, 0.0, 0.05, 0.1)


@dataclass(frozen=True)
class Found:
    """A pasted face that the detector found."""

    picture: npt.NDArray[np.uint8]
    """The larger picture, (height, width)."""
    truth: Box
    """Where the face was pasted."""
    box: Box
    """Where the detector drew it."""
    place: int
    """Its index among the faces."""


def measure_framing(
    faces: Faces, votes: Votes | None, detector: Detector, classifier: EmotionClassifier, seed: int
) -> None:
    """Print how many are found, how the true square lies to the box, and accuracy by framing.

    Raises:
        DatasetError: the detector finds none of the faces.
    """
    found = [item for item in _search(faces, detector, seed) if item is not None]
    print(f"found {len(found)} of {len(faces)} pasted faces")
    if not found:
        raise DatasetError(f"none of {len(faces)} faces was found: no framing to be measured")
    sides, rights, downs = np.array([_relation(item) for item in found]).T
    for name, values in (("side", sides), ("right", rights), ("down", downs)):
        low, middle, high = np.percentile(values, [25, 50, 75])
        print(f"true square: {name:6} median {middle:+.3f}, quartiles {low:+.3f} {high:+.3f}")

    chosen = np.array([item.place for item in found])
    truths = {"FER2013's labels": faces.label[chosen]}
    if votes is not None:
        truths["FER+'s majority"] = majority(votes.of(faces))[chosen]
    answers = {
        (side, down): _answers(found, classifier, side, down)
        for side in SIDE_STEPS
        for down in DOWN_STEPS
    }
    own = np.array(
        [classifier.probabilities(faces.images[place][np.newaxis]).argmax() for place in chosen]
    )
    for title, right in truths.items():
        counted = right >= 0
        print(f"\naccuracy by {title}; in FER2013's own framing {_rate(own, right, counted):.1%}")
        print("side \\ down" + "".join(f"{down:+8.2f}" for down in DOWN_STEPS))
        for side in SIDE_STEPS:
            row = (_rate(answers[side, down], right, counted) for down in DOWN_STEPS)
            print(f"{side:11.2f}" + "".join(f"{rate:8.1%}" for rate in row))


def _search(faces: Faces, detector: Detector, seed: int) -> list[Found | None]:
    random = np.random.default_rng(seed)
    return [_paste_and_find(faces, place, detector, random) for place in range(len(faces))]


def _paste_and_find(
    faces: Faces, place: int, detector: Detector, random: np.random.Generator
) -> Found | None:
    width, height = CANVAS
    side = int(random.integers(SIDES[0], SIDES[1] + 1))
    left, top = int(random.integers(0, width - side)), int(random.integers(0, height - side))
    face = cv2.resize(faces.images[place], (side, side), interpolation=cv2.INTER_CUBIC)
    # The face's own edges go on outwards, blurred: a head without a frame around its face.
    margins = (top, height - top - side, left, width - left - side)
    around = cv2.copyMakeBorder(face, *margins, cv2.BORDER_REPLICATE)
    picture = np.asarray(cv2.GaussianBlur(around, (0, 0), side / 24), dtype=np.uint8)
    picture[top : top + side, left : left + side] = face
    truth = Box(left, top, side, side)
    hits = [detection.box for detection in detector.detect(picture)]
    close = [box for box in hits if _overlap(box, truth) > 0.3]
    best = max(close, key=lambda box: _overlap(box, truth), default=None)
    return None if best is None else Found(picture, truth, best, place)


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    along = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(0.0, across) * max(0.0, along)
    return shared / (one.width * one.height + other.width * other.height - shared)


def _relation(item: Found) -> tuple[float, float, float]:
    """The true square's side and its centre's way right and down, in the box's longer side."""
    truth, box = item.truth, item.box
    longer = max(box.width, box.height)
    right = truth.x + truth.width / 2 - (box.x + box.width / 2)
    down = truth.y + truth.height / 2 - (box.y + box.height / 2)
    return truth.width / longer, right / longer, down / longer


def _answers(
    found: list[Found], classifier: EmotionClassifier, side: float, down: float
) -> npt.NDArray[np.int64]:
    labels = classifier.card.labels
    emotions = (
        classifier.read(item.picture, [item.box.square(side, down=down)])[0] for item in found
    )
    return np.array([labels.index(emotion.label) for emotion in emotions])


def _rate(
    said: npt.NDArray[np.int64], right: npt.NDArray[np.int64], counted: npt.NDArray[np.bool_]
) -> float:
    return float((said == right)[counted].mean())


def measure_clip(video: Path, detector: Detector, classifier: EmotionClassifier) -> None:
    """Print, by the square's side, how sure and how steady the answers for a video are."""
    with open_camera(video) as camera:
        pictures = [shrink(frame.image, CANVAS[0]) for frame in camera]
    found = [(picture, list(detector.detect(picture))) for picture in pictures]
    seen = [(picture, hits[0].box) for picture, hits in found if hits]
    print(f"\n{video.name}: a face in {len(seen)} of {len(pictures)} frames")
    if not seen:
        return
    print("       side  probability  changes  answers")
    for side in SIDE_STEPS:
        emotions = [classifier.read(picture, [box.square(side)])[0] for picture, box in seen]
        print(f"{side:11.2f}  {_steadiness(emotions)}")


def _steadiness(emotions: list[Emotion]) -> str:
    labels = [emotion.label for emotion in emotions]
    changes = sum(one != other for one, other in itertools.pairwise(labels))
    counts = ", ".join(f"{label} {count}" for label, count in Counter(labels).most_common())
    return f"{np.mean([e.probability for e in emotions]):11.3f}  {changes:7}  {counts}"
