"""Train a face detector."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.settings_options import (
    add_settings,
    chosen_settings,
    hash_of_weights,
    of_the_command_line,
    refuse_beside_resume,
)
from train.commands.stopped import telling_how_it_goes_on
from train.data.prepared import DEFAULT_CACHE_FOLDER
from train.detector.network_files import SETTINGS, NetworkFiles
from train.detector.run import DetectorRun
from train.detector.settings import DetectorSettings
from train.errors import RunError, UsageError
from train.run.setting import described


def add_detector_fit(actions: Any) -> None:
    """The parser of `detector fit`."""
    parser = actions.add_parser("fit", help="train the face detector")
    parser.add_argument("--data", type=named_path, help="a zip in COCO's form")
    parser.add_argument(
        "--teacher",
        type=named_path,
        help="YuNet's .onnx, the teacher: it marks faces that nobody marked",
    )
    parser.add_argument(
        "--crops", type=named_path, help="FER2013, whose Training faces are pasted as small ones"
    )
    parser.add_argument(
        "--cache", type=named_path, default=DEFAULT_CACHE_FOLDER, help="default: %(default)s"
    )
    parser.add_argument("--run", type=named_path, help="the run's folder (default: runs/NETWORK)")
    add_settings(parser, DetectorSettings())
    parser.add_argument(
        "--resume", type=named_path, metavar="RUN", help="go on with a run; needs nothing else"
    )
    parser.set_defaults(run_command=_fit)


def _fit(args: argparse.Namespace) -> None:
    if args.set == ["help"]:
        print("\n".join(described(DetectorSettings())))
        return
    from train.detector.fit import fit_detector

    if args.resume:
        run, settings, sources, cache, files = _resumed(args)
    elif args.data:
        run, settings, sources, cache, files = _new(args)
    else:
        raise UsageError("expected --data, or --resume and a run's folder")
    with telling_how_it_goes_on(args, run, "detector fit"):
        fit_detector(settings, sources, run, cache, files, resume=bool(args.resume))


Begun = tuple[DetectorRun, DetectorSettings, Any, Path, NetworkFiles]
"""The run, its settings and sources, the cache's folder, and the networks that it begins with."""


def _resumed(args: argparse.Namespace) -> Begun:
    from train.detector.data.training_set import Sources

    refuse_beside_resume(args, ("data", "teacher", "crops", "run"))
    run = DetectorRun(args.resume)
    settings, files = run.read_settings(), run.read_files()
    sources = Sources(files["data"], files.get("teacher"), files.get("crops"))
    run.check_files_are_there(path for name, path in files.items() if name != "cache")
    networks = NetworkFiles(files.get("weights"), files.get("network"))
    hashes = {"weights": settings.network.weights, "network": settings.distillation.network}
    for name, path in networks.there().items():
        if hash_of_weights(path) != hashes[name]:
            raise RunError(f"{path} is not what {run.folder} was begun with any more")
    return run, settings, sources, files.get("cache", args.cache), networks


def _new(args: argparse.Namespace) -> Begun:
    from train.detector.data.training_set import Sources

    chosen = chosen_settings(args, DetectorSettings())
    given = {name: chosen.get(setting) for name, setting in SETTINGS.items()}
    networks = NetworkFiles(**{name: Path(one) for name, one in given.items() if one})
    for name, path in networks.there().items():
        chosen[SETTINGS[name]] = hash_of_weights(path)
    with of_the_command_line():
        settings = DetectorSettings.of(chosen)
    run, sources = (
        args.run or Path("runs") / settings.network.name,
        Sources(args.data, args.teacher, args.crops),
    )
    return DetectorRun(run), settings, sources, args.cache, networks
