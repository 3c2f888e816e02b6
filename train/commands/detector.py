"""Train the face detector, and measure detectors."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.average import add_detectors
from train.commands.detectors import DETECTOR_HELP
from train.commands.numbers import whole_number
from train.commands.refit import add_detector_refit
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
from train.run.files import write_json
from train.run.setting import described


def add(commands: Any) -> None:
    """The parser of `detector`."""
    parser = commands.add_parser("detector", help="train the face detector, and measure detectors")
    actions = parser.add_subparsers(required=True, metavar="action")
    _add_fit(actions.add_parser("fit", help="train the face detector"))
    evaluate = actions.add_parser(
        "evaluate",
        help="average precision, false faces, landmarks, on pictures held out from training",
    )
    evaluate.add_argument("detector", help=f"{DETECTOR_HELP}, or a run's folder (its float32)")
    evaluate.add_argument("--data", type=named_path, required=True, help="a zip in COCO's form")
    evaluate.add_argument("--out", type=named_path, default=Path("runs/detector"), help="a folder")
    evaluate.add_argument(
        "--yunet",
        type=named_path,
        help="YuNet's .onnx: its landmarks tell how far faces are turned, and the report says how "
        "many are found",
    )
    evaluate.set_defaults(run_command=_evaluate)
    add_detectors(actions)
    add_detector_refit(actions)
    _add_near(
        actions.add_parser(
            "near", help="measure whether faces of every size are found exactly once"
        )
    )


def _add_near(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("detector", help=DETECTOR_HELP)
    parser.add_argument("--data", type=named_path, required=True, help="a zip in COCO's form")
    parser.add_argument(
        "--portraits",
        type=whole_number(1, 10**6),
        default=200,
        help="how many to paste, at most (default: %(default)s)",
    )
    parser.add_argument(
        "--sides",
        type=whole_number(32, 8192),
        nargs="+",
        help="pixels of the pictures' longer sides (default: 160 320 640 960 1280)",
    )
    parser.add_argument(
        "--one-look", action="store_true", help="search without smaller copies and second searches"
    )
    parser.set_defaults(run_command=_near)


def _add_fit(parser: argparse.ArgumentParser) -> None:
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


def _evaluate(args: argparse.Namespace) -> None:
    from train.detector.candidate_detectors import YuNet, open_candidate_detector
    from train.detector.data.pictures import DETECTION_SIDE_PIXELS, read_pictures, split_pictures
    from train.detector.measuring.gallery import write_pictures
    from train.detector.measuring.metrics import measure
    from train.detector.measuring.score_threshold import choose_score_threshold
    from train.detector.measuring.turned import turned_found

    detector, threshold = open_candidate_detector(args.detector)
    # Opened first: a wrong file or folder is told of before minutes of measuring.
    yunet = YuNet(args.yunet) if args.yunet else None
    val = read_pictures(args.data, "val")
    halves = split_pictures(read_pictures(args.data, "train"))
    try:
        args.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{args.out} cannot be made: {error.strerror or error}") from error
    figures = measure(detector, val, halves.reporting, threshold)
    chosen = None
    if any(picture.is_faceless for picture in halves.selection):
        chosen = choose_score_threshold(detector, halves.selection)
    figures["threshold_by_selection"] = chosen
    if yunet:
        figures["turned_found"] = turned_found(
            detector, yunet, val, DETECTION_SIDE_PIXELS, threshold
        )
    for side, sizes in figures["average_precision"].items():
        told = ", ".join(f"{value:.3f} from {size} px on" for size, value in sizes.items())
        print(f"average precision at {side} px: {told}")
    _tell_held_out(figures, threshold)
    told = "has no picture without a face" if chosen is None else f"alone would choose {chosen:g}"
    print(f"the selection half {told}")
    _tell_placing(figures["boxes"], figures["leaning_found"])
    _tell_turned(figures.get("turned_found", {}))
    write_json(args.out / "evaluation.json", figures)
    write_pictures(detector, val, threshold, args.out)
    print(f"pictures: {args.out}")


def _tell_held_out(figures: dict[str, Any], threshold: float) -> None:
    false_faces, error = figures["false_faces_a_picture"], figures["landmark_error"]
    empty, portraits = figures["pictures_without_faces"], figures["portraits"]
    on_faceless = (
        "no picture without a face, so no false faces"
        if false_faces is None
        else f"{false_faces} false faces a picture on {empty} without any"
    )
    on_portraits = (
        "no portrait that is found and has landmarks by people"
        if error is None
        else f"landmarks {error} of the eyes' distance on {portraits} portraits"
    )
    print(f"at the threshold {threshold:g}: {on_faceless}; {on_portraits}")


def _tell_placing(boxes: dict[str, float], leaning: dict[str, float]) -> None:
    if boxes["faces"]:
        print(
            f"of {boxes['faces']} boxes whose centre lies in a marked one, "
            f"{boxes['well_placed']:.1%} have an IoU of 0.5 or more with it. Found boxes are "
            f"{boxes['width']} times as wide and {boxes['height']} times as high"
        )
    if leaning:
        told = ", ".join(f"{lean} degrees {share:.1%}" for lean, share in leaning.items())
        print(f"portraits found that lean by {told}")


def _tell_turned(groups: dict[str, dict[str, float]]) -> None:
    for turn, group in groups.items():
        share = f", {group['found']:.1%} found" if group["faces"] else ""
        print(f"nose {turn} of the eyes' distance off the middle: {group['faces']} faces{share}")


def _near(args: argparse.Namespace) -> None:
    from fer_edge.detectors import open_detector
    from train.detector.data.pictures import read_pictures, split_pictures
    from train.detector.measuring.near import PICTURE_SIDES_PIXELS, OneLook, measure_near

    detector = OneLook(args.detector) if args.one_look else open_detector(args.detector)
    reporting = split_pictures(read_pictures(args.data, "train")).reporting
    measure_near(detector, reporting, args.portraits, args.sides or PICTURE_SIDES_PIXELS)
