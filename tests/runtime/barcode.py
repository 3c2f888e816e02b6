"""A source of pictures that say when they were sent, through a real FIFO or a real HTTP server.

python -m tests.runtime.barcode FPS PICTURE fifo PATH     writes JPEG pictures to a FIFO
python -m tests.runtime.barcode FPS PICTURE http          serves them; prints the port

PICTURE is what carries the barcode: "grey" (320x240), or "face" (640x480).

It is a program of its own, as a camera is, so that no lock of Python's slows it down. Each picture
carries the microseconds of CLOCK_MONOTONIC, which all programs of a machine share.
"""

from __future__ import annotations

import contextlib
import http.server
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np

from fer_edge import open_camera
from fer_edge.pictures.image import Image
from tests.conftest import ROOT

BITS, COLUMNS, BLOCK = 64, 16, 8
"""Of the number, in a row, and pixels of a block's side."""
BOUNDARY = "frame"
GREY = np.full((240, 320, 3), 128, np.uint8)


def encoded(number: int, picture: Image = GREY) -> Image:
    """A picture that says a number of 64 bits, in black and white blocks that survive JPEG."""
    bits = np.array([number >> bit & 1 for bit in range(BITS)], np.uint8).reshape(-1, COLUMNS)
    image = picture.copy()
    code = np.kron(bits * 255, np.ones((BLOCK, BLOCK), np.uint8))
    image[: code.shape[0], : code.shape[1]] = code[..., np.newaxis]
    return image


def decoded(image: Image) -> int:
    """The number that a picture says."""
    half = BLOCK // 2
    grey = image[..., 1] if image.ndim == 3 else image
    rows = grey[half : BITS // COLUMNS * BLOCK : BLOCK, half : COLUMNS * BLOCK : BLOCK]
    return sum(int(bit) << place for place, bit in enumerate((rows > 127).reshape(-1)))


def sent_at(image: Image) -> float:
    """When a picture was sent, in seconds on `time.monotonic()`'s clock."""
    return decoded(image) / 1e6


def pictures(fps: float, kind: str) -> Iterator[bytes]:
    """JPEG files at this rate, for ever; one that is late is not made up for."""
    picture = GREY
    if kind == "face":
        with open_camera("sample") as camera:
            picture = next(camera).image
    due = time.monotonic()
    while True:
        due = max(due + 1 / fps, time.monotonic() - 1 / fps)
        time.sleep(max(0.0, due - time.monotonic()))
        _, data = cv2.imencode(".jpg", encoded(int(time.monotonic() * 1e6), picture))
        yield data.tobytes()


@contextlib.contextmanager
def fifo(path: Path, fps: float = 30, picture: str = "grey") -> Iterator[str]:
    """The path of a FIFO that pictures come through."""
    os.mkfifo(path)
    with _program(str(fps), picture, "fifo", str(path)):
        yield str(path)


@contextlib.contextmanager
def server(fps: float = 30, picture: str = "grey") -> Iterator[str]:
    """The address of a server that sends pictures as network cameras do."""
    with _program(str(fps), picture, "http") as program:
        assert program.stdout is not None
        yield f"http://127.0.0.1:{int(program.stdout.readline())}/"


@contextlib.contextmanager
def _program(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.runtime.barcode", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as program:
        try:
            yield program
        finally:
            program.kill()


class _Handler(http.server.BaseHTTPRequestHandler):
    fps, picture = 30.0, "grey"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionError):
            for data in pictures(self.fps, self.picture):
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}"
                self.wfile.write(head.encode() + b"\r\n\r\n" + data + b"\r\n")

    def log_message(self, *words: object) -> None:
        """Nothing: it is no news."""


def _write(file: BinaryIO, fps: float, picture: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        for data in pictures(fps, picture):
            file.write(data)
            file.flush()


def main() -> None:
    fps, picture, kind = float(sys.argv[1]), sys.argv[2], sys.argv[3]
    if kind == "fifo":
        with open(sys.argv[4], "wb") as file:
            _write(file, fps, picture)
        return
    _Handler.fps, _Handler.picture = fps, picture
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as served:
        print(served.server_address[1], flush=True)
        served.serve_forever()


if __name__ == "__main__":
    main()
