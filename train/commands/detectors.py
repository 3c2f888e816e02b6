"""The arguments that name a detector."""

from __future__ import annotations

import argparse

from fer_edge.models import DETECTOR_NAME, DETECTOR_NAMES

DETECTOR_HELP = f"{', '.join(DETECTOR_NAMES)}, a .tflite made by convert, or YuNet's .onnx"


def add_detector(parser: argparse.ArgumentParser) -> None:
    """--detector."""
    parser.add_argument(
        "--detector", default=DETECTOR_NAME, help=f"{DETECTOR_HELP} (default: %(default)s)"
    )
