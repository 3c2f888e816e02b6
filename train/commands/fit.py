"""Train a network."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.data import add_data
from train.commands.settings_options import (
    add_settings,
    chosen_settings,
    hash_of_weights,
    of_the_command_line,
    refuse_beside_resume,
)
from train.commands.stopped import telling_how_it_goes_on
from train.data.hashes import hash_of
from train.data.prepared import prepare
from train.data.sources import read_votes
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.settings import Settings, completed
from train.errors import RunError, UsageError
from train.networks import NETWORKS
from train.run.setting import described

UNLABELLED_HELP = (
    "learn soft targets for these faces, too: a zip of pictures with annotations/train.json in "
    "COCO's form, or anything that --data takes"
)


def add(commands: Any) -> None:
    """The parser of `fit`."""
    parser = commands.add_parser(
        "fit",
        help="train a network",
        usage="%(prog)s NETWORK --data DATA [options], or %(prog)s --resume RUN",
        epilog="Every network has its own settings, which options replace. --set help shows all "
        "settings.",
    )
    parser.add_argument(
        "network", nargs="?", metavar="NETWORK", help=f"one of {', '.join(sorted(NETWORKS))}"
    )
    add_data(parser, required=False)
    parser.add_argument("--run", type=named_path, help="the run's folder (default: runs/NETWORK)")
    parser.add_argument(
        "--teachers",
        type=named_path,
        nargs="+",
        metavar="RUN",
        help="learn soft targets from finished runs",
    )
    parser.add_argument("--unlabelled", type=named_path, metavar="FILE", help=UNLABELLED_HELP)
    parser.add_argument(
        "--hold-out",
        metavar="K/N",
        help="learn without part K of N of the training faces, to be a teacher for that part",
    )
    add_settings(parser, Settings())
    parser.add_argument(
        "--resume", type=named_path, metavar="RUN", help="go on with a run; needs nothing else"
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Train, evaluate, print."""
    if args.set == ["help"]:
        print("\n".join(described(Settings.of(args.network or "edge", {}))))
        return
    folder, settings, files = _resumed(args) if args.resume else _new(args)
    from train.commands.measured import measure_and_print
    from train.emotion.fit import fit
    from train.emotion.folds import fit_folds

    assert files.data_file is not None, "both ways name it"
    data = prepare(files.data_file, files.cache_folder, files.skip_bad)
    votes = read_votes(files.votes_file) if files.votes_file else None
    in_folds = settings.data.folds and not settings.data.fold
    train = fit_folds if in_folds else fit
    with telling_how_it_goes_on(args, folder, "fit"):
        train(settings, data, votes, folder, files, resume=bool(args.resume))
        measure_and_print(folder, data.faces, votes)


def _resumed(args: argparse.Namespace) -> tuple[EmotionRun, Settings, RunFiles]:
    names = ("network", "data", "votes", "run", "teachers", "unlabelled", "hold_out", "skip_bad")
    refuse_beside_resume(args, names)
    run = EmotionRun(args.resume)
    settings, files = run.read_settings(), RunFiles.of_run(run.read_facts())
    if settings.network.head:
        raise RunError(
            f"{run.folder} is only one head of a training: --resume {run.folder.parent} goes on"
        )
    hashes, folders = settings.distillation.teachers, files.teacher_folders
    if len(folders) != len(hashes):
        raise RunError(
            f"{run.folder} was begun with {len(hashes)} teachers, and its run.json names "
            f"{len(folders)} folders of theirs (under files): name each, in the same order"
        )
    begun_with = (files.data_file, files.votes_file, files.weights_file, files.unlabelled_file)
    run.check_files_are_there((*begun_with, *folders))
    for path, known in (
        (files.weights_file, settings.network.weights),
        *zip((EmotionRun(one).model_file for one in folders), hashes, strict=True),
    ):
        if path and hash_of_weights(path) != known:
            raise RunError(f"{path} is not what {run.folder} was begun with any more")
    return run, settings, files


def _new(args: argparse.Namespace) -> tuple[EmotionRun, Settings, RunFiles]:
    if not args.network or not args.data:
        raise UsageError("expected a network and --data, or --resume and a run's folder")
    chosen = chosen_settings(args, Settings())
    weights = Path(chosen["network.weights"]) if chosen.get("network.weights") else None
    if weights:
        chosen["network.weights"] = hash_of_weights(weights)
    teachers = tuple(_hash_of_network(EmotionRun(path)) for path in args.teachers or ())
    chosen = completed(chosen, bool(args.votes), teachers)
    if args.hold_out is not None:
        chosen |= _parts(args.hold_out, chosen)
    with of_the_command_line():
        settings = Settings.of(args.network, chosen)
    files = RunFiles(
        data_file=args.data,
        votes_file=args.votes,
        weights_file=weights,
        teacher_folders=tuple(args.teachers or ()),
        unlabelled_file=args.unlabelled,
        cache_folder=args.cache,
        skip_bad=args.skip_bad,
    )
    return EmotionRun(args.run or Path("runs") / args.network), settings, files


def _parts(text: str, chosen: dict[str, Any]) -> dict[str, int]:
    match = re.fullmatch(r"(\d{1,3})/(\d{1,3})", text, re.ASCII)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"expected --hold-out K/N, a part from 1/N to N/N like 1/3; got {text!r}")
    if "data.hold_out" in chosen or "data.parts" in chosen:
        raise UsageError(
            "--hold-out and --set data.hold_out or data.parts say the same: give one of them"
        )
    return {"data.hold_out": int(match[1]), "data.parts": int(match[2])}


def _hash_of_network(teacher: EmotionRun) -> str:
    if not teacher.model_file.is_file():
        raise RunError(f"{teacher.folder} cannot teach: it is not the folder of a finished run")
    return hash_of(teacher.model_file)
