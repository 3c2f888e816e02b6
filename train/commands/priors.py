"""Measure what a converted model gains if it is corrected for how common emotions were."""

from __future__ import annotations

import argparse
from typing import Any

from fer_edge.command.parser import named_path
from fer_edge.models.file import check_replaceable
from train.commands.data import add_data, add_transfer, read_data, read_transfer


def add(commands: Any) -> None:
    """The parser of `priors`."""
    parser = commands.add_parser(
        "priors", help="measure a converted model with several corrections for priors"
    )
    parser.add_argument("model", help="a shipped model's name or the path of a .tflite")
    add_data(parser)
    parser.add_argument(
        "--truth",
        choices=("labels", "ferplus"),
        help="the dataset's labels, or FER+'s majority (default: the latter, if there are votes)",
    )
    add_transfer(parser)
    parser.add_argument(
        "--chart", type=named_path, metavar="FILE", help="draw a chart, as .png or .svg"
    )
    parser.add_argument(
        "--out",
        type=named_path,
        metavar="FILE",
        help="write a copy of the model; its card gets the best power, its temperature, and new "
        "figures on PrivateTest",
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Print a table of figures by power for PublicTest and each other dataset."""
    from train.emotion.measuring.priors_of_model import (
        chart,
        check_chart,
        emotion_model,
        recalibrated,
        table,
    )

    # These fail before the dataset is read.
    emotion_model(args.model)
    if args.chart:
        check_chart(args.chart)
    if args.out:
        check_replaceable(args.out)
    data, votes = read_data(args)
    truth = args.truth or ("ferplus" if votes else "labels")
    names = [path.name for path in args.transfer]
    others = {
        # Two datasets in different folders may have one name.
        path.name if names.count(path.name) == 1 else str(path): read_transfer(args, path)
        for path in args.transfer
    }
    figures = table(args.model, data.faces, votes, truth, others)
    print(figures.to_string(index=False, float_format="{:.4f}".format))
    if args.chart:
        chart(figures, args.chart)
        print(f"wrote {args.chart}")
    if args.out:
        card = recalibrated(args.model, data.faces, votes, truth, args.out)
        print(f"wrote {args.out}: power {card.priors_power:g}, temperature {card.temperature:.3f}")
