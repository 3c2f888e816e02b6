"""A child process that does what would block: it can be ended at any moment, with all it holds."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading

from fer_edge.cameras.streams.byte_source import CHUNK
from fer_edge.cameras.streams.waiting import IN, Waiting
from fer_edge.errors import CameraError

LAST = 5.0
"""Seconds that the system has to end a killed process."""


class Child:
    """Another Python that is given one line, and answers with bytes."""

    def __init__(self, module: str, line: str) -> None:
        """Args:
            module: whose `main` it runs; it ends when its standard input does.
            line: what it is told, where no list of processes shows it.

        Raises:
            CameraError: no process can be started.
        """
        # It finds what this process finds, and nothing else: not what lies in the current folder.
        places = os.pathsep.join(place or os.getcwd() for place in sys.path)
        code = f"import sys; del sys.path[0]; from {module} import main; main()"
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": places},
                # Ctrl-C is for us: we end it.
                start_new_session=True,
            )
        except OSError as error:
            raise CameraError(f"no process can be started ({error.strerror})") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        os.set_blocking(self._output.fileno(), False)
        # A few hundred bytes into an empty pipe: this does not wait.
        os.write(self._input.fileno(), line.encode() + b"\n")

    def read(self, waiting: Waiting) -> bytes:
        """The next bytes of its answer, or b"" when it has ended."""
        waiting.until(self._output.fileno(), IN)
        return os.read(self._output.fileno(), CHUNK)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._input.close()
        self._output.close()
        self._process.wait(LAST)


def end_when_left() -> None:
    """In a child: end this process when whoever started it has ended or closed it."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            os.read(0, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
