"""Measure a face detector on pictures that are held out from training."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.detectors import DETECTOR_HELP
from train.errors import RunError
from train.run.files import write_json


def add_detector_evaluate(actions: Any) -> None:
    """The parser of `detector evaluate`."""
    parser = actions.add_parser(
        "evaluate",
        help="average precision, false faces, landmarks, on pictures held out from training",
    )
    parser.add_argument("detector", help=f"{DETECTOR_HELP}, or a run's folder (its float32)")
    parser.add_argument("--data", type=named_path, required=True, help="a zip in COCO's form")
    parser.add_argument("--out", type=named_path, default=Path("runs/detector"), help="a folder")
    parser.add_argument(
        "--yunet",
        type=named_path,
        help="YuNet's .onnx: its landmarks tell how far faces are turned, and the report says how "
        "many are found",
    )
    parser.set_defaults(run_command=_evaluate)


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
