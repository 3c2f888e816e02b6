"""Measure finished runs as teachers."""

from __future__ import annotations

import argparse
from typing import Any

from fer_edge.command.parser import named_path
from train.commands.data import add_data, read_data
from train.emotion.run import EmotionRun
from train.emotion.settings import HEADS
from train.errors import DatasetError
from train.run.setting import PRECISIONS


def add(commands: Any) -> None:
    """The parser of `teachers`."""
    parser = commands.add_parser(
        "teachers", help="measure finished runs as teachers, each and together"
    )
    parser.add_argument("runs", type=named_path, nargs="+", help="folders made by fit")
    add_data(parser)
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="float32",
        help="the numbers they compute in; in a training they use the student's (default: float32)",
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Print a table of accuracies on PublicTest.

    Raises:
        RunError: a folder is no finished run, or see `load_teacher`.
        DatasetError: no votes, or data that cannot be read.
    """
    from train.emotion.distillation.cross_fitting import check_unseen
    from train.emotion.distillation.teacher import load_teacher
    from train.emotion.distillation.teacher_accuracy import accuracies_of
    from train.emotion.selection import selection

    # Fails before the dataset is read if a folder is no run.
    runs = [EmotionRun(path) for path in args.runs]
    settings = runs[0].read_settings()
    spec = runs[0].read_card().input
    data, votes = read_data(args)
    if votes is None:
        raise DatasetError("teachers are measured by FER+'s majority, too: add --votes")
    faces = selection(data.faces, settings)
    check_unseen(runs, data, faces)
    also_public = settings.data.also_public
    teachers = [
        (one.folder, load_teacher(one, faces.labels, spec, len(HEADS), args.precision, also_public))
        for one in runs
    ]
    table = accuracies_of(teachers, faces, votes)
    print(table.to_string(float_format="{:.2%}".format, na_rep=""))
