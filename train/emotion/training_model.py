"""The model that is trained: augmentation, a network of the zoo, its optimizer and losses."""

from __future__ import annotations

import keras

from train.emotion.heads import with_two_heads
from train.emotion.learning_rate import learning_rate
from train.emotion.settings import Settings
from train.layers.augmentation import augmentation
from train.layers.fast_batch_norm import with_fast_batch_norm
from train.layers.mirror_tied import with_tied_weights
from train.networks import build, find_network


def network_of(settings: Settings, classes: int) -> keras.Model:
    """The settings' network with fresh weights, auxiliary heads and all."""
    network = build(settings.network, classes, settings.dropout)
    return with_two_heads(network, classes) if settings.two_heads else network


def without_auxiliary_heads(network: keras.Model) -> keras.Model:
    """What is used once it is trained: one output."""
    if len(network.outputs) == 1:
        return network
    return keras.Model(network.inputs, network.outputs[0], name=network.name)


def training_model(settings: Settings, network: keras.Model, steps: int) -> keras.Model:
    """Compiled; its last layer is the network.

    Args:
        settings: of the run.
        network: what `network_of` gives.
        steps: in an epoch.
    """
    inputs = keras.Input(network.input_shape[1:])
    x = inputs
    for layer in augmentation(settings.seed, settings.augmentation, settings.quality):
        x = layer(x)
    if find_network(settings.network).mirrored:
        network = with_tied_weights(network)
    model = keras.Model(inputs, with_fast_batch_norm(network)(x))
    heads = len(network.outputs)
    weight = 1.0 if settings.two_heads else find_network(settings.network).auxiliary_weight
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=settings.label_smoothing
    )
    accuracy = keras.metrics.CategoricalAccuracy(name="accuracy")
    model.compile(
        optimizer=_optimizer(settings, steps),
        loss=loss if heads == 1 else [loss] * heads,
        loss_weights=None if heads == 1 else [1.0] + [weight] * (heads - 1),
        metrics=[accuracy] if heads == 1 else [[accuracy]] + [[]] * (heads - 1),
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )
    return model


def _optimizer(settings: Settings, steps: int) -> keras.optimizers.Optimizer:
    choices = {
        "weight_decay": settings.weight_decay or None,
        "use_ema": settings.average > 0,
        "ema_momentum": settings.average or 0.99,
    }
    schedule = learning_rate(settings, steps)
    if settings.optimizer == "adam":
        return keras.optimizers.Adam(schedule, **choices)
    return keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, **choices)
