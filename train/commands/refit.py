"""Fit a finished run's last layers anew: an emotion network's, and a detector's."""

from __future__ import annotations

import argparse
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.finished import add_change
from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.run import EmotionRun


def add(commands: Any) -> None:
    """The parser of `refit`."""
    add_change(commands, "refit", "fit a finished run's last layers anew", _refit)


def _refit(run: EmotionRun, faces: Faces, votes: Votes | None, args: argparse.Namespace) -> None:
    from train.emotion.refit import refit

    refit(run, faces, votes, args.truth)


def add_detector_refit(actions: Any) -> None:
    """The parser of `detector refit`."""
    parser = actions.add_parser("refit", help="fit a finished run's landmarks to people's marks")
    parser.add_argument("run", type=named_path, help="a folder made by detector fit or average")
    parser.add_argument("--data", type=named_path, required=True, help="the zip it learned from")
    parser.add_argument("--teacher", type=named_path, help="YuNet's .onnx, if it learned from it")
    parser.set_defaults(run_command=_refit_detector)


def _landmark_error(run: Any) -> float | None:
    """As its card says, where it does."""
    told = (run.read_card().accuracy.get("float32") or {}).get("landmark_error")
    return told if isinstance(told, float) else None


def _refit_detector(args: argparse.Namespace) -> None:
    from train.detector.data.training_set import Sources
    from train.detector.landmarks.refit import refit_landmarks
    from train.detector.run import DetectorRun

    run = DetectorRun(args.run)
    before = _landmark_error(run)
    refit_landmarks(run, Sources(args.data, args.teacher))
    after = _landmark_error(run)
    print(f"{run.before_refit_file}: the network as it was; trainings go on from this one")
    if after is None:
        print(f"{args.run}: fitted; no held-out portrait is found, so landmarks are not measured")
        return
    earlier = "" if before is None else f", {before:.1%} before"
    print(
        f"{args.run}: on held-out portraits, landmarks are off by {after:.1%} of the eyes' "
        f"distance{earlier}"
    )
