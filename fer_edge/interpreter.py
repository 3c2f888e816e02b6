"""The one room that owns TFLite: which interpreter runs a model, and numbers in and out of it."""

from __future__ import annotations

import importlib
import logging
import os
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.errors import BackendMissingError, ModelError
from fer_edge.models.runnable import check_model
from fer_edge.tflite_log import without_news

log = logging.getLogger(__name__)

BACKENDS = {
    "litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
}
"""The interpreters in order of preference (LiteRT was seen to be several times faster on int8),
and the module that each is in."""
MOST_AT_ONCE = 16
"""Pictures in one batch: more are no faster and only take memory."""
VARIABLE = "FER_EDGE_INTERPRETER"
"""The environment variable that asks for one of them."""


class Interpreter:
    """A model in memory that takes uint8 pictures and gives numbers."""

    def __init__(self, content: bytes, threads: int = 1, backend: str | None = None) -> None:
        """Load a model.

        Args:
            content: a TFLite flatbuffer with one input; it and the outputs are int8 or uint8.
            threads: how many cores it may use, 1 or more.
            backend: a key of BACKENDS; without one the variable FER_EDGE_INTERPRETER decides,
                and else the first that works here.

        Raises:
            ValueError: fewer than one thread.
            BackendMissingError: the one asked for, or every one, is missing or broken.
            ModelError: it is no sound model (see `check_model`), or the interpreter refuses it.
        """
        if threads < 1:
            raise ValueError(f"threads must be 1 or more, got {threads}")
        self._sound = check_model(content)
        self.backend, built = _build(content, threads, backend or os.environ.get(VARIABLE))
        self._interpreter = built
        self._most = MOST_AT_ONCE
        self._trouble = ""
        inputs, self._outputs = built.get_input_details(), built.get_output_details()
        (self._input,) = inputs
        self._shape: tuple[int, ...] = self.input_shape
        self._limits = np.iinfo(self._input["dtype"])

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(1, height, width, channels), as the model was made."""
        return tuple(int(size) for size in self._input["shape"])

    @property
    def output_shapes(self) -> tuple[tuple[int, ...], ...]:
        """Likewise: ((1, classes),) for a classifier."""
        return tuple(tuple(int(size) for size in one["shape"]) for one in self._outputs)

    def run(self, batch: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.float32]]:
        """The model's answers, computed for MOST_AT_ONCE pictures at a time.

        In one batch was measured to be as fast as one after the other with LiteRT, and a tenth
        faster with tflite-runtime (`fer-edge bench` measures both). Models that have the batch of
        one written into their graph (a flattening) are run one after the other.

        Args:
            batch: pixels 0..255, as many pictures as wanted along the first axis.
                A model of convolutions alone also takes other heights and widths than
                `input_shape` says.

        Returns:
            For each output float32, (len(batch), …).

        Raises:
            ModelError: the model takes no pictures of this size.
        """
        if not len(batch):
            return [np.empty((0, *shape[1:]), np.float32) for shape in self.output_shapes]
        if batch.shape == self._shape:
            # A stream's usual case, without the loop that costs a small model a hundredth.
            return self._invoke(self._quantized(batch))
        parts: list[list[npt.NDArray[np.float32]]] = []
        start = 0
        while start < len(batch):
            room = self._make_room((min(len(batch) - start, MOST_AT_ONCE), *batch.shape[1:]))
            parts.append(self._invoke(self._quantized(batch[start : start + room])))
            start += room
        if len(parts) == 1:
            return parts[0]
        return [np.concatenate(part) for part in zip(*parts, strict=True)]

    def _make_room(self, shape: tuple[int, ...]) -> int:
        """Prepare for pictures of a shape, as many of them at once as the model allows."""
        shape = (min(shape[0], self._most), *shape[1:])
        if shape == self._shape or self._fits(shape):
            return shape[0]
        if not self._fits((1, *shape[1:])):
            raise ModelError(
                f"the model was made for pictures of {self.input_shape[1:]} and takes none of "
                f"{shape[1:]} ({self._trouble})"
            )
        self._most = 1
        return 1

    def _fits(self, shape: tuple[int, ...]) -> bool:
        """Whether the model takes this shape, for which it is then prepared."""
        if shape[-1:] != self.input_shape[-1:]:
            # tflite-runtime does not refuse other channels, whatever it makes of them.
            self._trouble = f"it takes {self.input_shape[-1]} channels"
            return False
        self._shape = ()
        try:
            # Before an interpreter takes the memory, or divides by what is left of a small picture.
            self._sound.fitted(shape)
            self._interpreter.resize_tensor_input(self._input["index"], shape)
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            self._trouble = str(error)
            log.debug("%s does not fit: %s", shape, error)
            return False
        self._shape = shape
        return True

    def _invoke(self, batch: npt.NDArray[Any]) -> list[npt.NDArray[np.float32]]:
        try:
            self._interpreter.set_tensor(self._input["index"], batch)
            self._interpreter.invoke()
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{self.backend} cannot run the model: {error}") from error
        return [self._number(tensor) for tensor in self._outputs]

    def _number(self, tensor: Any) -> npt.NDArray[np.float32]:
        scale, zero = tensor["quantization"]
        raw = self._interpreter.get_tensor(tensor["index"])
        numbers: npt.NDArray[np.float32] = raw.astype(np.float32)
        # In place: for a detector's grids, new arrays would cost as much as the arithmetic.
        numbers -= zero
        numbers *= np.float32(scale)
        return numbers

    def _quantized(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
        scale, zero = self._input["quantization"]
        if scale == 1.0 and zero == self._limits.min:
            # Pixels as they are, or 128 lower: what a graph that scales by itself asks for.
            return (batch ^ 0x80).view(np.int8) if self._limits.min else batch
        numbers = np.rint(batch / np.float32(scale) + zero)
        clipped = np.clip(numbers, self._limits.min, self._limits.max)
        return np.asarray(clipped, dtype=self._input["dtype"])


def _build(content: bytes, threads: int, wanted: str | None) -> tuple[str, Any]:
    if wanted is not None and wanted not in BACKENDS:
        raise BackendMissingError(
            f"no interpreter is called {wanted!r}; expected one of: {', '.join(BACKENDS)}"
        )
    troubles = []
    for name in [wanted] if wanted else BACKENDS:
        try:
            module = _module(name)
        except Exception as error:
            # tflite-runtime beside numpy 2 fails with whatever the broken extension raises.
            troubles.append(f"{name}: {error}")
            continue
        try:
            with without_news(name):
                interpreter = module.Interpreter(model_content=content, num_threads=threads)
                interpreter.allocate_tensors()
        except (ImportError, SystemError, AttributeError) as error:
            troubles.append(f"{name}: {error}")
            continue
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{name} does not take the model: {error}") from error
        log.debug("interpreter: %s, %d threads", name, threads)
        return name, interpreter
    raise BackendMissingError(
        f"no TFLite interpreter works here ({'; '.join(troubles)}); pip install ai-edge-litert, "
        "or where that has no wheels: pip install tflite-runtime 'numpy<2'"
    )


def _module(name: str) -> ModuleType:
    return importlib.import_module(BACKENDS[name])
