"""Options that several commands of `fer-edge` have."""

from __future__ import annotations

import argparse
import re

from fer_edge.models import DETECTOR_NAME
from fer_edge.priors import Priors
from fer_edge.tflite_backend import BACKENDS

MOST_DIGITS = 9
"""Of a whole number. Python itself refuses some thousands."""


def add_camera(command: argparse.ArgumentParser) -> None:
    """What is asked of a source; see `open_camera`."""
    command.add_argument(
        "--size", type=_size, metavar="WIDTHxHEIGHT", help="ask a camera for this size: 640x480"
    )
    command.add_argument("--fps", type=_number, help="ask a camera for this many frames a second")
    command.add_argument(
        "--rotate",
        type=int,
        choices=(0, 90, 180, 270),
        default=0,
        help="turn frames clockwise, in degrees (default: %(default)s)",
    )
    command.add_argument(
        "--mirror", action="store_true", help="mirror frames left to right, after turning them"
    )
    command.add_argument(
        "--realtime",
        action="store_true",
        default=None,
        help="play recordings at their own speed (default: as fast as they can be read)",
    )
    command.add_argument(
        "--all-frames",
        dest="realtime",
        action="store_const",
        const=False,
        help="read every frame: a recording whole (the default); a camera waits for the work, "
        "where otherwise its newest frame is read",
    )
    for name, seconds in (("open", 10.0), ("frame", 5.0)):
        command.add_argument(
            f"--{name}-timeout",
            type=_number,
            default=seconds,
            metavar="SECONDS",
            help="how long to wait for the source to open, with its first frame "
            "(default: %(default)g)"
            if name == "open"
            else "how long to wait for each further frame (default: %(default)g)",
        )


def add_stream(command: argparse.ArgumentParser) -> None:
    """How much work a stream does; see `Stream`. Without them its own defaults hold."""
    command.add_argument(
        "--detect-every",
        type=_number,
        metavar="SECONDS",
        help="how often the whole picture is searched; 0: every frame (default: 0.2)",
    )
    command.add_argument(
        "--read-every",
        type=_number,
        metavar="SECONDS",
        help="how often a face's emotion is read; 0: every frame, or 15 times a second "
        "if there are several faces (default: 0)",
    )
    command.add_argument(
        "--budget",
        type=_number,
        metavar="SHARE",
        help="share of one core that may be taken, 0.5 for instance: makes both longer as needed",
    )


def add_recognizer(command: argparse.ArgumentParser, detection_side: int) -> None:
    """The models and how they are used; see `Recognizer`."""
    command.add_argument(
        "--model", default="edge", help="a shipped model's name or a path (default: %(default)s)"
    )
    command.add_argument(
        "--detector",
        default=DETECTOR_NAME,
        help="face-detector-fast (less than half the time, finds fewer faces), a .tflite made by "
        "convert, or YuNet's .onnx (default: %(default)s)",
    )
    command.add_argument(
        "--trust-detector",
        action="store_true",
        help="take an .onnx that is no known release of YuNet, and trust it as a program",
    )
    command.add_argument(
        "--detection-side",
        type=positive,
        default=detection_side,
        help="pixels of the longer side that faces are looked for in (default: %(default)s)",
    )
    command.add_argument(
        "--threads", type=positive, default=1, help="cores for the models (default: %(default)s)"
    )
    command.add_argument(
        "--priors",
        type=_priors,
        help="how common the emotions are in your scene: as-trained, even, a number from 0 to 1 "
        "between them, or a share for each: happy=0.3,sad=0.2,... (default: the model's own)",
    )
    command.add_argument(
        "--interpreter",
        choices=list(BACKENDS),
        help="the TFLite interpreter (default: the first that works)",
    )


def positive(text: str) -> int:
    """A whole number from 1 on."""
    if not re.fullmatch(r"\d+", text, re.ASCII) or not text.strip("0"):
        raise argparse.ArgumentTypeError(f"expected a whole number, 1 or more, got {text!r}")
    if len(text.lstrip("0")) > MOST_DIGITS:
        raise argparse.ArgumentTypeError(
            f"expected a whole number of at most {MOST_DIGITS} digits, got one of {len(text)}"
        )
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from None


def _priors(text: str) -> Priors:
    """Words are passed on unchecked: `prior_terms` checks them."""
    if "=" in text:
        pairs = [part.partition("=")[::2] for part in text.split(",")]
        shares = {name.strip(): _number(share) for name, share in pairs}
        if len(shares) < len(pairs):
            raise argparse.ArgumentTypeError(f"expected each emotion once, got {text!r}")
        return shares
    return text if text[:1].isalpha() else _number(text)  # type: ignore[return-value]


def _size(text: str) -> tuple[int, int]:
    sides = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text, re.ASCII)
    if not sides:
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT, like 640x480, got {text!r}")
    return int(sides[1]), int(sides[2])
