"""What `fer-edge` understands, and how it ends.

Results go to stdout, everything else to stderr. Exit codes: 0 it worked (also when Ctrl-C ended
a camera), 1 something failed (one line says what), 2 the command line is wrong.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fer_edge.command import bench, demo, info, photo, watch
from fer_edge.errors import FerEdgeError
from fer_edge.interpreter import BACKENDS
from fer_edge.models import DETECTOR
from fer_edge.version import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: its words without the program's name; those of this process if None.

    Returns:
        The exit code.
    """
    args = _parser().parse_args(argv)
    # Our own news, and only the warnings of the libraries beneath.
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("fer_edge").setLevel(logging.DEBUG if args.verbose else logging.INFO)
    try:
        return int(args.run(args))
    except FerEdgeError as error:
        print(f"fer-edge: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our results has gone (`| head`); Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fer-edge", description="Reads facial emotion from a camera, a video or pictures."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="command")

    command = commands.add_parser("watch", help="read a camera or a video until it ends")
    command.add_argument(
        "source",
        nargs="?",
        help="a camera's number or /dev/video…, picamera, a video, a folder of pictures, or "
        "sample; without it the best camera there is, or the sample",
    )
    _add_recognizer(command, detection_side=320)
    command.add_argument("--frames", type=_positive, help="stop after this many")
    command.add_argument(
        "--json", action="store_true", help="one JSON object a line for each frame"
    )
    command.set_defaults(run=watch.run)

    command = commands.add_parser("photo", help="read pictures")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE")
    _add_recognizer(command, detection_side=960)
    command.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    command.add_argument("--annotate", type=Path, metavar="FOLDER", help="write annotated copies")
    command.set_defaults(run=photo.run)

    command = commands.add_parser("demo", help="show the whole path, with figures at the end")
    command.add_argument("source", nargs="?", help="as for watch")
    _add_recognizer(command, detection_side=320)
    command.add_argument("--frames", type=_positive, help="stop after this many")
    command.add_argument(
        "--picture",
        type=Path,
        default=Path("fer-edge-demo.jpg"),
        help="where the annotated picture goes (default: %(default)s)",
    )
    command.set_defaults(run=demo.run)

    command = commands.add_parser("info", help="show what a model says of itself")
    command.add_argument(
        "model", nargs="?", default="edge", help="a shipped model's name or a path"
    )
    command.add_argument("--json", action="store_true", help="the whole card as JSON")
    command.set_defaults(run=info.run)

    command = commands.add_parser("bench", help="measure each stage on this machine")
    _add_recognizer(command, detection_side=320)
    command.add_argument("--repeat", type=_positive, default=200, help="default: %(default)s")
    command.add_argument(
        "--beside", type=Path, nargs="*", default=[], help="other detectors' files, to compare with"
    )
    command.add_argument("--json", action="store_true", help="one JSON object")
    command.set_defaults(run=bench.run)

    for command in commands.choices.values():
        command.add_argument("--verbose", action="store_true", help="log more, to stderr")
    return parser


def _add_recognizer(command: argparse.ArgumentParser, detection_side: int) -> None:
    command.add_argument("--model", default="edge", help="a shipped model's name or a path")
    command.add_argument(
        "--detector",
        default=DETECTOR,
        help="a .tflite made by convert, or YuNet's .onnx (default: the shipped one)",
    )
    command.add_argument(
        "--detection-side",
        type=_positive,
        default=detection_side,
        help="pixels of the longer side that faces are looked for in (default: %(default)s)",
    )
    command.add_argument("--threads", type=_positive, default=1, help="default: %(default)s")
    command.add_argument(
        "--interpreter", choices=list(BACKENDS), help="default: the first that works"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {number}")
    return number
