"""What a model says of itself: written at training, carried by conversion, obeyed at runtime."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fer_edge.errors import ModelError
from fer_edge.models.fields import Fields, check_size, wrong
from fer_edge.version import __version__

CARD_SCHEMA = 1
"""Grows when a reader of the old cards would misread the new ones."""
LARGEST_SIDE_PIXELS = 4096
"""Pixels of a model's input."""


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
        """Numbers of a pixel."""
        return 1 if self.colour == "grey" else 3


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The card inside an emotion model."""

    name: str
    """The network's name in `train`'s zoo; part of a file's name, never of a path."""
    labels: tuple[str, ...]
    """The emotions, in the order of the model's outputs: printable, at most 64 characters each."""
    input: InputSpec
    """What the model takes in."""
    temperature: float
    """The logits are divided by this before the softmax; greater than 0."""
    origin: Mapping[str, Any]
    """What it was trained on and how: data, targets, faces, epochs, seed, command."""
    accuracy: Mapping[str, Mapping[str, float]]
    """Fractions right by number format ("float32", "int8") and test ("fer2013", "ferplus")."""
    calibration_error: Mapping[str, float]
    """The int8 model's expected calibration error by test, 0..1 (Guo et al. 2017, arXiv:1706.04599,
    equation 3). It is empty if it was not measured."""
    versions: Mapping[str, str]
    """The packages that made it."""
    minimum_runtime: str
    """The oldest fer_edge that reads it right."""
    priors: Mapping[str, float] = field(default_factory=dict)
    """By label, its share of what the model learned, above 0, together 1; empty if that is not
    known."""
    priors_power: float = 0.0
    """Probabilities are divided by these shares to this power, 0..1. A user's `priors` replace it.
    0 if the shares are not known. See `fer_edge.priors`."""

    def to_json(self) -> dict[str, Any]:
        """The card as JSON has it.

        Raises:
            ModelError: a field has another type or range than it must: nobody could read it.
        """
        data = {"schema": CARD_SCHEMA, "task": "emotion", **dataclasses.asdict(self)}
        self.from_json(data)
        return data

    @classmethod
    def from_json(cls, data: Any) -> ModelCard:
        """The card in a parsed JSON document.

        Raises:
            ModelError: a field is missing or has another type or range than it must.
        """
        fields = opened(data, "emotion")
        spec = fields.inner("input")
        labels = fields.texts("labels", least=2)
        priors, power = _priors(fields, labels), fields.number("priors_power", 0, 1, default=0.0)
        if power and not priors:
            raise wrong("priors", "shares, since priors_power is not 0", priors)
        return cls(
            name=fields.file_name("name"),
            labels=labels,
            input=InputSpec(
                height=spec.whole("height", 1, LARGEST_SIDE_PIXELS),
                width=spec.whole("width", 1, LARGEST_SIDE_PIXELS),
                colour="grey" if spec.choice("colour", "grey", "rgb") == "grey" else "rgb",
                margin=spec.number("margin", 0, 4),
            ),
            temperature=fields.number("temperature", 0.01, 100),
            origin=fields.free("origin"),
            accuracy=fields.tables("accuracy"),
            calibration_error=fields.shares("calibration_error", default={}),
            versions=fields.names("versions"),
            minimum_runtime=minimum_runtime(fields),
            priors=priors,
            priors_power=power,
        )


def _priors(fields: Fields, labels: tuple[str, ...]) -> dict[str, float]:
    found = fields.shares("priors", default={})
    if not found:
        return found
    if set(found) != set(labels) or min(found.values()) <= 0:
        raise wrong("priors", "a share above 0 for each label", found)
    if abs(sum(found.values()) - 1) > 0.01:
        raise wrong("priors", "shares that add up to 1", found)
    return found


def opened(data: Any, task: str) -> Fields:
    """The fields of a card for one task.

    Args:
        data: a parsed JSON document; fields that this version does not know are left alone.
        task: what the card's model does, as the card says it.

    Raises:
        ModelError: it is no object, too large, or a card of another schema or task.
    """
    fields = Fields(data)
    check_size(data)
    schema = data.get("schema")
    if type(schema) is not int or schema != CARD_SCHEMA or data.get("task") != task:
        raise ModelError(
            f"expected a card of schema {CARD_SCHEMA} for the task {task!r}, got schema "
            f"{schema!a} for {data.get('task')!a}; update fer-edge or convert again"
        )
    return fields


def minimum_runtime(fields: Fields) -> str:
    """The field of that name.

    Raises:
        ModelError: it does not begin as a version does.
    """
    version = fields.text("minimum_runtime")
    try:
        version_tuple(version)
    except ValueError:
        raise wrong("minimum_runtime", "a version", version) from None
    return version


def version_tuple(version: str) -> tuple[int, ...]:
    """The leading numbers of a version such as "0.2.1rc1", for comparing.

    Raises:
        ValueError: it does not begin with a number.
    """
    match = re.match(r"[0-9]+(\.[0-9]+)*", version)
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
