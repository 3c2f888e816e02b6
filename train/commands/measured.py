"""Measures a finished run and prints the figures."""

from __future__ import annotations

from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.evaluate import evaluate, tell
from train.emotion.folds import evaluate_folds
from train.emotion.run import EmotionRun
from train.emotion.settings import HEADS


def measure_and_print(
    run: EmotionRun, faces: Faces, votes: Votes | None, *, final: bool = False
) -> None:
    """Measure and print each head of a run with two, or all folds of a run with folds.

    Raises:
        RunError: the run is not finished.
        DatasetError: the dataset has other classes than the run.
    """
    settings = run.read_settings()
    if settings.network.two_heads and not settings.network.head:
        for name in HEADS:
            print(f"the head for {name}:")
            measure_and_print(run.head(name), faces, votes, final=final)
        return
    in_folds = settings.data.folds > 0 and not settings.data.fold
    tell(
        evaluate_folds(run, faces, votes) if in_folds else evaluate(run, faces, votes, final=final)
    )
    print(f"report: {run.report_file}")
