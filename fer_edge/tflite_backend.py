"""The only file that imports a TFLite interpreter: it chooses one, and says what to install."""

from __future__ import annotations

import importlib
import logging
import os
from types import ModuleType
from typing import Any

from fer_edge.errors import ArgumentError, BackendMissingError, ModelError
from fer_edge.native_logs.tflite_log import without_news
from fer_edge.printable import brief

log = logging.getLogger(__name__)

BACKENDS = {
    "litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
}
"""The interpreters in order of preference (LiteRT was seen to be several times faster on int8),
and the module that each is in."""
INSTALLING = {
    "litert": "pip install ai-edge-litert",
    "tflite-runtime": "pip install tflite-runtime 'numpy<2' (up to Python 3.11)",
}
"""What to type for each."""
INTERPRETER_VARIABLE = "FER_EDGE_INTERPRETER"
"""The environment variable that names an interpreter."""


def wanted_backend(backend: str | None) -> str | None:
    """The interpreter that is asked for, by name or by the environment; None: any.

    Raises:
        ArgumentError: no interpreter has this name; also of the environment variable.
    """
    # An empty variable is how shells unset one for a single command.
    wanted = os.environ.get(INTERPRETER_VARIABLE) or None if backend is None else backend
    if wanted is None or (isinstance(wanted, str) and wanted in BACKENDS):
        return wanted
    told = f"{brief(wanted)}; expected one of: {', '.join(BACKENDS)}"
    if backend is None:
        raise ArgumentError(f"{INTERPRETER_VARIABLE} is {told}")
    raise ArgumentError(f"no interpreter is called {told}")


def built_interpreter(content: bytes, threads: int, wanted: str | None) -> tuple[str, Any]:
    """A TFLite interpreter with a model, ready to run, and its name.

    Args:
        content: a TFLite flatbuffer.
        threads: how many cores it may use.
        wanted: a key of BACKENDS; None: the first that works.

    Raises:
        BackendMissingError: none works, or not the one that is wanted.
        ModelError: the interpreter refuses the model.
    """
    troubles = []
    for name in [wanted] if wanted else BACKENDS:
        try:
            module = _module(name)
        except Exception as error:
            # Beside numpy 2, tflite-runtime's broken extension may raise any error.
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
    if wanted:
        raise BackendMissingError(
            f"the interpreter that was asked for does not work here ({'; '.join(troubles)}); "
            f"{INSTALLING[wanted]}, or ask for none"
        )
    raise BackendMissingError(
        f"no TFLite interpreter works here ({'; '.join(troubles)}); pip install ai-edge-litert, "
        "or where that has no wheels: pip install tflite-runtime 'numpy<2'"
    )


def _module(name: str) -> ModuleType:
    return importlib.import_module(BACKENDS[name])
