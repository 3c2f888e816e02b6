"""A child process for work that blocks: it can be ended at any moment, with all its resources."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

from fer_edge.cameras.streams.byte_source import LARGEST_READ_BYTES
from fer_edge.cameras.streams.waiting import READABLE, Waiting
from fer_edge.errors import CameraError

LONGEST_KILL_SECONDS = 5.0
"""Seconds that the system has to end a killed process."""


class Child:
    """Another Python process that gets one line and answers with bytes."""

    def __init__(self, module: str, line: str) -> None:
        """Args:
            module: whose `main` it runs; it ends when its standard input does.
            line: its input; standard input hides it from lists of processes.

        Raises:
            CameraError: no process can be started.
        """
        # It imports from the same folders as this process, but never from the current folder.
        places = os.pathsep.join(place or os.getcwd() for place in sys.path)
        code = f"import sys; del sys.path[0]; from {module} import main; main()"
        try:
            with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
                # Pipes that `Popen` makes itself stay open where the process has no descriptor
                # left for the next one.
                asked, self._input = _pipe(theirs, ours)
                self._output, answered = _pipe(ours, theirs)
                self._process = subprocess.Popen(
                    [sys.executable, "-c", code],
                    stdin=asked,
                    stdout=answered,
                    stderr=theirs.enter_context(Path(os.devnull).open("wb")),
                    env={**os.environ, "PYTHONPATH": places},
                    # Ctrl-C is for us: we end it.
                    start_new_session=True,
                )
                self._ends = ours.pop_all()
        except OSError as error:
            raise CameraError(f"no process can be started ({error.strerror})") from error
        os.set_blocking(self._output, False)
        # A few hundred bytes into an empty pipe: this does not wait.
        os.write(self._input, line.encode() + b"\n")

    def read(self, waiting: Waiting) -> bytes:
        """The next bytes of its answer, or b"" when it has ended."""
        waiting.until(self._output, READABLE)
        return os.read(self._output, LARGEST_READ_BYTES)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._ends.close()
        self._process.wait(LONGEST_KILL_SECONDS)


def _pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    """The ends that are read and written; each is closed with the stack of whoever has it."""
    ends = os.pipe()
    for end, owner in zip(ends, (reader, writer), strict=True):
        owner.callback(os.close, end)
    return ends


def end_when_left() -> None:
    """In a child: end this process when whoever started it has ended or closed it."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            os.read(0, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
