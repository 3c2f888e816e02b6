"""Train a network."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from train.commands.data import add_data, read_data
from train.data.hashes import hash_of
from train.emotion.settings import OPTIMIZERS, PRECISIONS, Settings
from train.errors import RunError
from train.networks import NETWORKS
from train.run.folder import RunFolder

CHOICES = (
    ("epochs", int, "passes over the training faces"),
    ("batch", int, "faces a step"),
    ("seed", int, "of everything random"),
    ("sample", int, "learn from so many faces only, drawn from each class alike; 0: from all"),
    ("also-public", float, "share of PublicTest to learn from, too, once all else is chosen"),
    ("folds", int, "cross-validate in so many parts with no person in two; 0: not at all"),
    ("votes-weight", float, "share of the target that comes from the votes (with --votes: 0.5)"),
    ("teachers-weight", float, "share of the target that teachers say (with --teachers: 0.9)"),
    ("views", int, "with --teachers: ways that each face is shown in (default: 16)"),
    ("views-mean", float, "share of what teachers say that is their mean over a face's views"),
    ("optimizer", str, f"one of {', '.join(OPTIMIZERS)}"),
    ("learning-rate", float, "its peak"),
    ("cycles", int, "times that the rate rises and falls, each peak two thirds of the last"),
    ("drop-at", int, "keep the rate until this epoch, then a tenth of it; 0: a cosine"),
    ("weight-decay", float, "decoupled, times the learning rate"),
    ("dropout", float, "share of the features before the last layer"),
    ("label-smoothing", float, "share of the target spread over all classes"),
    ("augmentation", float, "how far faces are varied; 0: not at all, 1: as is usual here"),
    ("quality", float, "share of faces that are blurred, and share that gets noise"),
    ("mixup", float, "mix faces in pairs, shares by a beta distribution of it; 0: not at all"),
    ("average", float, "of the averaged weights, what each step keeps; 0: no averaging"),
    ("patience", int, "stop after so many epochs without a better PublicTest accuracy; 0: never"),
    ("precision", str, f"one of {', '.join(PRECISIONS)}"),
)


def add(commands: Any) -> None:
    """The parser of `fit`."""
    parser = commands.add_parser(
        "fit",
        help="train a network",
        epilog="Every network has a recipe of its own; what is given here takes its place.",
    )
    parser.add_argument("network", choices=sorted(NETWORKS))
    add_data(parser)
    parser.add_argument(
        "--run", type=Path, help="the folder that it leaves (default: runs/NETWORK)"
    )
    parser.add_argument("--resume", action="store_true", help="go on where the run was stopped")
    parser.add_argument(
        "--classes", help="emotions to tell apart, with commas (default: those in the data)"
    )
    for name, kind, what in CHOICES:
        parser.add_argument(f"--{name}", type=kind, help=what)
    parser.add_argument(
        "--class-weights",
        action="store_true",
        default=None,
        help="faces of rare classes count more",
    )
    parser.add_argument(
        "--two-heads",
        action="store_true",
        default=None,
        help="learn votes in one head and labels in another, on one trunk",
    )
    parser.add_argument(
        "--weights",
        type=Path,
        help="start from a Keras file of this network or a PyTorch state file",
    )
    parser.add_argument(
        "--teachers", type=Path, nargs="+", metavar="RUN", help="learn also from finished runs"
    )
    parser.add_argument(
        "--tensorboard", action="store_true", help="leave logs for TensorBoard in the run"
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Train, evaluate, tell."""
    from train.commands.measured import measure_and_tell
    from train.emotion.fit import fit
    from train.emotion.folds import fit_folds

    settings = _settings(args)
    data, votes = read_data(args)
    folder = RunFolder(args.run or Path("runs") / args.network)
    (fit_folds if settings.folds else fit)(
        settings,
        data,
        votes,
        folder,
        weights_file=args.weights,
        teachers=[RunFolder(path) for path in args.teachers or ()],
        resume=args.resume,
        tensorboard=args.tensorboard,
    )
    measure_and_tell(folder, data.faces, votes)


def _settings(args: argparse.Namespace) -> Settings:
    names = [name.replace("-", "_") for name, _, _ in CHOICES] + ["class_weights", "two_heads"]
    chosen = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    if args.classes:
        chosen["classes"] = tuple(name.strip() for name in args.classes.split(","))
    if args.weights and args.weights.is_file():
        chosen["weights"] = hash_of(args.weights)
    chosen["votes_weight"] = chosen.get("votes_weight", 0.5) if args.votes else 0.0
    if args.teachers:
        chosen = {"teachers_weight": 0.9, "views": 16, **chosen}
        chosen["teachers"] = tuple(_hash_of_network(RunFolder(path)) for path in args.teachers)
    return Settings.of(args.network, chosen)


def _hash_of_network(teacher: RunFolder) -> str:
    if not teacher.model.is_file():
        raise RunError(f"{teacher.path} cannot teach: it is not the folder of a finished run")
    return hash_of(teacher.model)
