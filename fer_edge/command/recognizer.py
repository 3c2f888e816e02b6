"""The recognizer that the command line asks for."""

from __future__ import annotations

import argparse

from fer_edge.recognizer import Recognizer


def recognizer_of(args: argparse.Namespace) -> Recognizer:
    """Raises what `Recognizer` raises."""
    return Recognizer(
        args.model,
        args.detector,
        detection_side=args.detection_side,
        threads=args.threads,
        interpreter=args.interpreter,
        trust_unknown=args.trust_detector,
        priors=args.priors,
    )
