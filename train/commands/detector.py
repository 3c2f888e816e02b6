"""The commands about face detectors: train them, and measure them."""

from __future__ import annotations

from typing import Any

from train.commands.average import add_detectors
from train.commands.detector_evaluate import add_detector_evaluate
from train.commands.detector_fit import add_detector_fit
from train.commands.detector_near import add_detector_near
from train.commands.refit import add_detector_refit


def add(commands: Any) -> None:
    """The parser of `detector`."""
    parser = commands.add_parser("detector", help="train the face detector, and measure detectors")
    actions = parser.add_subparsers(required=True, metavar="action")
    add_detector_fit(actions)
    add_detector_evaluate(actions)
    add_detectors(actions)
    add_detector_refit(actions)
    add_detector_near(actions)
