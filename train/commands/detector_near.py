"""Measure whether faces of every size are found exactly once."""

from __future__ import annotations

import argparse
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.detectors import DETECTOR_HELP
from train.commands.numbers import whole_number


def add_detector_near(actions: Any) -> None:
    """The parser of `detector near`."""
    parser = actions.add_parser(
        "near", help="measure whether faces of every size are found exactly once"
    )
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


def _near(args: argparse.Namespace) -> None:
    from fer_edge.detectors import open_detector
    from train.detector.data.pictures import read_pictures, split_pictures
    from train.detector.measuring.near import OneLook, measure_near
    from train.detector.measuring.views import PICTURE_SIDES_PIXELS

    detector = OneLook(args.detector) if args.one_look else open_detector(args.detector)
    reporting = split_pictures(read_pictures(args.data, "train")).reporting
    measure_near(detector, reporting, args.portraits, args.sides or PICTURE_SIDES_PIXELS)
