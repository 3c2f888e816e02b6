"""Writes the faces that conversion needs, so that it reads no dataset; see `fer_edge.handover`."""

from __future__ import annotations

import numpy as np

from fer_edge.handover import TEST_SPLITS, EmotionHandover, TestFaces
from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.run import EmotionRun
from train.emotion.truths import truths_of
from train.run.files import replacing

CALIBRATION_FACES = 1000


def hand_over(run: EmotionRun, faces: Faces, votes: Votes | None, seed: int) -> None:
    """Write `faces.npz`: the test splits, and training faces that the seed draws.

    Raises:
        RunError: it cannot be written.
    """
    learning = faces.only("Training").images
    chosen = np.random.default_rng(seed).permutation(len(learning))[:CALIBRATION_FACES]
    tests = {
        split: TestFaces(faces.only(split).images, truths_of(faces, split, votes))
        for split in TEST_SPLITS
        if faces.has(split)
    }
    with replacing(run.faces_file) as draft:
        EmotionHandover(learning[np.sort(chosen)], tests).write(draft)
