"""Test faces that also occur among those which a network may have seen, found by a perceptual hash.

FER2013 was gathered by web search, which gave many pictures more than once. The hash says for each
of 16x16 places whether it is lighter than its left neighbour (difference hash, Krawetz 2013).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from train.data.faces import SPLITS, Faces

HASH_SIDE_CELLS = 16
NEAR_DUPLICATE_BITS = 30
"""Of 256 bits, how many may differ. Up to there, pairs were seen to be the same picture, cut or
compressed anew. From about 40 on they are other people in the same pose."""


def near_duplicates(faces: Faces, split: str) -> npt.NDArray[np.bool_]:
    """Which faces of a test split have a near-duplicate in a split before it, (faces,).

    Raises:
        DatasetError: the split has no faces, or none are before it.
    """
    before = faces.where(faces.split < SPLITS.index(split), f"what comes before {split}")
    learned = _hashes(before.images)
    tested = _hashes(faces.only(split).images)
    # Of vectors of 1 and -1 the product is the bits that agree less those that differ.
    return np.asarray(
        (tested @ learned.T).max(axis=1)
        >= HASH_SIDE_CELLS * HASH_SIDE_CELLS - 2 * NEAR_DUPLICATE_BITS
    )


def _hashes(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(faces, SIDE²), 1 or -1."""
    small = np.stack(
        [
            cv2.resize(
                face[:, :, 0], (HASH_SIDE_CELLS + 1, HASH_SIDE_CELLS), interpolation=cv2.INTER_AREA
            )
            for face in images
        ]
    ).astype(np.int16)
    signs = np.where(np.diff(small, axis=2) > 0, 1, -1)
    return signs.reshape(len(images), -1).astype(np.float32)
