"""`fer-edge info`: what a model says of itself."""

from __future__ import annotations

import argparse
import json

from fer_edge.classifier import EmotionClassifier
from fer_edge.models import find_model


def run(args: argparse.Namespace) -> int:
    """Load the model, so that a card that lies is found out, and print it."""
    path = find_model(args.model)
    card = EmotionClassifier(path).card
    if args.json:
        print(json.dumps(card.to_json(), indent=2))
        return 0
    spec = card.input
    rows = {
        "file": f"{path} ({path.stat().st_size / 1000:.0f} kB)",
        "network": card.name,
        "labels": ", ".join(card.labels),
        "input": f"{spec.width}x{spec.height} {spec.colour}, margin {spec.margin:g}",
        "temperature": f"{card.temperature:g}",
        "needs": f"fer-edge {card.minimum_runtime} or later",
        "made by": ", ".join(f"{name} {version}" for name, version in card.versions.items()),
    }
    rows |= {
        f"right ({form})": ", ".join(f"{test} {value:.1%}" for test, value in tests.items())
        for form, tests in card.accuracy.items()
    }
    rows |= {f"origin: {name}": _plain(value) for name, value in card.origin.items()}
    for name, text in rows.items():
        print(f"{name:22}{text}")
    return 0


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items())
    return str(value)
