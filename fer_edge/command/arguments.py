"""The commands of `fer-edge` and their options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from fer_edge.command import bench, demo, info, photo, watch
from fer_edge.command.options import add_camera, add_recognizer, add_stream, positive
from fer_edge.command.parser import Parser, Version, named_path

SOURCE_HELP = (
    "a camera's number or /dev/video…, picamera, a video, a picture, a folder of pictures, a FIFO, "
    "- (standard input), an address (http, https, rtsp, rtsps, udp), or sample; without it the Pi "
    "camera, else the first other camera"
)

VERBOSE_HELP = "log more to stderr, and let libraries do so"


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
    parser.add_argument("--verbose", action="store_true", help=VERBOSE_HELP)
    commands = parser.add_subparsers(required=True, metavar="command")
    _watch(commands.add_parser("watch", help="read a camera or a video until it ends"))
    _photo(commands.add_parser("photo", help="read pictures"))
    _demo(commands.add_parser("demo", help="show the whole path, with figures at the end"))
    _info(commands.add_parser("info", help="show what a model says of itself"))
    _bench(commands.add_parser("bench", help="measure each stage on this machine"))
    for command in commands.choices.values():
        # Without a default, so that it may stand before the command, too.
        command.add_argument(
            "--verbose", action="store_true", default=argparse.SUPPRESS, help=VERBOSE_HELP
        )
    return parser


def _watch(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", nargs="?", help=SOURCE_HELP)
    add_camera(command)
    add_stream(command)
    add_recognizer(command, detection_side=320)
    command.add_argument("--frames", type=positive, help="stop after so many frames were read")
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
    add_recognizer(command, detection_side=960)
    command.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    command.add_argument(
        "--annotate",
        type=named_path,
        metavar="FOLDER",
        help="write annotated copies; a name that is taken gets a number",
    )
    command.add_argument(
        "--max-pixels",
        type=positive,
        help="refuse pictures of more before they take memory (default: 100 million)",
    )
    command.set_defaults(run=photo.run, ends_by_ctrl_c=False)


def _demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", nargs="?", help=f"{SOURCE_HELP}, else the sample")
    add_camera(command)
    add_stream(command)
    add_recognizer(command, detection_side=320)
    command.add_argument("--frames", type=positive, help="stop after so many frames were read")
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
    add_recognizer(command, detection_side=320)
    command.add_argument(
        "--repeat",
        type=positive,
        default=200,
        help="how often each stage is measured (default: %(default)s)",
    )
    command.add_argument(
        "--beside",
        type=named_path,
        nargs="+",
        default=[],
        help="other detectors' files, to compare with",
    )
    command.add_argument("--json", action="store_true", help="one JSON object")
    command.set_defaults(run=bench.run, ends_by_ctrl_c=False)
