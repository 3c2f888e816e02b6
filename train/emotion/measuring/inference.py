"""The outputs of a finished run's network for faces."""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt

from fer_edge.models.card import InputSpec, ModelCard
from fer_edge.priors import prior_terms
from train.data.inputs import in_parts


def logits_of(
    network: keras.Model, images: npt.NDArray[np.uint8], spec: InputSpec
) -> npt.NDArray[np.float32]:
    """The network's logits, (faces, classes), for faces at the size of their source."""
    return np.concatenate([outputs_of(network, part) for part in in_parts(images, spec)])


def outputs_of(network: keras.Model, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """The network's logits for faces at its own size, (faces, classes)."""
    # Not Keras's `predict`, which compiles anew for each network and each batch size.
    logits = network(keras.ops.cast(pixels, "float32"), training=False)
    return np.asarray(keras.ops.convert_to_numpy(logits), np.float32)


def calibrated_probabilities(
    card: ModelCard, logits: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Probabilities from a model's logits, corrected by its card as the runtime does it."""
    return probabilities_of(logits, card.temperature, prior_terms(card, None))


def probabilities_of(
    logits: npt.NDArray[np.floating], temperature: float, terms: npt.ArrayLike = 0.0
) -> npt.NDArray[np.float64]:
    """The softmax of logits / temperature + terms along the last axis."""
    scaled = np.asarray(logits, np.float64) / temperature + np.asarray(terms)
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
