"""Average the weights of finished runs: of emotion networks, and of face detectors."""

from __future__ import annotations

import argparse
from typing import Any

from fer_edge.command.parser import named_path
from train.emotion.run import EmotionRun


def add(commands: Any) -> None:
    """The parser of `average`."""
    parser = commands.add_parser(
        "average", help="make a run whose weights are the mean of those of runs with a common start"
    )
    _add_runs(parser)
    parser.set_defaults(run_command=run)


def add_detectors(actions: Any) -> None:
    """The parser of `detector average`."""
    parser = actions.add_parser(
        "average", help="make a run whose weights are the mean of those of detectors"
    )
    _add_runs(parser)
    parser.set_defaults(run_command=run_detectors)


def _add_runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=named_path, metavar="OUT", help="the new run's folder")
    parser.add_argument(
        "runs", type=named_path, nargs="+", metavar="RUN", help="two finished runs or more"
    )
    parser.add_argument(
        "--replace", action="store_true", help="OUT may hold an earlier mean, which is replaced"
    )


def run(args: argparse.Namespace) -> None:
    """Leave OUT, as `fit` would."""
    from train.emotion.average import average

    average([EmotionRun(path) for path in args.runs], EmotionRun(args.out), replace=args.replace)
    print(f"{args.out}: the mean of {len(args.runs)} runs; evaluate measures it")


def run_detectors(args: argparse.Namespace) -> None:
    """Leave OUT, as `detector fit` would."""
    from train.detector.average import average_detectors
    from train.detector.run import DetectorRun

    runs, out = [DetectorRun(path) for path in args.runs], DetectorRun(args.out)
    average_detectors(runs, out, replace=args.replace)
    print(f"{args.out}: the mean of {len(runs)} runs; detector evaluate measures it")
