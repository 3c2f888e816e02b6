"""Train the face detector, and measure detectors."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from train.data.hashes import hash_of
from train.run.folder import RunFolder, write_json

WHAT = {
    "epochs": "of as many scenes as there are pictures",
    "batch": "scenes a step",
    "side": "pixels of a scene, a multiple of 32",
    "seed": "of everything random",
    "learning_rate": "its peak",
    "weight_decay": "decoupled, times the learning rate",
    "average": "of the averaged weights, what each step keeps",
    "precision": "a Keras dtype policy",
}


def add(commands: Any) -> None:
    """The parser of `detector`."""
    parser = commands.add_parser("detector", help="train the face detector, and measure detectors")
    actions = parser.add_subparsers(required=True, metavar="action")
    _add_fit(actions.add_parser("fit", help="train the face detector"))
    evaluate = actions.add_parser(
        "evaluate", help="average precision, false faces, landmarks, on pictures not learned from"
    )
    evaluate.add_argument(
        "detector",
        help="face, a .tflite made by convert, a run's folder (its float32), or YuNet's .onnx",
    )
    evaluate.add_argument("--data", type=Path, required=True, help="a zip in COCO's form")
    evaluate.add_argument("--out", type=Path, default=Path("runs/detector"), help="a folder")
    evaluate.set_defaults(run_command=_evaluate)
    _add_near(actions.add_parser("near", help="whether faces are found at every size, each once"))


def _add_near(parser: argparse.ArgumentParser) -> None:
    from train.detector.measuring.near import SIDES

    parser.add_argument("detector", help="face, a .tflite made by convert, or YuNet's .onnx")
    parser.add_argument("--data", type=Path, required=True, help="a zip in COCO's form")
    parser.add_argument("--portraits", type=int, default=200, help="default: %(default)s")
    parser.add_argument(
        "--sides",
        type=int,
        nargs="+",
        default=list(SIDES),
        help="of pictures; default: %(default)s",
    )
    parser.add_argument(
        "--one-look", action="store_true", help="what the network finds without smaller copies"
    )
    parser.set_defaults(run_command=_near)


def _add_fit(parser: argparse.ArgumentParser) -> None:
    from train.detector.settings import DetectorSettings

    parser.add_argument("--data", type=Path, required=True, help="a zip in COCO's form")
    parser.add_argument(
        "--teacher", type=Path, help="YuNet's .onnx, to mark faces that nobody marked"
    )
    parser.add_argument(
        "--crops", type=Path, help="FER2013, whose Training faces are pasted as small ones"
    )
    parser.add_argument(
        "--cache", type=Path, default=Path("runs/cache"), help="default: %(default)s"
    )
    parser.add_argument("--run", type=Path, default=Path("runs/face"), help="default: %(default)s")
    parser.add_argument("--resume", action="store_true", help="go on where the run was stopped")
    parser.add_argument("--weights", type=Path, help="start from a Keras file")
    for field in dataclasses.fields(DetectorSettings):
        option = f"--{field.name.replace('_', '-')}"
        if field.name != "weights":
            parser.add_argument(
                option,
                type=type(field.default),
                default=field.default,
                help=f"{WHAT[field.name]} (default: {field.default})",
            )
    parser.set_defaults(run_command=_fit)


def _fit(args: argparse.Namespace) -> None:
    from train.detector.data.training_set import Sources
    from train.detector.fit import fit_detector
    from train.detector.settings import DetectorSettings

    names = [
        field.name for field in dataclasses.fields(DetectorSettings) if field.name != "weights"
    ]
    weights = hash_of(args.weights) if args.weights and args.weights.is_file() else ""
    settings = DetectorSettings(**{name: getattr(args, name) for name in names}, weights=weights)
    sources = Sources(args.data, args.teacher, args.crops)
    run = RunFolder(args.run)
    fit_detector(settings, sources, run, args.cache, args.weights, args.resume)


def _evaluate(args: argparse.Namespace) -> None:
    from train.detector.data.pictures import learned_and_held_out, read_pictures
    from train.detector.finders import open_finder
    from train.detector.measuring.gallery import write_pictures
    from train.detector.measuring.metrics import measure

    finder, threshold = open_finder(args.detector)
    val = read_pictures(args.data, "val")
    held_out = learned_and_held_out(read_pictures(args.data, "train"))[1]
    figures = measure(finder, val, held_out, threshold)
    for side, sizes in figures["average_precision"].items():
        told = ", ".join(f"{value:.3f} from {size} px on" for size, value in sizes.items())
        print(f"average precision at {side} px: {told}")
    print(
        f"at the threshold {threshold:g}: {figures['false_faces_a_picture']} false faces a picture "
        f"on {figures['pictures_without_faces']} without any; landmarks "
        f"{figures['landmark_error']} of the eyes' distance on {figures['portraits']} portraits"
    )
    args.out.mkdir(parents=True, exist_ok=True)
    write_json(args.out / "evaluation.json", figures)
    write_pictures(finder, val, threshold, args.out)
    print(f"pictures: {args.out}")


def _near(args: argparse.Namespace) -> None:
    from fer_edge.detectors import open_detector
    from train.detector.data.pictures import learned_and_held_out, read_pictures
    from train.detector.measuring.near import OneLook, measure_near

    detector = OneLook(args.detector) if args.one_look else open_detector(args.detector)
    held_out = learned_and_held_out(read_pictures(args.data, "train"))[1]
    measure_near(detector, held_out, args.portraits, args.sides)
