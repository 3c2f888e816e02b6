"""Train emotion networks, and measure what they need."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import numpy as np

from fer_edge.errors import FerEdgeError
from train.faces import SPLITS
from train.networks import NETWORKS
from train.prepared import Prepared, prepare
from train.run_folder import RunFolder
from train.settings import PRECISIONS, Settings
from train.sources import Votes, read_votes
from train.sources.detect import FORMS


def main() -> int:
    """Run one command; 0 if it went well, 1 after an error, 130 after Ctrl-C."""
    args = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        args.run_command(args)
    except FerEdgeError as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("train: stopped; the same command with --resume goes on", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    command = commands.add_parser("prepare", help="read a dataset into the cache and describe it")
    _add_data(command)
    command.set_defaults(run_command=_prepare)

    defaults = Settings(network="edge")
    command = commands.add_parser("fit", help="train a network")
    command.add_argument("network", choices=sorted(NETWORKS))
    _add_data(command)
    command.add_argument("--run", type=Path, required=True, help="the folder that it leaves")
    command.add_argument("--resume", action="store_true", help="go on where the run was stopped")
    for name, kind, what in (
        ("epochs", int, "passes over the training faces"),
        ("batch", int, "faces a step"),
        ("seed", int, "of everything random"),
        ("votes-weight", float, "share of the target that comes from the votes, 0..1"),
        ("learning-rate", float, "its peak"),
        ("weight-decay", float, "decoupled, times the learning rate"),
        ("label-smoothing", float, "share of the target spread over all classes"),
        ("precision", str, f"one of {', '.join(PRECISIONS)}"),
    ):
        default = 0.5 if name == "votes-weight" else getattr(defaults, name.replace("-", "_"))
        note = "with --votes, default" if name == "votes-weight" else "default"
        command.add_argument(
            f"--{name}", type=kind, default=default, help=f"{what} ({note}: {default})"
        )
    command.set_defaults(run_command=_fit)

    command = commands.add_parser("evaluate", help="measure a finished run on both test splits")
    command.add_argument("run", type=Path, help="a folder made by fit")
    _add_data(command)
    command.set_defaults(run_command=_evaluate)

    command = commands.add_parser("calibrate", help="fit a finished run's probabilities")
    command.add_argument("run", type=Path, help="a folder made by fit")
    _add_data(command)
    command.add_argument(
        "--votes-weight",
        type=float,
        default=0.5,
        help="share of the votes in what they are fitted to (with --votes, default: %(default)s)",
    )
    command.set_defaults(run_command=_calibrate)

    command = commands.add_parser("framing", help="measure how a detector's boxes are to be framed")
    _add_data(command)
    command.add_argument("--detector", default="haar", help="haar, or the path of YuNet's .onnx")
    command.add_argument("--model", default="edge", help="a shipped model's name or a path")
    command.add_argument(
        "--faces", type=int, default=2000, help="of PublicTest; default %(default)s"
    )
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--clips", type=Path, nargs="*", default=[], help="videos to read as well")
    command.set_defaults(run_command=_framing)
    return parser


def _add_data(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, required=True, help=FORMS)
    command.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv")
    command.add_argument("--skip-bad", action="store_true", help="leave bad rows and pictures out")
    command.add_argument(
        "--cache", type=Path, default=Path("runs/cache"), help="default: %(default)s"
    )


def _data(args: argparse.Namespace) -> tuple[Prepared, Votes | None]:
    data = prepare(args.data, args.cache, args.skip_bad)
    return data, read_votes(args.votes) if args.votes else None


def _prepare(args: argparse.Namespace) -> None:
    data, votes = _data(args)
    faces = data.faces
    print(f"{data.source}: {len(faces)} faces of {'x'.join(map(str, faces.images.shape[1:3]))}")
    print(f"{'':12}" + "".join(f"{label:>10}" for label in faces.labels))
    for number, split in enumerate(SPLITS):
        counts = np.bincount(faces.label[faces.split == number], minlength=len(faces.labels))
        print(f"{split:12}" + "".join(f"{count:10}" for count in counts))
    if votes:
        print(f"FER+ votes: {int((votes.of(faces).sum(axis=1) > 0).sum())} faces were voted on")


def _fit(args: argparse.Namespace) -> None:
    from train.evaluate import evaluate
    from train.fit import fit

    data, votes = _data(args)
    settings = Settings(
        network=args.network,
        epochs=args.epochs,
        batch=args.batch,
        seed=args.seed,
        votes_weight=args.votes_weight if votes else 0.0,
        learning_rate=args.learning_rate,
        weight_decay=args.weight_decay,
        label_smoothing=args.label_smoothing,
        precision=args.precision,
    )
    run = RunFolder(args.run)
    fit(settings, data, votes, args.votes, run, args.resume)
    evaluate(run, data.faces, votes)


def _evaluate(args: argparse.Namespace) -> None:
    from train.evaluate import evaluate

    data, votes = _data(args)
    evaluate(RunFolder(args.run), data.faces, votes)


def _calibrate(args: argparse.Namespace) -> None:
    from train.calibration import calibrate
    from train.evaluate import evaluate

    data, votes = _data(args)
    run = RunFolder(args.run)
    calibrate(run, data.faces, votes, args.votes_weight)
    evaluate(run, data.faces, votes)


def _framing(args: argparse.Namespace) -> None:
    from fer_edge.classifier import EmotionClassifier
    from fer_edge.detectors import open_detector
    from train.framing import measure_clip, measure_framing

    data, votes = _data(args)
    public = data.faces.only("PublicTest")
    some = public.where(np.arange(len(public)) < args.faces, "PublicTest")
    detector, classifier = open_detector(args.detector), EmotionClassifier(args.model)
    measure_framing(some, votes, detector, classifier, args.seed)
    for clip in args.clips:
        measure_clip(clip, detector, classifier)


if __name__ == "__main__":
    sys.exit(main())
