"""What conversion needs of the data: `faces.npz` in the run folder, so that it reads no dataset.

For each test split its pictures, the dataset's labels and FER+'s majority (-1 where there is none);
and some training faces, drawn by the run's seed, to calibrate the quantization on. Pictures are
faces from hair line to chin at the size of their source; `fer_edge.model_input` makes of them what
the network takes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from train.data.faces import SPLITS, Faces
from train.data.sources import Votes
from train.emotion.truths import truths_of
from train.run.folder import RunFolder

CALIBRATION_FACES = 1000


def hand_over(run: RunFolder, faces: Faces, votes: Votes | None, seed: int) -> None:
    """Write `faces.npz`."""
    learning = faces.only("Training").images
    chosen = np.random.default_rng(seed).permutation(len(learning))[:CALIBRATION_FACES]
    arrays: dict[str, Any] = {"calibration": learning[np.sort(chosen)]}
    for split in SPLITS[1:]:
        if faces.has(split):
            arrays[f"{split}.images"] = faces.only(split).images
            for truth, right in truths_of(faces, split, votes).items():
                arrays[f"{split}.{truth}"] = right
    np.savez(run.faces, **arrays)
