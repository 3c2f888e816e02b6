"""`fer-edge info`: what a model says of itself."""

from __future__ import annotations

import argparse
import json

from fer_edge import json_values
from fer_edge.classifier import EmotionClassifier
from fer_edge.command.output import tell
from fer_edge.command.stop import Stop
from fer_edge.detectors import FaceDetector
from fer_edge.models import find_model
from fer_edge.models.card import ModelCard
from fer_edge.models.detector_card import DetectorCard
from fer_edge.models.file import read_model
from fer_edge.printable import printable


def run(args: argparse.Namespace, _: Stop) -> int:
    """Load the model, which checks its card against its tensors, and print the card."""
    path = find_model(args.model)
    card = read_model(path).card
    (FaceDetector if isinstance(card, DetectorCard) else EmotionClassifier)(path)
    if args.json:
        tell(json.dumps(json_values.anything(card.to_json()), indent=2, allow_nan=False))
        return 0
    rows = {
        "file": f"{printable(path)} ({path.stat().st_size / 1000:.0f} kB)",
        "network": card.name,
        **(_face_rows(card) if isinstance(card, DetectorCard) else _emotion_rows(card)),
        "needs": f"fer-edge {card.minimum_runtime} or later",
        "made by": ", ".join(f"{name} {version}" for name, version in card.versions.items()),
    }
    rows |= {f"origin: {name}": _plain(value) for name, value in card.origin.items()}
    width = max(map(len, rows)) + 2
    tell(*(f"{name:{width}}{printable(text)}" for name, text in rows.items()))
    return 0


def _emotion_rows(card: ModelCard) -> dict[str, str]:
    spec = card.input
    return {
        "labels": ", ".join(card.labels),
        "input": f"{spec.width}x{spec.height} {spec.colour}, margin {spec.margin:g}",
        "temperature": f"{card.temperature:g}",
        "learned from": _plain({name: f"{share:.1%}" for name, share in card.priors.items()})
        or "shares not known",
        "corrected by": f"the power {card.priors_power:g} of these shares"
        if card.priors_power
        else "nothing",
        "calibration error": _plain(dict(card.calibration_error)) or "not measured",
    } | {
        f"right ({form})": ", ".join(f"{test} {value:.1%}" for test, value in tests.items())
        for form, tests in card.accuracy.items()
    }


def _face_rows(card: DetectorCard) -> dict[str, str]:
    return {
        "landmarks": ", ".join(card.landmarks),
        "input": "grey, any size",
        "threshold": f"{card.score_threshold:g}",
        "strides": ", ".join(f"{stride} px" for stride in card.strides),
    } | {f"measured: {name}": _plain(value) for name, value in card.accuracy.items()}


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(_plain, value)) or "none"
    return str(value)
