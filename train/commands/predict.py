"""What a run says to new pictures."""

from __future__ import annotations

import argparse
from typing import Any

from fer_edge.command.parser import named_path
from fer_edge.errors import PictureError
from train.commands.detectors import add_detector
from train.emotion.run import EmotionRun


def add(commands: Any) -> None:
    """The parser of `predict`."""
    parser = commands.add_parser(
        "predict", help="predict the emotions in new pictures by a finished run"
    )
    parser.add_argument("run", type=named_path, help="a folder made by fit")
    parser.add_argument("pictures", type=named_path, nargs="+", metavar="PICTURE")
    add_detector(parser)
    parser.add_argument(
        "--whole",
        action="store_true",
        help="each picture is a face from hair line to chin: do not search for faces",
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> None:
    """Print each face's emotion and the probabilities of all.

    Raises:
        RunError: the run is not finished, or has two heads.
        PictureError: a picture cannot be read, or has no face. All others are printed before.
    """
    from fer_edge.detectors import open_detector
    from train.emotion.predict import predict
    from train.run.network_file import load_network

    folder = EmotionRun(args.run)
    folder.check_one_head()
    detector = None if args.whole else open_detector(args.detector)
    card, network = folder.read_card(), load_network(folder.model_file)
    print(f"{'picture':32} {'face':>18}  " + "".join(f"{label:>9}" for label in card.labels))
    failed = []
    for path in args.pictures:
        try:
            for found in predict(path, network, card, detector):
                shares = "".join(f"{share:>9.1%}" for share in found.probabilities)
                print(f"{path.name:32} {found.where:>18}  {shares}  {found.label}")
        except PictureError as error:
            failed.append(str(error))
    if failed:
        raise PictureError("; ".join(failed))
