"""Runs an emotion model: from its input to emotions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fer_edge.detectors.checked import READ_TAKES, checked_detections
from fer_edge.emotion import Emotion
from fer_edge.errors import ModelError
from fer_edge.face import Detection
from fer_edge.interpreter import Interpreter
from fer_edge.model_input import model_input
from fer_edge.models import find_model
from fer_edge.models.card import ModelCard, check_runtime
from fer_edge.models.file import named_in_errors, read_model
from fer_edge.pictures.image import Image, checked_image
from fer_edge.priors import Priors, prior_terms


class EmotionClassifier:
    """An int8 emotion model, ready to run.

    Threads may share one classifier; it serves them one after the other. One a thread is faster.
    """

    def __init__(
        self,
        model: str | Path = "edge",
        threads: int = 1,
        interpreter: str | None = None,
        *,
        priors: Priors | None = None,
    ) -> None:
        """Load a model and check its card against its tensors.

        Args:
            model: the name of a shipped model, or the path of a .tflite made by `convert`.
            threads: how many cores it may use, 1 to 64.
            interpreter: "litert" or "tflite-runtime"; the first that works if None.
            priors: how common the emotions are where the faces come from; see `prior_terms`.

        Raises:
            ArgumentError: no such number of threads, or no such priors.
            ModelError: missing, damaged, without a card, or made for a newer fer_edge. Or its card
                lacks the shares that `priors` need.
            BackendMissingError: no TFLite interpreter works here.
        """
        path = find_model(model, "emotion")
        file = read_model(path)
        with named_in_errors(path):
            if not isinstance(file.card, ModelCard):
                raise ModelError("expected an emotion model, this one finds faces")
            check_runtime(file.card.minimum_runtime)
            self.card = file.card
            self.interpreter = Interpreter(file.content, threads, interpreter)
            _check_tensors(file.card, self.interpreter)
            self._prior_terms = prior_terms(file.card, priors)

    def read(self, image: Image, faces: Sequence[Detection]) -> tuple[Emotion, ...]:
        """The emotions of some faces of a picture, in their order.

        Args:
            image: uint8, (height, width) grey or (height, width, 3) BGR.
            faces: where they are.

        Raises:
            PictureError: the image is no picture, or a face's square lies outside it.
            DetectionError: the faces are no detections.
        """
        return self.read_checked(checked_image(image), checked_detections(faces, READ_TAKES))

    def read_checked(self, image: Image, faces: Sequence[Detection]) -> tuple[Emotion, ...]:
        """As `read`, of an image and detections that were checked before.

        Raises:
            PictureError: a face's square lies outside the image.
        """
        if not faces:
            return ()
        spec = self.card.input
        inputs = [model_input(image, face.square, spec, face.roll) for face in faces]
        batch = np.stack(inputs) if len(inputs) > 1 else inputs[0][np.newaxis]
        return tuple(self._emotion(row) for row in self.probabilities(batch))

    def probabilities(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """(faces, labels), from the pictures of `model_input`, (faces, height, width, channels).

        Each row adds up to 1, in the order of the card's labels.

        Raises:
            PictureError: the batch is no uint8 array of four axes.
            ModelError: the model takes no pictures of this size.
        """
        logits = self.interpreter.run(batch)[0] / np.float32(self.card.temperature)
        logits += self._prior_terms
        # The ufuncs' own `reduce`: for so few numbers, numpy's `max` and `sum` take twice as long.
        logits -= np.maximum.reduce(logits, axis=1, keepdims=True)
        powers: npt.NDArray[np.float32] = np.exp(logits)
        powers /= np.add.reduce(powers, axis=1, keepdims=True)
        return powers

    def _emotion(self, row: npt.NDArray[np.float32]) -> Emotion:
        probabilities = dict(zip(self.card.labels, row.tolist(), strict=True))
        label = max(probabilities, key=probabilities.__getitem__)
        return Emotion(label, probabilities[label], probabilities)


def _check_tensors(card: ModelCard, interpreter: Interpreter) -> None:
    spec = card.input
    declared = ((1, spec.height, spec.width, spec.channels), ((1, len(card.labels)),))
    found = (interpreter.input_shape, interpreter.output_shapes)
    if declared != found:
        raise ModelError(
            f"the card says that the model takes {declared[0]} and gives {declared[1]}, its "
            f"tensors are {found[0]} and {found[1]}: the card belongs to another model"
        )
