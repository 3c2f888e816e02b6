"""Measures where FER2013's square (hair line to chin) lies relative to a detector's boxes.

FER2013's own faces are pasted into larger pictures and searched there. This gives three figures:

- where the true square lies relative to the box, in the median;
- which square about the box a model reads best;
- for faces that lean, how much it helps to turn the crop upright by the landmarks.

The card of a detector (or a constant in fer_edge/detectors/yunet.py) holds the result. Videos have
no right answers: there, good framing gives high probabilities and few changes.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
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
from fer_edge.face import Box, Detection
from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.measuring.metrics import share_right
from train.emotion.measuring.reader import likeliest, numbered_for
from train.emotion.truths import TRUTHS, truths_of
from train.errors import DatasetError

CANVAS_SIZE_PIXELS = (320, 240)
"""Pixels of the larger picture, width and height: what a camera's detector sees."""
FACE_SIDES_PIXELS = (64, 160)
"""Pixels of the pasted face, smallest and largest."""
SQUARE_SIDE_FACTORS = (0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.3)
LEANS_DEGREES = (-30.0, -15.0, 0.0, 15.0, 30.0)
"""Degrees clockwise."""
UPRIGHT_LANDMARKS = ((-0.2, -0.1), (0.2, -0.1), (0.0, 0.1), (-0.15, 0.25), (0.15, 0.25))
"""Where an upright face's landmarks lie about its square's centre, as shares of its side; only
the line between the eyes is used."""
SQUARE_DOWN_FACTORS = (-0.1, -0.05, 0.0, 0.05, 0.1)


@dataclass(frozen=True)
class Found:
    """A pasted face that the detector found."""

    picture: npt.NDArray[np.uint8]
    """The larger picture, (height, width)."""
    truth: Box
    """Where the face was pasted."""
    detection: Detection
    """What the detector says."""
    place: int
    """Its index among the faces."""


def measure_framing(
    faces: Faces, votes: Votes | None, detector: Detector, classifier: EmotionClassifier, seed: int
) -> None:
    """Print how many are found, how the true square lies to the box, and accuracy by framing.

    Raises:
        DatasetError: the detector finds none of the faces, or the model does not know some of their
            emotions.
    """
    faces = numbered_for(classifier.card, faces)
    found = _search(faces, detector, seed)
    print(f"found {len(found)} of {len(faces)} pasted faces")
    if not found:
        raise DatasetError(f"none of {len(faces)} faces was found: no framing to be measured")
    sides, rights, downs = np.array([_relation(item) for item in found]).T
    for name, values in (("side", sides), ("right", rights), ("down", downs)):
        low, middle, high = np.percentile(values, [25, 50, 75])
        print(f"true square: {name:6} median {middle:+.3f}, quartiles {low:+.3f} {high:+.3f}")

    chosen = np.array([item.place for item in found])
    truths = _truths(faces, votes, chosen)
    answers = {
        (side, down): _answers(found, classifier, side, down)
        for side in SQUARE_SIDE_FACTORS
        for down in SQUARE_DOWN_FACTORS
    }
    own = likeliest(classifier, faces.images[chosen])
    for title, right in truths.items():
        print(f"\naccuracy by {title}; in FER2013's own framing {share_right(own, right):.1%}")
        print("side \\ down" + "".join(f"{down:+8.2f}" for down in SQUARE_DOWN_FACTORS))
        for side in SQUARE_SIDE_FACTORS:
            row = (share_right(answers[side, down], right) for down in SQUARE_DOWN_FACTORS)
            print(f"{side:11.2f}" + "".join(f"{rate:8.1%}" for rate in row))


def measure_leaning(
    faces: Faces,
    votes: Votes | None,
    detector: Detector,
    classifier: EmotionClassifier,
    seed: int,
) -> None:
    """Print, for faces that lean, how many are found and how well they are read.

    They are read in the true square turned upright, in the detector's as it lies, and in the
    detector's turned upright.

    Raises:
        DatasetError: the model does not know some of their emotions.
    """
    faces = numbered_for(classifier.card, faces)
    print("\nleaning  found  roll error   accuracy: true square, as it lies, turned upright")
    for lean in LEANS_DEGREES:
        found = _search(faces, detector, seed, lean)
        if not found:
            print(f"{lean:+7.0f}      0")
            continue
        chosen = np.array([item.place for item in found])
        error = np.median([abs(item.detection.roll - lean) for item in found])
        said = [
            _said(classifier, [(item.picture, way(item)) for item in found])
            for way in (
                lambda item: _leaning(item.truth, lean),  # noqa: B023, used within this round
                lambda item: dataclasses.replace(item.detection, landmarks=()),
                lambda item: item.detection,
            )
        ]
        for title, right in _truths(faces, votes, chosen).items():
            rates = "  ".join(f"{share_right(one, right):.1%}" for one in said)
            share = len(found) / len(faces)
            print(f"{lean:+7.0f}  {share:5.0%}  {error:7.1f}°    {title:18} {rates}")


def _truths(
    faces: Faces, votes: Votes | None, chosen: npt.NDArray[np.int64]
) -> dict[str, npt.NDArray[np.int64]]:
    """The right answers to some of PublicTest's faces, by what they are called."""
    truths = truths_of(faces, "PublicTest", votes)
    return {TRUTHS[name]: right[chosen] for name, right in truths.items()}


def _leaning(square: Box, lean: float) -> Detection:
    """A square as a detection whose landmarks lean."""
    turn = math.radians(lean)
    middle = (square.x + square.width / 2, square.y + square.height / 2)
    cosine, sine = square.width * math.cos(turn), square.width * math.sin(turn)
    places = tuple(
        (middle[0] + right * cosine - down * sine, middle[1] + right * sine + down * cosine)
        for right, down in UPRIGHT_LANDMARKS
    )
    return Detection(square, square, 1.0, places)


def _search(faces: Faces, detector: Detector, seed: int, lean: float = 0.0) -> list[Found]:
    random = np.random.default_rng(seed)
    every = (_paste_and_find(faces, place, detector, random, lean) for place in range(len(faces)))
    return [item for item in every if item is not None]


def _paste_and_find(
    faces: Faces, place: int, detector: Detector, random: np.random.Generator, lean: float
) -> Found | None:
    width, height = CANVAS_SIZE_PIXELS
    side = int(random.integers(FACE_SIDES_PIXELS[0], FACE_SIDES_PIXELS[1] + 1))
    left, top = int(random.integers(0, width - side)), int(random.integers(0, height - side))
    face = cv2.resize(faces.images[place], (side, side), interpolation=cv2.INTER_CUBIC)
    # The face's own edges go on outwards, blurred: a head without a frame around its face.
    margins = (top, height - top - side, left, width - left - side)
    around = cv2.copyMakeBorder(face, *margins, cv2.BORDER_REPLICATE)
    picture = np.asarray(cv2.GaussianBlur(around, (0, 0), side / 24), dtype=np.uint8)
    picture[top : top + side, left : left + side] = face
    truth = Box(left, top, side, side)
    if lean:
        turn = cv2.getRotationMatrix2D((left + side / 2 - 0.5, top + side / 2 - 0.5), -lean, 1.0)
        turned = cv2.warpAffine(picture, turn, CANVAS_SIZE_PIXELS, borderMode=cv2.BORDER_REPLICATE)
        picture = np.asarray(turned, dtype=np.uint8)
    close = [hit for hit in detector.detect(picture) if hit.box.iou(truth) > 0.3]
    best = max(close, key=lambda hit: hit.box.iou(truth), default=None)
    return None if best is None else Found(picture, truth, best, place)


def _relation(item: Found) -> tuple[float, float, float]:
    """The true square's side and its centre's way right and down, in the box's longer side."""
    truth, box = item.truth, item.detection.box
    longer = max(box.width, box.height)
    right = truth.x + truth.width / 2 - (box.x + box.width / 2)
    down = truth.y + truth.height / 2 - (box.y + box.height / 2)
    return truth.width / longer, right / longer, down / longer


def _answers(
    found: list[Found], classifier: EmotionClassifier, side: float, down: float
) -> npt.NDArray[np.int64]:
    return _said(
        classifier,
        [(item.picture, _with_square(item.detection, side, down)) for item in found],
    )


def _with_square(detection: Detection, side: float, down: float = 0.0) -> Detection:
    return dataclasses.replace(detection, square=detection.box.square(side, down=down))


def _said(
    classifier: EmotionClassifier, pairs: list[tuple[npt.NDArray[np.uint8], Detection]]
) -> npt.NDArray[np.int64]:
    """(pairs,), the likeliest emotion of each picture's face."""
    labels = classifier.card.labels
    emotions = (classifier.read(picture, [detection])[0] for picture, detection in pairs)
    return np.array([labels.index(emotion.label) for emotion in emotions])


def measure_clip(video: Path, detector: Detector, classifier: EmotionClassifier) -> None:
    """Print, by the square's side, how sure and how steady the answers for a video are."""
    with open_camera(video) as camera:
        pictures = [shrink(frame.image, CANVAS_SIZE_PIXELS[0]) for frame in camera]
    found = [(picture, list(detector.detect(picture))) for picture in pictures]
    seen = [(picture, hits[0]) for picture, hits in found if hits]
    print(f"\n{video.name}: a face in {len(seen)} of {len(pictures)} frames")
    if not seen:
        return
    print("       side  probability  changes  answers")
    for side in SQUARE_SIDE_FACTORS:
        framed = [(picture, _with_square(face, side)) for picture, face in seen]
        print(f"{side:11.2f}  {_steadiness(classifier, framed)}")
    as_it_lies = [(picture, dataclasses.replace(face, landmarks=())) for picture, face in seen]
    print(f"not turned   {_steadiness(classifier, as_it_lies)}")
    print(f"as shipped   {_steadiness(classifier, seen)}")


def _steadiness(
    classifier: EmotionClassifier, pairs: list[tuple[npt.NDArray[np.uint8], Detection]]
) -> str:
    emotions = [classifier.read(picture, [detection])[0] for picture, detection in pairs]
    labels = [emotion.label for emotion in emotions]
    changes = sum(one != other for one, other in itertools.pairwise(labels))
    counts = ", ".join(f"{label} {count}" for label, count in Counter(labels).most_common())
    return f"{np.mean([e.probability for e in emotions]):11.3f}  {changes:7}  {counts}"
