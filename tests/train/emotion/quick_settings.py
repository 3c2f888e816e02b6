"""Settings with which a few faces are learned within seconds."""

from __future__ import annotations

CLASSES = ("angry", "fear", "happy", "sad", "surprise", "neutral")
"""So few faces have next to no disgust."""
SMALL_BATCHES = {"training.batch": 32, "data.classes": CLASSES}
ONE_EPOCH = {**SMALL_BATCHES, "training.epochs": 1, "targets.label_smoothing": 0.0}
AS_SHOWN = {
    **SMALL_BATCHES,
    "network.dropout": 0.0,
    "targets.label_smoothing": 0.0,
    "optimizer.ema": 0.0,
}
"""What is learned is what is shown, and no average of it."""
