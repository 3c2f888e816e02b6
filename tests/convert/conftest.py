"""What several tests of conversion need."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fer_edge import EmotionClassifier
from fer_edge.handover import EmotionHandover, TestFaces
from train.data.sources import read_source, read_votes
from train.data.sources.votes import majority
from train.emotion.run import EmotionRun
from train.networks import build


@pytest.fixture(scope="session")
def run(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> EmotionRun:
    """A run with the shipped card, and a network that is tested on faces that it has learned."""
    # Imported above, TensorFlow would print among pytest's own lines.
    import keras

    run = EmotionRun(tmp_path_factory.mktemp("runs") / "nano")
    run.folder.mkdir()
    card = EmotionClassifier("nano").card
    # As training begins it: priors and accuracy come later.
    fields = {key: one for key, one in card.to_json().items() if not key.startswith("priors")}
    run.card_file.write_text(json.dumps({**fields, "accuracy": {}}), "utf-8")
    faces = read_source(tables).only("Training")
    keras.utils.set_random_seed(1)
    network = build(card.name, len(card.labels), 0.0)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.5  # so that a few steps are enough to know the faces' statistics
    network.compile(
        optimizer=keras.optimizers.Adam(0.002),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    # Else the first step makes the optimizer's variables, and TensorFlow traces it twice.
    network.optimizer.build(network.trainable_variables)
    network.fit(faces.images.astype("float32"), faces.label, epochs=5, verbose=0)
    network.save(run.model_file)
    right = {
        "fer2013": faces.label,
        "ferplus": majority(read_votes(tables / "fer2013new.csv").of(faces)),
    }
    tests = {
        split: TestFaces(faces.images[part], {truth: one[part] for truth, one in right.items()})
        for split, part in (("PublicTest", slice(64)), ("PrivateTest", slice(64, 128)))
    }
    EmotionHandover(faces.images, tests).write(run.faces_file)
    return run
