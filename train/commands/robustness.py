"""Measure a model outside its dataset."""

from __future__ import annotations

import argparse
from typing import Any

from train.commands.data import add_data, add_split, add_transfer, read_data, read_transfer

MODEL_HELP = "a shipped model's name, the path of a .tflite, or the folder of a finished run"


def add(commands: Any) -> None:
    """The parser of `robustness`."""
    parser = commands.add_parser(
        "robustness", help="measure a model on corrupted faces and on other datasets"
    )
    parser.add_argument("model", help=MODEL_HELP)
    add_data(parser)
    add_split(parser, default="PublicTest")
    add_transfer(parser)
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Print a table of accuracies, then a confusion table for each truth, then a line for each
    other dataset.
    """
    from train.emotion.measuring.reader import find_reader
    from train.emotion.measuring.robustness import robustness, transfer
    from train.emotion.truths import TRUTHS

    # Fails before the dataset is read if the model does not exist.
    reader = find_reader(args.model)
    data, votes = read_data(args)
    others = [(path.name, read_transfer(args, path)) for path in args.transfer]
    measured = robustness(reader, data.faces, votes, args.split)
    print(measured.accuracies.to_string(index=False, float_format="{:.2%}".format))
    for truth, shares in measured.confusion.items():
        print(f"\npredictions for the faces of each emotion, by {TRUTHS.get(truth, truth)}")
        print(shares.to_string(float_format="{:.1%}".format))
    for name, other in others:
        found = transfer(reader, other)
        recalls = ", ".join(f"{label} {share:.0%}" for label, share in found["recall"].items())
        print(f"{name}: {found['accuracy']:.2%} of {found['faces']} faces; recall {recalls}")
