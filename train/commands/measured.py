"""Measuring a finished run of whichever kind it is, and telling what came out."""

from __future__ import annotations

from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.evaluate import evaluate, tell
from train.emotion.folds import evaluate_folds
from train.emotion.settings import HEADS
from train.run.folder import RunFolder


def measure_and_tell(run: RunFolder, faces: Faces, votes: Votes | None) -> None:
    """Each head of a run with two; all folds of a run with folds.

    Raises:
        RunError: the run is not finished.
        DatasetError: the dataset has other classes than the run.
    """
    settings = run.read_settings()
    if settings.two_heads and not settings.head:
        for name in HEADS:
            print(f"the head for {name}:")
            measure_and_tell(run.head(name), faces, votes)
        return
    in_folds = settings.folds > 0 and not settings.fold
    tell((evaluate_folds if in_folds else evaluate)(run, faces, votes))
    print(f"report: {run.report}")
