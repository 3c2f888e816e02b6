"""Fold the two heads of a finished run into one answer."""

from __future__ import annotations

import argparse
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.data import add_data, read_data_of
from train.emotion.run import EmotionRun


def add(commands: Any) -> None:
    """The parser of `mix`."""
    parser = commands.add_parser(
        "mix", help="answer with the best mean of both heads of a finished run"
    )
    parser.add_argument("run", type=named_path, help="a folder made by fit with two heads")
    add_data(parser)
    parser.add_argument(
        "--truth",
        choices=("ferplus", "labels"),
        default="ferplus",
        help="the truth to predict: FER+'s majority (the default), or the dataset's labels",
    )
    parser.add_argument(
        "--rule",
        choices=("recall", "accuracy"),
        default="recall",
        help="the figure that is to be highest: macro recall, for at most half a point of accuracy "
        "(the default), or accuracy",
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Leave RUN/mixed or RUN/mixed-labels, and print how good it is."""
    from train.commands.measured import measure_and_print
    from train.emotion.mix import mix

    folder = EmotionRun(args.run)
    data, votes = read_data_of(folder, args)
    measure_and_print(mix(folder, data.faces, votes, args.truth, args.rule), data.faces, votes)
