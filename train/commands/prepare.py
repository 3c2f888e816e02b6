"""Read a dataset into the cache and describe it."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from train.commands.data import add_data, read_data
from train.data.faces import SPLITS


def add(commands: Any) -> None:
    """The parser of `prepare`."""
    parser = commands.add_parser("prepare", help="read a dataset into the cache and describe it")
    add_data(parser)
    parser.set_defaults(run_command=run, needs_keras=False)


def run(args: argparse.Namespace) -> None:
    """Print the number of faces by split and emotion."""
    data, votes = read_data(args)
    faces = data.faces
    print(f"{data.source}: {len(faces)} faces of {'x'.join(map(str, faces.images.shape[1:3]))}")
    print(f"{'':12}" + "".join(f"{label:>10}" for label in faces.labels))
    for number, split in enumerate(SPLITS):
        counts = np.bincount(faces.label[faces.split == number], minlength=len(faces.labels))
        print(f"{split:12}" + "".join(f"{count:10}" for count in counts))
    people = len(set(faces.person[faces.person >= 0].tolist()))
    if people:
        print(f"{people} people")
    if votes:
        print(f"FER+ votes: {int((votes.of(faces).sum(axis=1) > 0).sum())} faces were voted on")
