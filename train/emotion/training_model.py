"""Builds the training model: augmentation, a network of the zoo, its optimizer and losses."""

from __future__ import annotations

import keras

from train.emotion.heads import with_two_heads
from train.emotion.learning_rate import learning_rate
from train.emotion.settings import Settings
from train.layers.agreement import Agreement
from train.layers.augmentation import augmentation
from train.layers.fast_batch_norm import with_fast_batch_norm
from train.layers.jittered_pairs import JitteredPairs
from train.layers.mirror_tied import with_tied_weights
from train.networks import build, find_network
from train.run.ema import AveragedAdam, AveragedSGD, averaging

JITTER_SEED = 7
"""What is added to the run's seed; the layers of `augmentation` add less."""


def network_of(settings: Settings, classes: int) -> keras.Model:
    """The settings' network with fresh weights, auxiliary heads and all."""
    network = build(settings.network.name, classes, settings.network.dropout)
    return with_two_heads(network, classes) if settings.network.two_heads else network


def without_auxiliary_heads(network: keras.Model) -> keras.Model:
    """What is used once it is trained: one output."""
    if len(network.outputs) == 1:
        return network
    return keras.Model(network.inputs, network.outputs[0], name=network.name)


def training_model(settings: Settings, network: keras.Model, steps: int) -> keras.Model:
    """Compiled; see `trained_network` for the network in it.

    Args:
        settings: of the run.
        network: what `network_of` gives.
        steps: in an epoch.
    """
    inputs = keras.Input(network.input_shape[1:])
    x = inputs
    for layer in augmentation(
        settings.training.seed,
        settings.augmentation.strength,
        settings.augmentation.degradation,
        settings.augmentation.gamma,
    ):
        x = layer(x)
    if settings.augmentation.consistency:
        x = JitteredPairs(settings.training.seed + JITTER_SEED)(x)
    if find_network(settings.network.name).mirror_tied:
        network = with_tied_weights(network)
    network = with_fast_batch_norm(network)
    logits = network(x)
    heads = len(network.outputs)
    if weight := settings.augmentation.consistency:
        each = [Agreement(weight)(one) for one in (logits if heads > 1 else [logits])]
        logits = each if heads > 1 else each[0]
    model = keras.Model(inputs, logits)
    second = (
        1.0 if settings.network.two_heads else find_network(settings.network.name).auxiliary_weight
    )
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=settings.targets.label_smoothing
    )
    accuracy = keras.metrics.CategoricalAccuracy(name="accuracy")
    model.compile(
        optimizer=_optimizer(settings, steps),
        loss=loss if heads == 1 else [loss] * heads,
        loss_weights=None if heads == 1 else [1.0] + [second] * (heads - 1),
        metrics=[accuracy] if heads == 1 else [[accuracy]] + [[]] * (heads - 1),
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )
    return model


def trained_network(model: keras.Model) -> keras.Model:
    """The network in a training model."""
    (network,) = (layer for layer in model.layers if isinstance(layer, keras.Model))
    return network


def _optimizer(settings: Settings, steps: int) -> keras.optimizers.Optimizer:
    choices = {
        "weight_decay": settings.optimizer.weight_decay or None,
        **averaging(settings.optimizer.ema),
    }
    schedule = learning_rate(settings, steps)
    if settings.optimizer.name == "adam":
        return AveragedAdam(schedule, **choices)
    return AveragedSGD(schedule, momentum=0.9, nesterov=True, **choices)
