"""What a model says of itself: written at training, carried by conversion, obeyed at runtime."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from fer_edge.errors import ModelError
from fer_edge.version import __version__

Card = TypeVar("Card")

SCHEMA = 1
"""Grows when a reader of the old cards would misread the new ones."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What a model takes in."""

    height: int
    """Pixels."""
    width: int
    """Pixels."""
    colour: Literal["grey", "rgb"]
    """One channel of luma, or three in the order red, green, blue."""
    margin: float
    """What is shown around the square from hair line to chin, as a fraction of its side."""

    @property
    def channels(self) -> int:
        return 1 if self.colour == "grey" else 3


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The card inside an emotion model."""

    name: str
    """The network's name in `train`'s zoo."""
    labels: tuple[str, ...]
    """The emotions, in the order of the model's outputs."""
    input: InputSpec
    """What the model takes in."""
    temperature: float
    """The logits are divided by this before the softmax; greater than 0."""
    origin: Mapping[str, Any]
    """What it was trained on and how: data, targets, faces, epochs, seed, command."""
    accuracy: Mapping[str, Mapping[str, float]]
    """Fractions right by number format ("float32", "int8") and test ("fer2013", "ferplus")."""
    calibration_error: Mapping[str, float]
    """By test, how far a face's probability lies from the share of faces told with such a
    probability that are right, 0..1 (`train.measuring.measures`); empty if it was not measured."""
    versions: Mapping[str, str]
    """The packages that made it."""
    minimum_runtime: str
    """The oldest fer_edge that reads it right."""

    def to_json(self) -> dict[str, Any]:
        """The card as JSON has it."""
        return {"schema": SCHEMA, "task": "emotion", **dataclasses.asdict(self)}

    @classmethod
    def from_json(cls, data: Any) -> ModelCard:
        """The card in a parsed JSON document.

        Raises:
            ModelError: a field is missing or has another type or range than it must.
        """
        return parsed(data, "emotion", cls._of)

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> ModelCard:
        return _checked(
            cls(
                name=str(data["name"]),
                labels=tuple(str(label) for label in data["labels"]),
                input=InputSpec(
                    height=int(data["input"]["height"]),
                    width=int(data["input"]["width"]),
                    colour=data["input"]["colour"],
                    margin=float(data["input"]["margin"]),
                ),
                temperature=float(data["temperature"]),
                origin=dict(data["origin"]),
                accuracy={key: dict(value) for key, value in data["accuracy"].items()},
                calibration_error=dict(data.get("calibration_error", {})),
                versions=dict(data["versions"]),
                minimum_runtime=str(data["minimum_runtime"]),
            )
        )


def parsed(data: Any, task: str, make: Callable[[Mapping[str, Any]], Card]) -> Card:
    """The card that `make` reads out of a parsed JSON document.

    Args:
        data: the document.
        task: what the card's model does, as the card says it.
        make: may raise what looking up and converting fields raises.

    Raises:
        ModelError: another schema or task, or a field that is missing or wrong.
    """
    if not isinstance(data, dict):
        raise ModelError("the model's card is not a JSON object; convert the model again")
    if data.get("schema") != SCHEMA or data.get("task") != task:
        raise ModelError(
            f"expected a card of schema {SCHEMA} for the task {task!r}, got schema "
            f"{data.get('schema')!r} for {data.get('task')!r}; update fer-edge or convert again"
        )
    try:
        return make(data)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ModelError(
            f"the model's card lacks or misstates a field ({type(error).__name__}: {error}); "
            "convert the model again"
        ) from error


def _checked(card: ModelCard) -> ModelCard:
    spec = card.input
    if len(card.labels) < 2 or len(set(card.labels)) != len(card.labels):
        raise ValueError(f"labels must be two or more different names, got {card.labels}")
    if not (0 < spec.height <= 4096 and 0 < spec.width <= 4096):
        raise ValueError(f"input size {spec.width}x{spec.height}")
    if spec.colour not in ("grey", "rgb"):
        raise ValueError(f"colour must be 'grey' or 'rgb', got {spec.colour!r}")
    if not 0 <= spec.margin <= 4:
        raise ValueError(f"margin must be 0..4, got {spec.margin}")
    if not 0.01 <= card.temperature <= 100:
        raise ValueError(f"temperature must be 0.01..100, got {card.temperature}")
    version_tuple(card.minimum_runtime)
    return card


def version_tuple(version: str) -> tuple[int, ...]:
    """The leading numbers of a version such as "0.2.1rc1", for comparing.

    Raises:
        ValueError: it does not begin with a number.
    """
    match = re.match(r"\d+(\.\d+)*", version)
    if match is None:
        raise ValueError(f"a version begins with a number, got {version!r}")
    return tuple(int(part) for part in match.group().split("."))


def check_runtime(minimum: str) -> None:
    """Refuse a model that is made for a newer fer_edge.

    Raises:
        ModelError: `minimum` is later than this version.
    """
    if version_tuple(minimum) > version_tuple(__version__):
        raise ModelError(
            f"this model needs fer-edge {minimum} or later, this is "
            f"{__version__}; run pip install --upgrade fer-edge"
        )
