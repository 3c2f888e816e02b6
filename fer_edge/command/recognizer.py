"""The recognizer that the command line asks for."""

from __future__ import annotations

import argparse

from fer_edge.recognizer import Recognizer


def recognizer_of(args: argparse.Namespace) -> Recognizer:
    """With the models that the options name.

    Raises:
        FerEdgeError: see `Recognizer`.
    """
    return Recognizer(
        args.model,
        args.detector,
        detection_side=args.detection_side,
        threads=args.threads,
        interpreter=args.interpreter,
        trust_unknown=args.trust_detector,
        priors=args.priors,
    )
