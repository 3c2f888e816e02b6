"""Parts of the training faces, for networks that each learn without one of them.

Near-duplicates are in one part, because a network that learned a face also knows its copy. So are
all faces of one person, if the source names the person. A hash of a group's first face chooses the
part, so that it is the same in every run on the same data.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from train.data.faces import SPLITS, Faces
from train.data.near_duplicates import groups_of

_known: dict[str, npt.NDArray[np.int64]] = {}
"""Groups by a hash of the faces. A run needs them several times, and to compare all faces takes
seconds."""


def part_of(faces: Faces, parts: int) -> npt.NDArray[np.int64]:
    """The part that each face is in, (faces,): 1..parts; 0 for those that are not in Training.

    Args:
        faces: all of a dataset.
        parts: how many, 2 or more.
    """
    learning = np.flatnonzero(faces.split == SPLITS.index("Training"))
    images, person = faces.images[learning], faces.person[learning]
    digest = hashlib.sha256(images.tobytes() + person.tobytes()).hexdigest()
    if digest not in _known:
        _known.clear()
        _known[digest] = joined(groups_of(images), person)
    firsts, group = np.unique(_known[digest], return_inverse=True)
    hashes = [hashlib.sha256(images[first].tobytes()).digest() for first in firsts]
    drawn = np.array([int.from_bytes(one[:8], "big") % parts + 1 for one in hashes])
    found = np.zeros(len(faces), np.int64)
    found[learning] = drawn[group]
    return found


def joined(group: npt.NDArray[np.int64], person: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The same with all faces of a known person in one group.

    A group is named by its first face. Near-duplicates of several people join these.
    """
    joined = group.copy()
    for one in np.unique(person[person >= 0]):
        together = np.isin(joined, joined[person == one])
        joined[together] = joined[together].min()
    return joined
