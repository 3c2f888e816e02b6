"""Networks with two heads: one learns what most people see, one the dataset's label.

Both heads share one trunk, which learns from both kinds of targets. Each head becomes a run of its
own, as if there were no other.
"""

from __future__ import annotations

import dataclasses

import keras

from train.emotion.run import EmotionRun
from train.emotion.settings import HEADS, Settings
from train.errors import RunError
from train.networks.convolution import logits
from train.run.files import write_json
from train.run.network_file import save_network


def with_two_heads(network: keras.Model, classes: int) -> keras.Model:
    """A second output layer beside a network's own.

    Raises:
        RunError: it has other outputs already.
    """
    if len(network.outputs) > 1:
        raise RunError(f"{network.name} has auxiliary heads, and cannot have two of its own")
    second = logits(network.layers[-1].input, classes, name=f"{network.layers[-1].name}_labels")
    return keras.Model(network.input, [network.outputs[0], second], name=network.name)


def last_layers(network: keras.Model) -> list[keras.layers.Dense]:
    """Those that make the outputs.

    Raises:
        RunError: one is no dense layer, or they take different features.
    """
    layers = [output._keras_history.operation for output in network.outputs]
    for layer in layers:
        if not isinstance(layer, keras.layers.Dense):
            raise RunError(f"{network.name} ends in {layer.name}, expected a dense layer")
        if layer.input is not layers[0].input:
            raise RunError(f"{network.name}: its heads take different features")
    return layers


def leave_heads(run: EmotionRun, network: keras.Model, settings: Settings) -> None:
    """Make a run folder of each head of a finished network, inside the run's own.

    Raises:
        RunError: a file of the run is missing or damaged; nothing is written then. Or a head's
            folder cannot be written.
    """
    made, history, card = run.read_facts(), run.read_history(), run.read_card()
    for name, output in zip(HEADS, network.outputs, strict=True):
        part = run.head(name)
        part.folder.mkdir(exist_ok=True)
        save_network(keras.Model(network.input, output, name=network.name), part.model_file)
        own = settings.changed(network={"head": name}).to_json()
        write_json(part.run_file, {**made, "settings": own})
        write_json(part.history_file, history)
        origin = {**card.origin, "settings": own}
        write_json(part.card_file, dataclasses.replace(card, origin=origin).to_json())
        part.forget_int8()
