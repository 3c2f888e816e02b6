"""The recognizer that the command line asks for."""

from __future__ import annotations

import argparse

from fer_edge.errors import ArgumentError
from fer_edge.printable import printable
from fer_edge.recognizer import Recognizer


def recognizer_of(args: argparse.Namespace) -> Recognizer:
    """With the models that the options name.

    Raises:
        ArgumentError: --trust-detector where there is nothing to trust.
        FerEdgeError: see `Recognizer`.
    """
    check_trust(args)
    return Recognizer(
        args.model,
        args.detector,
        detection_side=args.detection_side,
        threads=args.threads,
        interpreter=args.interpreter,
        trust_unknown=args.trust_detector,
        priors=args.priors,
    )


def check_trust(args: argparse.Namespace) -> None:
    """Raises ArgumentError if --trust-detector is given and no detector is an .onnx."""
    names = [str(name) for name in (args.detector, *getattr(args, "beside", ()))]
    if args.trust_detector and not any(name.lower().endswith(".onnx") for name in names):
        raise ArgumentError(
            f"--trust-detector is for a detector's .onnx, got {', '.join(map(printable, names))}"
        )
