"""What a face detection model says of itself: see `ModelCard` for the emotion models'."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fer_edge.models.card import CARD_SCHEMA, minimum_runtime, opened
from fer_edge.models.fields import wrong

DETECTION_TASK = "detection"
"""What the card says that its model does, beside the emotion models' "emotion"."""
FORMER_DETECTION_TASK = "face"
"""What cards made before fer_edge 0.2 call it."""
FORMER_FIELDS = {"least_score": "score_threshold", "overlap": "iou_threshold"}
"""What cards made before fer_edge 0.2 call some of their fields."""


@dataclass(frozen=True, slots=True)
class DetectorCard:
    """The card inside a face detection model."""

    name: str
    """The network's name."""
    strides: tuple[int, ...]
    """Pixels from cell to cell of each grid of answers, smallest first."""
    landmarks: tuple[str, ...]
    """The points of a face, in the order of the model's numbers."""
    score_threshold: float
    """Candidates that score less are no faces, 0..1."""
    iou_threshold: float
    """Of two faces whose intersection over union exceeds this, the lower-scoring one goes, 0..1."""
    square_side: float
    """The square from hair line to chin, as a multiple of the box's longer side."""
    square_down: float
    """How far its centre lies below the box's centre, in the same unit."""
    origin: Mapping[str, Any]
    """What it was trained on and how."""
    accuracy: Mapping[str, Any]
    """All figures are of pictures held out from training. `float32` has the average precision by
    pixels of the picture and of the face, and more. `int8` says how many of float32's faces the
    int8 model finds."""
    versions: Mapping[str, str]
    """The packages that made it."""
    searched_once: int
    """Pixels of a picture's longer side, and of a face's, up to which it finds faces. Larger
    pictures are searched in smaller copies, too, and so are those of larger faces."""
    minimum_runtime: str
    """The oldest fer_edge that reads it right."""

    def to_json(self) -> dict[str, Any]:
        """The card as JSON has it.

        Raises:
            ModelError: a field has another type or range than it must: nobody could read it.
        """
        data = {"schema": CARD_SCHEMA, "task": DETECTION_TASK, **dataclasses.asdict(self)}
        self.from_json(data)
        return data

    @classmethod
    def from_json(cls, data: Any) -> DetectorCard:
        """The card in a parsed JSON document.

        Raises:
            ModelError: a field is missing or has another type or range than it must.
        """
        fields = opened(_with_present_names(data), DETECTION_TASK)
        strides = fields.wholes("strides", 1, 512)
        if any(2 * finer != coarser for finer, coarser in itertools.pairwise(strides)):
            raise wrong("strides", "each twice the one before", list(strides))
        return cls(
            name=fields.file_name("name"),
            strides=strides,
            landmarks=fields.texts("landmarks"),
            score_threshold=fields.number("score_threshold", 0.001, 0.999),
            iou_threshold=fields.number("iou_threshold", 0, 1),
            square_side=fields.number("square_side", 0.1, 4),
            square_down=fields.number("square_down", -2, 2),
            origin=fields.free("origin"),
            accuracy=fields.free("accuracy"),
            versions=fields.names("versions"),
            searched_once=fields.whole("searched_once", 32, 4096),
            minimum_runtime=minimum_runtime(fields),
        )


def is_of_detector(data: Any) -> bool:
    """Whether a parsed JSON document says that it is such a card."""
    return isinstance(data, dict) and data.get("task") in (DETECTION_TASK, FORMER_DETECTION_TASK)


def _with_present_names(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    former = {old: new for old, new in FORMER_FIELDS.items() if new not in data}
    named = {former.get(name, name): value for name, value in data.items()}
    return (
        {**named, "task": DETECTION_TASK} if named.get("task") == FORMER_DETECTION_TASK else named
    )
