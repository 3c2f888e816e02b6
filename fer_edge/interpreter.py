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
            content: a TFLite flatbuffer with one input and one output, both int8 or uint8.
            threads: how many cores it may use, 1 or more.
            backend: a key of BACKENDS; without one the variable FER_EDGE_INTERPRETER decides,
                and else the first that works here.

        Raises:
            ValueError: fewer than one thread.
            BackendMissingError: the one asked for, or every one, is missing or broken.
            ModelError: the interpreter does not take the model.
        """
        if threads < 1:
            raise ValueError(f"threads must be 1 or more, got {threads}")
        self.backend, built = _build(content, threads, backend or os.environ.get(VARIABLE))
        self._interpreter = built
        self._room = 1
        self._most = MOST_AT_ONCE
        inputs, outputs = built.get_input_details(), built.get_output_details()
        if len(inputs) != 1 or len(outputs) != 1:
            raise ModelError(
                "expected a model of one input and one output, "
                f"got {len(inputs)} and {len(outputs)}"
            )
        self._input, self._output = inputs[0], outputs[0]
        for tensor in (self._input, self._output):
            if tensor["dtype"] not in (np.int8, np.uint8) or not tensor["quantization"][0] > 0:
                raise ModelError(
                    "expected int8 or uint8 in and out, "
                    f"got {np.dtype(tensor['dtype']).name}; make the model with python -m convert"
                )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(1, height, width, channels) for a picture."""
        return tuple(int(size) for size in self._input["shape"])

    @property
    def output_shape(self) -> tuple[int, ...]:
        """(1, classes) for a classifier."""
        return tuple(int(size) for size in self._output["shape"])

    def run(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """The model's answers, computed for MOST_AT_ONCE pictures at a time.

        In one batch was measured to be as fast as one after the other with LiteRT, and a tenth
        faster with tflite-runtime (`fer-edge bench` measures both). Models that have the batch of
        one written into their graph (a flattening) are run one after the other.

        Args:
            batch: pixels 0..255, as many as wanted along the first axis, the rest as in
                `input_shape`.

        Returns:
            float32, (len(batch), *output_shape[1:]).
        """
        scale, zero = self._output["quantization"]
        answers = np.empty((len(batch), *self.output_shape[1:]), np.float32)
        start = 0
        while start < len(batch):
            some = slice(start, start + self._make_room(min(len(batch) - start, MOST_AT_ONCE)))
            answers[some] = self._invoke(self._quantized(batch[some]))
            start = some.stop
        return np.asarray((answers - zero) * np.float32(scale), dtype=np.float32)

    def _make_room(self, wanted: int) -> int:
        """Prepare for so many pictures at once, or for as many as the model allows."""
        wanted = min(wanted, self._most)
        if wanted != self._room:
            try:
                self._resize(wanted)
            except (RuntimeError, ValueError) as error:
                log.debug("one picture at a time: %s", error)
                self._most = wanted = 1
                self._resize(wanted)
            self._room = wanted
        return wanted

    def _resize(self, pictures: int) -> None:
        shape = (pictures, *self.input_shape[1:])
        self._interpreter.resize_tensor_input(self._input["index"], shape)
        self._interpreter.allocate_tensors()

    def _invoke(self, batch: npt.NDArray[Any]) -> npt.NDArray[Any]:
        self._interpreter.set_tensor(self._input["index"], batch)
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output["index"]))

    def _quantized(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
        scale, zero = self._input["quantization"]
        limits = np.iinfo(self._input["dtype"])
        if scale == 1.0 and zero == limits.min:
            # Pixels as they are, or 128 lower: what a graph that scales by itself asks for.
            return np.asarray((batch ^ 0x80).view(np.int8) if limits.min else batch)
        numbers = np.rint(batch / np.float32(scale) + zero)
        return np.asarray(np.clip(numbers, limits.min, limits.max), dtype=self._input["dtype"])


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
