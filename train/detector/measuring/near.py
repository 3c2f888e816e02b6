"""Whether faces are found at every size: from 20 pixels to larger than the picture, each once.

Portraits that no training saw are pasted onto scenes without a face that none saw either, in
pictures of the sizes that detection looks at. In a cell, all faces have one size, in pixels or as a
share of the picture's shorter side. A face that does not fit is cut by the picture's edges.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from fer_edge.detectors import Detector, FaceDetector
from fer_edge.detectors.detector import colour_of
from fer_edge.face import Box, Detection
from train.detector.data.pictures import Picture, is_portrait
from train.detector.measuring.views import PICTURE_ASPECTS, covering, size_of, view_of
from train.detector.scenes.placed import drawn, placing
from train.errors import DatasetError

FACE_SIDES_PIXELS = (20, 24, 28, 32, 36, 50, 70, 100, 140, 200, 280, 400, 560)
"""Of the box's longer side, as far as they are less than the first of SHARES_OF_SHORTER_SIDE."""
SHARES_OF_SHORTER_SIDE = (0.6, 0.8, 1.0, 1.2)
"""Of the picture's shorter side."""
CUT_SHARE = 0.15
"""The share of a face's box that an edge cuts off, where edges are to cut."""
SAME_FACE_IOU = 0.5
"""The intersection over union from which on a detection is the face, both cut to the picture."""


@dataclass(frozen=True)
class Cell:
    """Faces of one size in pictures of one shape."""

    size: tuple[int, int]
    """The picture's width and height in pixels."""
    face: float
    """Pixels of the longer side of each face's box."""
    name: str
    """As it is printed."""
    cut: bool = False
    """Whether an edge cuts each face."""


@dataclass(frozen=True)
class Count:
    """What was found in a cell."""

    once: float
    """The share of faces that a detection hits and no second one overlaps."""
    found: float
    """The share of faces that any detection hits."""
    elsewhere: float
    """Detections that do not overlap the face, for each picture: false faces in the scene."""


class OneLook:
    """The shipped detector without its smaller copies, to compare with."""

    colour = "grey"

    def __init__(self, model: str) -> None:
        """Raises:
        ModelError: no such detector.
        """
        self.detector = FaceDetector(model)

    def detect(self, image: npt.NDArray[np.uint8]) -> list[Detection]:
        """The faces that the network finds in the picture as it is."""
        found = self.detector.find(image, self.detector.card.score_threshold)
        sizes = np.maximum(found.boxes[:, 2:] - found.boxes[:, :2], 1e-6)
        boxes = [Box(*row) for row in np.hstack([found.boxes[:, :2], sizes]).tolist()]
        pairs = zip(boxes, found.scores.tolist(), strict=True)
        return [Detection(box, box, score) for box, score in pairs]


def measure_near(
    detector: Detector, held_out: Sequence[Picture], portraits: int, sides: Sequence[int]
) -> None:
    """Print the share found once in each cell, what was found elsewhere in its pictures, and false
    faces on scenes without any.

    Args:
        detector: gets pictures of each size, not scaled.
        held_out: pictures that no training saw, portraits and scenes among them.
        portraits: how many to paste in each cell, at most.
        sides: pixels of the pictures' longer sides.

    Raises:
        DatasetError: there is no portrait or no scene among the pictures.
    """
    faces = [one for one in held_out if is_portrait(one)][:portraits]
    scenes = [one for one in held_out if one.is_faceless]
    if not faces or not scenes:
        raise DatasetError("expected portraits, and scenes without a face, among the pictures")
    print(
        f"{len(faces)} portraits, {len(scenes)} scenes; of each cell: found once / found at all / "
        "false faces elsewhere in its pictures"
    )
    for side in sides:
        worst: dict[str, float] = {}
        for shape, cut in itertools.product(PICTURE_ASPECTS, (False, True)):
            told = []
            for cell in cells(side, shape, cut):
                counted = count(detector, cell, faces, scenes)
                told.append(
                    f"{cell.name} {counted.once:.1%} / {counted.found:.1%} / "
                    f"{counted.elsewhere:.1%}"
                )
                if not cut:
                    worst[cell.name] = min(counted.once, worst.get(cell.name, 1.0))
            where = f"{side} px, {shape}" + (f", {CUT_SHARE:.0%} cut off by an edge" if cut else "")
            print(f"{where}: " + "; ".join(told), flush=True)
        told = [f"{name} {once:.1%}" for name, once in worst.items()]
        print(f"{side} px, found once in the worst shape: " + "; ".join(told), flush=True)
        found, looked = false_faces(detector, side, scenes)
        print(f"{side} px: {found} false faces in {looked} pictures of scenes", flush=True)


def cells(side: int, shape: str, cut: bool = False) -> Iterator[Cell]:
    """Those of one shape where the longer side of pictures is `side` pixels; near ones if cut."""
    size = size_of(side, shape)
    shorter = min(size)
    for pixels in FACE_SIDES_PIXELS:
        if pixels < SHARES_OF_SHORTER_SIDE[0] * shorter and not cut:
            yield Cell(size, pixels, f"{pixels} px", cut)
    for share in SHARES_OF_SHORTER_SIDE:
        yield Cell(size, share * shorter, f"{share:.0%} of the shorter side", cut)


def count(
    detector: Detector, cell: Cell, portraits: Sequence[Picture], scenes: Sequence[Picture]
) -> Count:
    """Look for each portrait's face in one picture.

    Args:
        detector: is given grey pictures, in the colours that it wants.
        cell: what they are like.
        portraits: with one face each.
        scenes: without any; each is used several times.
    """
    random = np.random.default_rng(1)
    overlaps, touching, elsewhere = [], [], 0
    for portrait, scene in zip(portraits, itertools.cycle(scenes), strict=False):
        picture, face = pasted(portrait, scene, cell, random)
        shares = [visible(one, cell.size).iou(face) for one in detections_in(detector, picture)]
        overlaps.append(max(shares, default=0.0))
        touching.append(sum(share > 0 for share in shares))
        elsewhere += sum(share == 0 for share in shares)
    hit = np.array(overlaps) >= SAME_FACE_IOU
    return Count(
        once=float((hit & (np.array(touching) == 1)).mean()),
        found=float(hit.mean()),
        elsewhere=elsewhere / len(overlaps),
    )


def detections_in(detector: Detector, picture: npt.NDArray[np.uint8]) -> Sequence[Detection]:
    """The faces that a detector finds in a grey picture."""
    if colour_of(detector) == "bgr":
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
    return detector.detect(picture)


def pasted(
    portrait: Picture, scene: Picture, cell: Cell, random: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], Box]:
    """A picture, and where the part of the face's box lies that is to be seen in it."""
    box = portrait.boxes[0].astype(np.float64)
    sides = box[2:] - box[:2]
    scale = cell.face / sides.max()
    centre = _centre(sides * scale, cell, random)
    middle = (box[:2] + box[2:]) / 2
    matrix = placing(scale, 0.0, False, around=middle, onto=centre)
    under = covering(scene.image, cell.size)
    picture = drawn(portrait.image, matrix, scale, cell.size, under=under)
    left, top = centre - sides * scale / 2
    width, height = sides * scale
    return picture, _clipped(Box(float(left), float(top), float(width), float(height)), cell.size)


def _centre(
    sides: npt.NDArray[np.float64], cell: Cell, random: np.random.Generator
) -> npt.NDArray[np.float64]:
    """A place where the whole box is visible; the middle along an axis that is too short for it."""
    low, high = sides / 2, np.array(cell.size) - sides / 2
    anywhere = random.uniform(np.minimum(low, high), np.maximum(low, high))
    centre = np.where(low < high, anywhere, np.array(cell.size) / 2)
    if cell.cut:
        axis, is_far = int(random.integers(2)), int(random.integers(2))
        out = CUT_SHARE * sides[axis]
        centre[axis] = high[axis] + out if is_far else low[axis] - out
    return np.asarray(centre, np.float64)


def visible(detection: Detection, size: tuple[int, int]) -> Box:
    """The part of its box that lies in the picture."""
    return _clipped(detection.box, size)


def _clipped(box: Box, size: tuple[int, int]) -> Box:
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    right, bottom = min(box.x + box.width, size[0]), min(box.y + box.height, size[1])
    return Box(left, top, max(right - left, 1e-6), max(bottom - top, 1e-6))


def false_faces(detector: Detector, side: int, scenes: Sequence[Picture]) -> tuple[int, int]:
    """How many faces are found in scenes without any, in all shapes, and in how many pictures."""
    found = sum(
        len(detections_in(detector, view_of(scene, side, shape)))
        for scene, shape in itertools.product(scenes, PICTURE_ASPECTS)
    )
    return found, len(scenes) * len(PICTURE_ASPECTS)
