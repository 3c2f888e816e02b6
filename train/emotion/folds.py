"""Cross-validation: one run for each part of the data, and their common figures."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

import numpy as np

from train.data.faces import SPLITS, Faces
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.begin_run import begin_run, check_takes_votes
from train.emotion.evaluate import answers_of, evaluate
from train.emotion.fit import fit
from train.emotion.measuring.metrics import Answered, measure
from train.emotion.report.run_report import write_report
from train.emotion.run import EmotionRun
from train.emotion.run_files import NO_FILES, RunFiles
from train.emotion.selection import selection
from train.emotion.settings import Settings
from train.run.begin import held
from train.run.files import read_json, write_json
from train.run.lock import locked

log = logging.getLogger(__name__)


def fit_folds(
    settings: Settings,
    data: Prepared,
    votes: Votes | None,
    run: EmotionRun,
    files: RunFiles = NO_FILES,
    *,
    resume: bool = False,
) -> None:
    """Train as many networks as there are folds; see `fit`. Folds that are finished are kept."""
    check_takes_votes(settings, votes)
    with held(run):
        begin_run(run, settings, data, selection(data.faces, settings), votes, files, resume)
        for number in range(1, settings.data.folds + 1):
            fold = run.fold(number)
            if not fold.model_file.exists():
                log.info("fold %d of %d", number, settings.data.folds)
                one = settings.changed(data={"fold": number})
                fit(one, data, votes, fold, files, resume=resume)


def evaluate_folds(run: EmotionRun, faces: Faces, votes: Votes | None) -> dict[str, Any]:
    """Measure each fold's run on the part that it did not see, and all folds together.

    Each face is tested once. Accuracy, loss and calibration error are the folds' means, beside
    their standard deviation; precision, recall and pictures are of all folds' answers.

    Raises:
        RunError: a fold is not finished.
    """
    settings = run.read_settings()
    parts = [run.fold(number) for number in range(1, settings.data.folds + 1)]
    each = [evaluate(part, faces, votes, final=True) for part in parts]
    answers = [answers_of(part, faces, votes, SPLITS) for part in parts]
    results: dict[str, Any] = {}
    together: dict[tuple[str, str], Answered] = {}
    for split, truth in answers[0]:
        several = [results_of_one[split][truth] for results_of_one in each]
        pooled = _together([one[split, truth] for one in answers])
        means = {
            name: float(np.mean([figures[name] for figures in several]))
            for name in ("accuracy", "loss", "calibration_error")
        }
        accuracies = [figures["accuracy"] for figures in several]
        spread = {"fold_accuracy": accuracies, "deviation": float(np.std(accuracies))}
        results.setdefault(split, {})[truth] = {**measure(pooled), **means, **spread}
        together[split, truth] = pooled
    with locked(run.folder):
        write_json(run.evaluation_file, results)
        write_json(run.summary_file, read_json(parts[0].summary_file))
        write_report(run, None, selection(faces, settings), together, results)
    return results


def _together(parts: list[Answered]) -> Answered:
    return dataclasses.replace(
        parts[0],
        title=f"{parts[0].title}, {len(parts)} folds",
        images=np.concatenate([part.images for part in parts]),
        expected=np.concatenate([part.expected for part in parts]),
        probabilities=np.concatenate([part.probabilities for part in parts]),
    )
