"""Hard negatives: false faces that a network finds in the pictures that it has learned from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from train.detector.candidate_detectors import CandidateDetector, candidates_at
from train.detector.data.pictures import DETECTION_SIDE_PIXELS, Picture, touches

Patch = npt.NDArray[np.uint8]

LOWEST_MISTAKE_SCORE = 0.3
"""The score from which on it is a mistake."""
MARGIN_BOX_SIDES = (0.5, 0.1)
"""How much is cut out around one, as a share of its longer side; the second where
a face is near."""


def mistakes(pictures: Sequence[Picture], detector: CandidateDetector) -> list[Patch]:
    """Each of them, with what is around it; (height, width) differ."""
    found = []
    for picture in pictures:
        for box in candidates_at(
            detector, picture.image, DETECTION_SIDE_PIXELS, LOWEST_MISTAKE_SCORE
        ).boxes:
            patch = _cut_out(picture, box)
            if patch is not None:
                found.append(patch)
    return found


def _cut_out(picture: Picture, box: npt.NDArray[np.float32]) -> Patch | None:
    """None where a face is, or where too little is to be seen."""
    height, width = picture.image.shape
    for margin in MARGIN_BOX_SIDES:
        reach = margin * (box[2:] - box[:2]).max()
        low = np.maximum(np.floor(box[:2] - reach), 0).astype(int)
        high = np.minimum(np.ceil(box[2:] + reach), (width, height)).astype(int)
        if not touches(picture.boxes, low, high):
            (left, top), (right, bottom) = low.tolist(), high.tolist()
            patch = picture.image[top:bottom, left:right]
            return patch if min(patch.shape) >= 8 else None
    return None
