"""Make the int8 model of a finished run, and compare it with the float one."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from convert.detector import convert_face
from convert.emotion import convert_emotion
from convert.errors import ConversionError
from fer_edge.errors import FerEdgeError


def main() -> int:
    """0 if the model was written, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m convert", description=__doc__)
    parser.add_argument("run", type=Path, help="a folder made by python -m train fit or detector")
    parser.add_argument(
        "--out", type=Path, help="the file to write (default: RUN/<network>.tflite)"
    )
    parser.add_argument(
        "--largest-loss",
        type=float,
        default=1.0,
        help="points of accuracy that may be lost (default: %(default)s)",
    )
    args = parser.parse_args()
    try:
        for folder in _runs(args.run, args.out):
            convert(folder, args.out, args.largest_loss)
    except FerEdgeError as error:
        print(f"convert: {error}", file=sys.stderr)
        return 1
    return 0


def _runs(folder: Path, out: Path | None) -> list[Path]:
    """The folder itself, or the runs in it: those of its folds or of its heads."""
    # Only inside a run: a folder of runs is not one.
    is_run = (folder / "run.json").is_file()
    parts = sorted(card.parent for card in folder.glob("*/card.json")) if is_run else []
    if parts and out:
        names = ", ".join(part.name for part in parts)
        raise ConversionError(f"{folder} holds several runs ({names}): convert one to {out}")
    return parts or [folder]


def convert(folder: Path, out: Path | None, largest_loss: float) -> None:
    """Convert a run of whichever kind it is; see `convert_emotion` and `convert_face`.

    Raises:
        ConversionError: the run is not finished, or int8 loses more than `largest_loss` points.
    """
    try:
        task = json.loads((folder / "card.json").read_text("utf-8"))["task"]
    except FileNotFoundError:
        raise ConversionError(
            f"{folder / 'card.json'} is missing; expected the folder of a finished training"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConversionError(f"{folder / 'card.json'} cannot be read: {error}") from error
    (convert_face if task == "face" else convert_emotion)(folder, out, largest_loss)


if __name__ == "__main__":
    sys.exit(main())
