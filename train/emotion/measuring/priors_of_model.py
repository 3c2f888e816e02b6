"""Measures and recalibrates a converted model's correction for priors, through the runtime's
classifier."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure

from fer_edge.classifier import EmotionClassifier
from fer_edge.errors import ModelError
from fer_edge.models import find_model
from fer_edge.models.card import ModelCard
from fer_edge.models.file import attach_card, check_replaceable, read_model
from train.data.faces import Faces
from train.data.inputs import in_parts
from train.data.sources import Votes
from train.emotion.measuring.calibration import card_with, fit_calibration
from train.emotion.measuring.priors import figures_by_power, has_class_weights, learned_shares
from train.emotion.measuring.reader import label_numbers, numbered_for
from train.emotion.measuring.steadiness import told_and_moved
from train.emotion.truths import truth_of, truths_of
from train.errors import DatasetError
from train.run.files import replacing


def emotion_model(model: str) -> tuple[bytes, ModelCard]:
    """The bytes and the card of a model, by a shipped one's name or by its path.

    Raises:
        ModelError: no such model, a damaged one, or one that finds faces.
    """
    file = read_model(find_model(model))
    if not isinstance(file.card, ModelCard):
        raise ModelError(f"{model} finds faces; expected an emotion model")
    return file.content, file.card


def table(
    model: str, faces: Faces, votes: Votes | None, truth: str, others: Mapping[str, Faces]
) -> pandas.DataFrame:
    """A row for each dataset and power: `faces`, `power`, `accuracy`, `macro_recall`,
    `calibration_error`, and `changed`, which is None for faces in colour.

    Args:
        model: a shipped model's name or a path.
        faces: all splits of the dataset; PublicTest is measured. If the card does not say how
            common emotions were in training, Training's shares are taken.
        votes: FER+'s, or none.
        truth: the right answers on PublicTest: "labels" or "ferplus".
        others: other datasets by name, whose labels are right.

    Raises:
        ModelError: see `emotion_model`.
        DatasetError: no PublicTest, emotions that the model does not know, or votes of other faces.
            Or another dataset has no emotion that the model knows.
    """
    classifier = EmotionClassifier(model, priors="as-trained")
    labels = classifier.card.labels
    faces = numbered_for(classifier.card, faces)
    public = faces.only("PublicTest")
    rights = {"PublicTest": (public, truth_of(public, votes, truth))}
    for name, other in others.items():
        right = label_numbers(other, labels)
        if not (right >= 0).any():
            raise DatasetError(f"{name} has no face of an emotion that the model knows")
        rights[name] = (other, right)
    shares = classifier.card.priors or learned_shares(
        faces, votes, truth, has_class_weights(classifier.card)
    )
    learned = np.array([shares[label] for label in labels]) if shares else np.empty(0)
    rows = []
    for name, (some, right) in rights.items():
        told = _told(classifier, some.images[right >= 0])
        moved = told_and_moved(classifier.probabilities, some.images, classifier.card.input)
        for one in figures_by_power(told, right[right >= 0], learned, moved):
            rows.append({"faces": name, **dataclasses.asdict(one)})
    return pandas.DataFrame(rows)


def chart(figures: pandas.DataFrame, file: Path) -> None:
    """Accuracy and macro recall against the power, for each dataset of a `table`.

    Raises:
        RunError: it cannot be written.
        DatasetError: see `check_chart`.
    """
    check_chart(file)
    figure = Figure(figsize=(8, 4), layout="constrained")
    names = list(figures["faces"].unique())
    for axes, name in zip(np.ravel(figure.subplots(1, len(names))), names, strict=True):
        some = figures[figures["faces"] == name]
        for column in ("accuracy", "macro_recall"):
            axes.plot(some["power"], some[column], marker="o", label=column.replace("_", " "))
        axes.set_title(name)
        axes.set_xlabel("power of the training's shares")
        axes.grid(alpha=0.3)
        axes.legend()
    with replacing(file) as draft:
        figure.savefig(draft)


def check_chart(file: Path) -> None:
    """Whether the file's name ends in a form that matplotlib draws.

    Raises:
        DatasetError: it does not.
    """
    forms = FigureCanvasBase.get_supported_filetypes()
    if file.suffix[1:].lower() not in forms:
        raise DatasetError(
            f"{file}: a chart's name ends in its form, one of {', '.join(sorted(forms))}"
        )


def recalibrated(model: str, faces: Faces, votes: Votes | None, truth: str, out: Path) -> ModelCard:
    """Write a copy of a model whose card has the best power on PublicTest.

    The model's bytes stay the same. Temperature and power are fitted to the int8 model's outputs on
    PublicTest. With them, accuracies and calibration errors are measured on PrivateTest. How common
    emotions were in training is what the card says; Training's shares, if it says nothing.

    Returns:
        The new card.

    Raises:
        DatasetError: a split is missing, the model does not know some emotions, or votes of other
            faces.
        ModelError: no emotion model, or something else than a model has the name `out`.
        RunError: `out` cannot be written.
    """
    check_replaceable(out)
    content, card = emotion_model(model)
    faces = numbered_for(card, faces)
    public = faces.only("PublicTest")
    right = truth_of(public, votes, truth)
    known = card.priors or learned_shares(faces, votes, truth, has_class_weights(card))
    learned = {label: known[label] for label in card.labels if known}
    classifier = EmotionClassifier(model, priors="as-trained")
    logits = _logits(_told(classifier, public.images[right >= 0]), card)
    pair = told_and_moved(classifier.probabilities, public.images, card.input)
    moved = pair and (_logits(pair[0], card), _logits(pair[1], card))
    every, chosen = fit_calibration(logits, right[right >= 0], learned, moved=moved)
    facts = {"on": "PublicTest, int8", "truth": truth}
    if not card.priors_power:
        # Only such a card has figures of the uncorrected model.
        before = {"accuracy_as_trained": dict(card.accuracy)}
        card = dataclasses.replace(card, origin={**before, **card.origin})
    card = card_with(card, learned, every[0], chosen, facts)
    with replacing(out) as draft:
        attach_card(content, card, draft, overwrite=True)
        card = _measured(card, EmotionClassifier(draft), faces, votes)
        attach_card(content, card, draft, overwrite=True)
    return card


def _measured(
    card: ModelCard, classifier: EmotionClassifier, faces: Faces, votes: Votes | None
) -> ModelCard:
    """The card with PrivateTest's figures; the float network's do not hold any more."""
    private = faces.only("PrivateTest")
    told = _told(classifier, private.images)
    accuracy, errors = {}, {}
    for truth, right in truths_of(faces, "PrivateTest", votes).items():
        known = right >= 0
        (plain,) = figures_by_power(told[known], right[known], np.empty(0))
        accuracy[truth], errors[truth] = round(plain.accuracy, 4), round(plain.calibration_error, 4)
    return dataclasses.replace(card, accuracy={"int8": accuracy}, calibration_error=errors)


def _logits(told: npt.NDArray[np.floating], card: ModelCard) -> npt.NDArray[np.float64]:
    """From uncorrected probabilities, up to a constant in each row, which the softmax removes."""
    return np.asarray(np.log(np.maximum(told, 1e-30)) * card.temperature, np.float64)


def _told(classifier: EmotionClassifier, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    parts = in_parts(images, classifier.card.input)
    told = np.concatenate([classifier.probabilities(part) for part in parts])
    return np.asarray(told, np.float64)
