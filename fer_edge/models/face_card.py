"""What a face detection model says of itself: see `ModelCard` for the emotion models'."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fer_edge.models.card import SCHEMA, parsed, version_tuple


@dataclass(frozen=True, slots=True)
class FaceCard:
    """The card inside a face detection model."""

    name: str
    """The network's name."""
    strides: tuple[int, ...]
    """Pixels from cell to cell of each grid of answers, smallest first."""
    landmarks: tuple[str, ...]
    """The points of a face, in the order of the model's numbers."""
    least_score: float
    """Candidates that score less are no faces, 0..1."""
    overlap: float
    """Of two faces whose intersection over union exceeds this, the lower-scoring one goes, 0..1."""
    square_side: float
    """The square from hair line to chin, as a multiple of the box's longer side."""
    square_down: float
    """How far its centre lies below the box's centre, in the same unit."""
    origin: Mapping[str, Any]
    """What it was trained on and how."""
    accuracy: Mapping[str, Any]
    """Average precision and other figures."""
    versions: Mapping[str, str]
    """The packages that made it."""
    minimum_runtime: str
    """The oldest fer_edge that reads it right."""

    def to_json(self) -> dict[str, Any]:
        """The card as JSON has it."""
        return {"schema": SCHEMA, "task": "face", **dataclasses.asdict(self)}

    @classmethod
    def from_json(cls, data: Any) -> FaceCard:
        """The card in a parsed JSON document.

        Raises:
            ModelError: a field is missing or has another type or range than it must.
        """
        return parsed(data, "face", cls._of)

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> FaceCard:
        return _checked(
            cls(
                name=str(data["name"]),
                strides=tuple(int(stride) for stride in data["strides"]),
                landmarks=tuple(str(name) for name in data["landmarks"]),
                least_score=float(data["least_score"]),
                overlap=float(data["overlap"]),
                square_side=float(data["square_side"]),
                square_down=float(data["square_down"]),
                origin=dict(data["origin"]),
                accuracy=dict(data["accuracy"]),
                versions=dict(data["versions"]),
                minimum_runtime=str(data["minimum_runtime"]),
            )
        )


def _checked(card: FaceCard) -> FaceCard:
    if not card.strides or any(not 1 <= stride <= 512 for stride in card.strides):
        raise ValueError(f"strides must be 1..512, got {card.strides}")
    if any(2 * finer != coarser for finer, coarser in itertools.pairwise(card.strides)):
        raise ValueError(f"each stride must be twice the one before, got {card.strides}")
    for name, low, high in (
        ("least_score", 0.001, 0.999),
        ("overlap", 0.0, 1.0),
        ("square_side", 0.1, 4.0),
        ("square_down", -2.0, 2.0),
    ):
        if not low <= getattr(card, name) <= high:
            raise ValueError(f"{name} must be {low}..{high}, got {getattr(card, name)}")
    version_tuple(card.minimum_runtime)
    return card
