"""Faces that occur more than once, found by a perceptual hash.

FER2013 was gathered by web search, which gave many pictures more than once. The hash says for each
of 16x16 places whether it is lighter than its left neighbour (difference hash, Krawetz 2013).
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from train.data.faces import SPLITS, Faces

HASH_SIDE_CELLS = 16
NEAR_DUPLICATE_BITS = 30
"""Of 256 bits, how many may differ. Up to there, pairs were seen to be the same picture, cut or
compressed anew. From about 40 on they are other people in the same pose."""
COMPARED_AT_ONCE = 1024
Images = npt.NDArray[np.uint8]


def near_duplicates(faces: Faces, split: str) -> npt.NDArray[np.bool_]:
    """Which faces of a test split have a near-duplicate in a split before it, (faces,).

    Raises:
        DatasetError: the split has no faces, or none are before it.
    """
    before = faces.where(faces.split < SPLITS.index(split), f"what comes before {split}")
    return resembling(faces.only(split).images, before.images)


def resembling(images: Images, others: Images) -> npt.NDArray[np.bool_]:
    """Which of some faces have a near-duplicate among others, (faces,).

    Args:
        images: (faces, height, width, channels).
        others: likewise, one or more.
    """
    found = np.zeros(len(images), bool)
    for places, near in _near(_hashes(images), _hashes(others)):
        found[places] = near.any(axis=1)
    return found


def groups_of(images: Images) -> npt.NDArray[np.int64]:
    """The first face of each face's group, (faces,).

    Near-duplicates are in one group, and so are near-duplicates of these.

    Args:
        images: (faces, height, width, channels).
    """
    hashes = _hashes(images)
    rows, columns = np.concatenate(
        [np.argwhere(near) + np.array([places.start, 0]) for places, near in _near(hashes, hashes)]
    ).T
    links = coo_array((np.ones(len(rows), bool), (rows, columns)), (len(images), len(images)))
    _, group = connected_components(links, directed=False)
    _, first = np.unique(group, return_index=True)
    return np.asarray(first[group], np.int64)


def _near(
    some: npt.NDArray[np.float32], others: npt.NDArray[np.float32]
) -> Iterator[tuple[slice, npt.NDArray[np.bool_]]]:
    """For a few of `some` at a time, which of all others are near-duplicates: (few, others)."""
    least = HASH_SIDE_CELLS * HASH_SIDE_CELLS - 2 * NEAR_DUPLICATE_BITS
    for start in range(0, len(some), COMPARED_AT_ONCE):
        places = slice(start, start + COMPARED_AT_ONCE)
        # For vectors of 1 and -1 the product is the number of equal bits minus that of different
        # bits.
        yield places, some[places] @ others.T >= least


def _hashes(images: Images) -> npt.NDArray[np.float32]:
    """(faces, HASH_SIDE_CELLS²), 1 or -1."""
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
