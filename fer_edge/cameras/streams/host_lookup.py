"""A host's addresses. The system's own look-up cannot be interrupted, so a child does it."""

from __future__ import annotations

import contextlib
import json
import socket
import sys

from fer_edge.cameras.streams.child_process import Child, end_when_left
from fer_edge.cameras.streams.waiting import Waiting
from fer_edge.errors import CameraError

LOCAL_HOST_NAMES = ("localhost", "localhost.localdomain")
"""Names that need no look-up."""


class Lookup:
    """One host's addresses; the look-up goes on where a wait for it ended."""

    def __init__(self, host: str) -> None:
        self._host, self._answer = host, b""
        self._child: Child | None = None

    def addresses(self, waiting: Waiting) -> list[str]:
        """The host's addresses as numbers, the best first.

        Raises:
            CameraError: the host is not found.
        """
        with contextlib.suppress(OSError):
            flags = 0 if self._host in LOCAL_HOST_NAMES else socket.AI_NUMERICHOST
            return _numbers(self._host, flags)
        if self._child is None:
            self._child = Child(__name__, self._host)
        waiting.awaited = f"the address of {self._host}"
        while data := self._child.read(waiting):
            self._answer += data
        self.close()
        found = json.loads(self._answer or b'"the look-up failed"')
        if isinstance(found, str):
            raise CameraError(f"the host {self._host!r} cannot be found: {found}")
        return list(found)

    def close(self) -> None:
        """End what is under way."""
        child, self._child = self._child, None
        if child is not None:
            child.close()


def _numbers(host: str, flags: int = 0) -> list[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def main() -> None:
    """In the child: answer one question, a host's name, in JSON."""
    host = sys.stdin.readline().rstrip("\n")
    end_when_left()
    try:
        print(json.dumps(_numbers(host)))
    except (OSError, UnicodeError) as error:
        print(json.dumps(getattr(error, "strerror", None) or str(error)))
