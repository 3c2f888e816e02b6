"""Measure how a detector's boxes are to be framed."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from fer_edge.command.parser import named_path
from train.commands.data import add_data, read_data
from train.commands.detectors import add_detector
from train.commands.numbers import LARGEST_SEED, whole_number


def add(commands: Any) -> None:
    """The parser of `framing`."""
    parser = commands.add_parser(
        "framing", help="measure which square about a detector's boxes is read best"
    )
    add_data(parser)
    add_detector(parser)
    parser.add_argument("--model", default="edge", help="a shipped model's name or a path")
    parser.add_argument(
        "--faces",
        type=whole_number(1, 10**9),
        default=2000,
        help="how many of PublicTest's, at most (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=whole_number(0, LARGEST_SEED), default=1, help="default: %(default)s"
    )
    parser.add_argument(
        "--clips", type=named_path, nargs="*", default=[], help="videos to read as well"
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Measure on pasted faces, then on the clips."""
    from fer_edge.cameras import open_camera
    from fer_edge.classifier import EmotionClassifier
    from fer_edge.detectors import open_detector
    from train.emotion.measuring.framing import measure_clip, measure_framing, measure_leaning

    # These fail before the dataset is read.
    detector, classifier = open_detector(args.detector), EmotionClassifier(args.model)
    for clip in args.clips:
        # What is read of a FIFO is gone.
        if not clip.is_fifo():
            open_camera(clip).close()
    data, votes = read_data(args)
    public = data.faces.only("PublicTest")
    some = public.where(np.arange(len(public)) < args.faces, "PublicTest")
    measure_framing(some, votes, detector, classifier, args.seed)
    measure_leaning(some, votes, detector, classifier, args.seed)
    for clip in args.clips:
        measure_clip(clip, detector, classifier)
