"""A network camera that fails after a few frames, in another way each time it is asked."""

from __future__ import annotations

import contextlib
import http.server
import itertools
import socket
import struct
import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np

from fer_edge.pictures.image import Image

FAULTS = ("dies", "ends", "freezes", "size", "rubbish", "refuses", "half")
"""The connection breaks, or is closed. Nothing more comes. The pictures have another size, and then
it breaks. No picture comes, but other bytes. HTTP 503. A picture is cut short."""
FRAMES = 4
"""Pictures before each fault."""
PICTURE = np.full((120, 160, 3), 90, np.uint8)
LARGER = np.full((240, 320, 3), 90, np.uint8)


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, FaultyServer)
        fault = server.next_fault()
        if fault == "refuses":
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=x")
        self.end_headers()
        with contextlib.suppress(OSError):
            self._serve(fault, server.over)

    def _serve(self, fault: str, over: threading.Event) -> None:
        for _ in range(FRAMES):
            self._send(_jpeg(PICTURE))
            time.sleep(0.002)
        if fault == "size":
            self._send(_jpeg(LARGER))
            fault = "dies"
        elif fault == "half":
            self._send(_jpeg(PICTURE)[:-200])
        elif fault == "rubbish":
            while not over.wait(0.01):
                self._send(b"\xff\xd8\xff" + bytes(range(256)))
        if fault == "dies":
            # A reset instead of a farewell.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
        if fault == "freezes":
            self.connection.settimeout(30)
            # Until the other side has had enough.
            self.connection.recv(1)

    def _send(self, data: bytes) -> None:
        self.wfile.write(b"--x\r\nContent-Type: image/jpeg\r\n\r\n" + data + b"\r\n")

    def log_message(self, *words: object) -> None:
        """Nothing: it is no news."""


class FaultyServer(http.server.ThreadingHTTPServer):
    """Serves in this process; `faults` says how many connections have failed by now."""

    block_on_close = True
    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._faults = itertools.cycle(FAULTS)
        self._lock = threading.Lock()
        self.faults = 0
        self.over = threading.Event()

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def next_fault(self) -> str:
        """How the connection that comes now will fail."""
        with self._lock:
            self.faults += 1
            return next(self._faults)

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: connections that break are what this is for."""


@contextlib.contextmanager
def faulty_server() -> Iterator[FaultyServer]:
    """A server that runs in the block."""
    with FaultyServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def _jpeg(image: Image) -> bytes:
    return bytes(cv2.imencode(".jpg", image)[1].tobytes())
