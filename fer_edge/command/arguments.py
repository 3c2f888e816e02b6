"""The commands of `fer-edge` and their options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from fer_edge.command import bench, demo, info, photo, watch
from fer_edge.command.parser import Parser, Version, named_path
from fer_edge.interpreter import BACKENDS
from fer_edge.models import DETECTOR_NAME
from fer_edge.priors import Priors

LARGEST_NUMBER = 1_000_000_000
"""The largest whole number that an option takes."""
SOURCE_HELP = (
    "a camera's number or /dev/video…, picamera, a video, a picture, a folder of pictures, a FIFO, "
    "- (standard input), an address (http, https, rtsp, rtsps, udp), or sample; without it the Pi "
    "camera, else the first other camera"
)


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The words of a command line.

    `run` is its command's function, `ends_by_ctrl_c` whether Ctrl-C is the usual end of it.

    Raises:
        SystemExit: help or the version was asked for, and printed.
        ArgumentError: an option or a word is wrong.
        OutputError: what was asked for cannot be printed.
    """
    return _parser().parse_args(argv)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="fer-edge", description="Reads facial emotion from a camera, a video or pictures."
    )
    parser.add_argument("--version", action=Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(required=True, metavar="command")
    _watch(commands.add_parser("watch", help="read a camera or a video until it ends"))
    _photo(commands.add_parser("photo", help="read pictures"))
    _demo(commands.add_parser("demo", help="show the whole path, with figures at the end"))
    _info(commands.add_parser("info", help="show what a model says of itself"))
    _bench(commands.add_parser("bench", help="measure each stage on this machine"))
    for command in commands.choices.values():
        command.add_argument(
            "--verbose", action="store_true", help="log more to stderr, and let libraries do so"
        )
    return parser


def _watch(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", nargs="?", help=SOURCE_HELP)
    _add_camera(command)
    _add_recognizer(command, detection_side=320)
    command.add_argument("--frames", type=_positive, help="stop after so many frames were read")
    command.add_argument(
        "--json", action="store_true", help="one JSON object a line for each frame that was read"
    )
    command.add_argument(
        "--events", action="store_true", help="one JSON object a line for each event"
    )
    command.add_argument(
        "--retry",
        action="store_true",
        help="wait for a camera that is gone, at the start and after every fault, instead of "
        "ending; recordings are never retried",
    )
    command.set_defaults(run=watch.run, ends_by_ctrl_c=True)


def _photo(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "files",
        nargs="+",
        type=named_path,
        metavar="FILE",
        help="pictures, or folders that are searched for pictures, with the folders in them",
    )
    _add_recognizer(command, detection_side=960)
    command.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    command.add_argument(
        "--annotate",
        type=named_path,
        metavar="FOLDER",
        help="write annotated copies; a name that is taken gets a number",
    )
    command.add_argument(
        "--max-pixels",
        type=_positive,
        help="refuse pictures of more before they take memory (default: 100 million)",
    )
    command.set_defaults(run=photo.run, ends_by_ctrl_c=False)


def _demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", nargs="?", help=f"{SOURCE_HELP}, else the sample")
    _add_camera(command)
    _add_recognizer(command, detection_side=320)
    command.add_argument("--frames", type=_positive, help="stop after so many frames were read")
    command.add_argument(
        "--picture",
        type=named_path,
        default=Path("fer-edge-demo.jpg"),
        help="where the annotated picture goes; its suffix is its format, and a name that is "
        "taken gets a number (default: %(default)s)",
    )
    command.set_defaults(run=demo.run, ends_by_ctrl_c=True)


def _info(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "model", nargs="?", default="edge", help="a shipped model's name or a path"
    )
    command.add_argument("--json", action="store_true", help="the whole card as JSON")
    command.set_defaults(run=info.run, ends_by_ctrl_c=False)


def _bench(command: argparse.ArgumentParser) -> None:
    _add_recognizer(command, detection_side=320)
    command.add_argument("--repeat", type=_positive, default=200, help="default: %(default)s")
    command.add_argument(
        "--beside",
        type=named_path,
        nargs="*",
        default=[],
        help="other detectors' files, to compare with",
    )
    command.add_argument("--json", action="store_true", help="one JSON object")
    command.set_defaults(run=bench.run, ends_by_ctrl_c=False)


def _add_camera(command: argparse.ArgumentParser) -> None:
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
        action=argparse.BooleanOptionalAction,
        default=None,
        help="play recordings at their own speed, or as fast as they can be read (the default)",
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


def _add_recognizer(command: argparse.ArgumentParser, detection_side: int) -> None:
    command.add_argument(
        "--model", default="edge", help="a shipped model's name or a path (default: %(default)s)"
    )
    command.add_argument(
        "--detector",
        default=DETECTOR_NAME,
        help="a .tflite made by convert, or YuNet's .onnx (default: the shipped one)",
    )
    command.add_argument(
        "--trust-detector",
        action="store_true",
        help="take an .onnx that is no known release of YuNet, and trust it as a program",
    )
    command.add_argument(
        "--detection-side",
        type=_positive,
        default=detection_side,
        help="pixels of the longer side that faces are looked for in (default: %(default)s)",
    )
    command.add_argument(
        "--threads", type=_positive, default=1, help="cores for the models (default: %(default)s)"
    )
    command.add_argument(
        "--priors",
        type=_priors,
        help="how common the emotions are in your scene: as-trained, even, a number from 0 to 1 "
        "between them, or a share for each: happy=0.3,sad=0.2,... (default: the model's own)",
    )
    command.add_argument(
        "--interpreter", choices=list(BACKENDS), help="default: the first that works"
    )


def _positive(text: str) -> int:
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII) or not 1 <= int(text) <= LARGEST_NUMBER:
        raise argparse.ArgumentTypeError(
            f"expected 1 or more, a whole number up to {LARGEST_NUMBER}, got {text!r}"
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
