"""Runs models with a TFLite interpreter: shapes, batches, threads."""

from __future__ import annotations

import functools
import logging
import threading
from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.errors import ModelError, PictureError
from fer_edge.forked import begin_anew_in_children, never_delete
from fer_edge.models.runnable import check_model
from fer_edge.number import whole_number
from fer_edge.printable import brief
from fer_edge.tflite_backend import built_interpreter, wanted_backend

log = logging.getLogger(__name__)

LARGEST_BATCH = 16
"""Pictures in one batch: more are no faster and only take memory."""
MOST_THREADS = 64
"""More cores than any of these models can use."""
MOST_PREPARED_SHAPES = 4
"""Shapes that interpreters are kept for. A stream needs three for detection, and at most one more
for its windows. Each takes the memory of its layers. To prepare one takes as long as to run it
several times."""


class Interpreter:
    """A model in memory that takes uint8 pictures and gives numbers.

    Threads may share it: it serves them one after the other. Each shape of pictures has its own
    TFLite interpreter, which is prepared once. The last MOST_PREPARED_SHAPES shapes are kept. In a
    forked child they are prepared anew where a thread of the parent's would be missing.
    """

    def __init__(self, content: bytes, threads: int = 1, backend: str | None = None) -> None:
        """Load a model.

        Args:
            content: a TFLite flatbuffer with one input; it and the outputs are int8 or uint8.
            threads: how many cores it may use, 1 to MOST_THREADS.
            backend: a key of BACKENDS; without one the variable FER_EDGE_INTERPRETER decides,
                and else the first that works here.

        Raises:
            ArgumentError: no such number of threads, or no interpreter of this name.
            BackendMissingError: every one, or the one that is asked for, is missing or broken.
            ModelError: it is no sound model (see `check_model`), or the interpreter refuses it.
        """
        threads = whole_number("threads", threads, 1, MOST_THREADS)
        wanted = wanted_backend(backend)
        self._sound = check_model(content)
        self.backend, built = built_interpreter(content, threads, wanted)
        self._another = functools.partial(built_interpreter, content, threads, self.backend)
        self._threads, self._most = threads, LARGEST_BATCH
        self._trouble = ""
        self._lock = threading.Lock()
        inputs, self._outputs = built.get_input_details(), built.get_output_details()
        (self._input,) = inputs
        self.meanings: tuple[tuple[float, int], ...] = tuple(
            one["quantization"] for one in self._outputs
        )
        """For each output its scale and its zero: what its integers mean."""
        self._prepared: OrderedDict[tuple[int, ...], Any] = OrderedDict({self.input_shape: built})
        self._limits = np.iinfo(self._input["dtype"])
        begin_anew_in_children(self, Interpreter._begin_anew)

    def _begin_anew(self) -> None:
        """See `fer_edge.forked`."""
        was_running, self._lock = self._lock.locked(), threading.Lock()
        if was_running or self._threads > 1:
            for built in self._prepared.values():
                never_delete(built)
            self._prepared = OrderedDict()

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(1, height, width, channels), as the model was made."""
        return tuple(int(size) for size in self._input["shape"])

    @property
    def output_shapes(self) -> tuple[tuple[int, ...], ...]:
        """Likewise: ((1, classes),) for a classifier."""
        return tuple(tuple(int(size) for size in one["shape"]) for one in self._outputs)

    def run(self, batch: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.float32]]:
        """The model's answers, computed for LARGEST_BATCH pictures at a time.

        With LiteRT, a batch was as fast as single pictures one after the other; with tflite-runtime
        it was a tenth faster (`fer-edge bench` measures both). Models whose graph fixes a batch of
        one (by a flattening) are run one after the other.

        Args:
            batch: pixels 0..255, as many pictures as wanted along the first axis.
                A model of convolutions alone also takes other heights and widths than
                `input_shape` says.

        Returns:
            For each output float32, (len(batch), …).

        Raises:
            PictureError: the batch is no uint8 array of four axes.
            ModelError: the model takes no pictures of this size.
        """
        if not isinstance(batch, np.ndarray) or batch.dtype != np.uint8 or batch.ndim != 4:
            raise PictureError(
                f"a batch is a uint8 array, (pictures, height, width, channels), got {brief(batch)}"
            )
        if not len(batch):
            return [np.empty((0, *shape[1:]), np.float32) for shape in self.output_shapes]
        answers = []
        for raw, (scale, zero) in zip(self.raw(batch), self.meanings, strict=True):
            numbers = raw.astype(np.float32)
            # In place: for large outputs, new arrays would cost as much as the arithmetic.
            numbers -= zero
            numbers *= np.float32(scale)
            answers.append(numbers)
        return answers

    def raw(self, batch: npt.NDArray[np.uint8]) -> list[npt.NDArray[Any]]:
        """As `run`, but gives the model's integers.

        (integer - zero) * scale is what one means, by the output's pair in `meanings`.
        """
        with self._lock:
            built = self._prepared.get(batch.shape)
            if built is not None:
                # The usual case of a stream. Without the loop a small model is 1 % faster.
                self._prepared.move_to_end(batch.shape)
                return self._invoke(built, self._quantized(batch))
            return self._in_parts(batch)

    def _in_parts(self, batch: npt.NDArray[np.uint8]) -> list[npt.NDArray[Any]]:
        parts: list[list[npt.NDArray[Any]]] = []
        start = 0
        while start < len(batch):
            room = min(len(batch) - start, self._most)
            built = self._fitting((room, *batch.shape[1:]))
            if built is None and room > 1:
                self._most = 1
                continue
            if built is None:
                raise ModelError(
                    f"the model was made for pictures of {self.input_shape[1:]} and takes none of "
                    f"{batch.shape[1:]} ({self._trouble})"
                )
            parts.append(self._invoke(built, self._quantized(batch[start : start + room])))
            start += room
        if len(parts) == 1:
            return parts[0]
        return [np.concatenate(part) for part in zip(*parts, strict=True)]

    def _fitting(self, shape: tuple[int, ...]) -> Any:
        """An interpreter that is prepared for a shape; None if the model does not take it."""
        if shape in self._prepared:
            self._prepared.move_to_end(shape)
            return self._prepared[shape]
        if shape[-1:] != self.input_shape[-1:]:
            # tflite-runtime accepts a wrong number of channels, so this checks it.
            self._trouble = f"it takes {self.input_shape[-1]} channels"
            return None
        try:
            # Checked before an interpreter takes the memory, or divides by a side of 0.
            self._sound.fitted(shape)
            _, built = self._another()
            built.resize_tensor_input(self._input["index"], shape)
            built.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            self._trouble = str(error)
            log.debug("%s does not fit: %s", shape, error)
            return None
        self._prepared[shape] = built
        if len(self._prepared) > MOST_PREPARED_SHAPES:
            self._prepared.popitem(last=False)
        return built

    def _invoke(self, built: Any, batch: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        try:
            built.set_tensor(self._input["index"], batch)
            built.invoke()
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{self.backend} cannot run the model: {error}") from error
        return [built.get_tensor(tensor["index"]) for tensor in self._outputs]

    def _quantized(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
        scale, zero = self._input["quantization"]
        if scale == 1.0 and zero == self._limits.min:
            # The pixels themselves, or 128 lower for int8: the graph scales them by itself.
            return (batch ^ 0x80).view(np.int8) if self._limits.min else batch
        numbers = np.rint(batch / np.float32(scale) + zero)
        clipped = np.clip(numbers, self._limits.min, self._limits.max)
        return np.asarray(clipped, dtype=self._input["dtype"])
