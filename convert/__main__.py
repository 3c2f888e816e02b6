"""Make the int8 model of a finished run, and compare it with the float one."""

from __future__ import annotations

import argparse
import math
import os
import sys
from pathlib import Path

NEEDS = "conversion needs: pip install -e '.[train]'"

try:
    from convert.card_fields import read_card_fields
    from convert.errors import ConversionError
    from fer_edge.command.output import ready_streams
    from fer_edge.command.parser import Parser, named_path
    from fer_edge.errors import ArgumentError, FerEdgeError
    from fer_edge.models.detector_card import is_of_detector
    from fer_edge.native_logs.tensorflow_log import TENSORFLOW_NEWS, stderr_without
except ImportError as missing:
    sys.exit(f"convert: {missing}; {NEEDS}")


def main() -> int:
    """0 if the model was written, 1 if not, 2 where the command line is wrong, 130 after Ctrl-C."""
    with ready_streams():
        return _run()


def _run() -> int:
    parser = Parser(prog="python -m convert", description=__doc__)
    parser.add_argument(
        "run", type=named_path, help="a folder made by python -m train fit or detector"
    )
    parser.add_argument(
        "--out", type=named_path, help="the file to write (default: RUN/<network>.tflite)"
    )
    parser.add_argument(
        "--largest-loss",
        type=_points,
        default=1.0,
        help="points of accuracy, or percent of the faces that a detector finds, that may be lost "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--even-if-useless",
        action="store_true",
        help="write a model that is no better than always saying the commonest emotion",
    )
    try:
        args = parser.parse_args()
        codes = [_convert(folder, args) for folder in _runs(args.run, args.out)]
    except FerEdgeError as error:
        return _told(error)
    except ImportError as error:
        print(f"convert: {error}; {NEEDS}", file=sys.stderr)
        return 1
    except OSError as error:
        # Errors that no module has turned into its own, such as a name that is too long.
        print(f"convert: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("convert: stopped; only what is told above is written", file=sys.stderr)
        return 130
    return max(codes)


def _convert(folder: Path, args: argparse.Namespace) -> int:
    """One run's exit code: of several heads or folds the others are converted, too."""
    try:
        convert(folder, args.out, args.largest_loss, args.even_if_useless)
    except FerEdgeError as error:
        return _told(error)
    return 0


def _told(error: FerEdgeError) -> int:
    print(f"convert: {error}", file=sys.stderr)
    return 2 if isinstance(error, ArgumentError) else 1


def _points(text: str) -> float:
    """A finite number: with any other one the comparison would always go well."""
    try:
        points = float(text)
    except ValueError:
        points = math.nan
    if not math.isfinite(points):
        raise argparse.ArgumentTypeError(f"expected a number of points, got {text!r}")
    return points


def _runs(folder: Path, out: Path | None) -> list[Path]:
    """The folder itself, or the runs in it: those of its folds or of its heads."""
    # Only inside a run: a folder of several runs is not a run.
    is_run = (folder / "run.json").is_file()
    parts = sorted(card.parent for card in folder.glob("*/card.json")) if is_run else []
    if parts and out:
        names = ", ".join(part.name for part in parts)
        raise ConversionError(f"{folder} holds several runs ({names}): convert one to {out}")
    return parts or [folder]


def convert(
    folder: Path, out: Path | None, largest_loss: float, even_if_useless: bool = False
) -> None:
    """Convert an emotion run or a detector run; see `convert_emotion` and `convert_detector`.

    Raises:
        ArgumentError: `even_if_useless` for a detector.
        ConversionError: the run is not finished, int8 loses more than `largest_loss` points, or
            the model has learned nothing. Or something else than a model has the name `out`.
    """
    fields = read_card_fields(folder)
    is_detector = is_of_detector(fields)
    if is_detector and even_if_useless:
        raise ArgumentError("--even-if-useless is for emotion models, and this is a detector's run")
    # Hides TensorFlow's log lines while it works; some lines at its import come anyway.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with stderr_without(TENSORFLOW_NEWS):
        try:
            import keras
        except ValueError as error:
            raise ConversionError(f"Keras cannot start: {error}; look at KERAS_BACKEND") from error

        from convert.detector import convert_detector
        from convert.emotion import convert_emotion

        # TensorFlow looks for devices at the first tensor, and logs those that it lacks.
        keras.ops.zeros(())
    if is_detector:
        convert_detector(folder, fields, out, largest_loss)
    else:
        convert_emotion(folder, fields, out, largest_loss, even_if_useless)


if __name__ == "__main__":
    sys.exit(main())
