"""Who sends streams in tests: real pipes, servers and datagrams on this machine."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fer_edge.cameras.camera import Camera

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""Of these servers, for a hundred years; its key is no secret."""
COUNT = 10
SIZE = (64, 48)


def picture(level: int, size: tuple[int, int] = SIZE) -> bytes:
    """A JPEG of one grey."""
    image = np.full((size[1], size[0], 3), level, np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


PICTURES = [picture(20 * index) for index in range(COUNT)]


def part(jpeg: bytes) -> bytes:
    """A picture as a part of a multipart stream."""
    head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
    return head + jpeg + b"\r\n"


HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n"
    b"Connection: close\r\n\r\n"
)


def body(kind: str, data: bytes) -> bytes:
    """A whole HTTP answer."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


def video(container: str, codec: str, count: int = 30, **options: str) -> bytes:
    """A clip whose frames become brighter, encoded by PyAV."""
    import io

    import av

    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=30)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.options = options
        for index in range(count):
            image = np.full((SIZE[1], SIZE[0], 3), min(255, 8 * index), np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        out.mux(stream.encode())
    return file.getvalue()


@contextlib.contextmanager
def writing(fifo: Path, *pieces: bytes, pause: float = 0.0) -> Iterator[None]:
    """Writes to a FIFO, as another program would."""

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), fifo.open("wb", buffering=0) as file:
            for data in pieces:
                file.write(data)
                time.sleep(pause)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        # A writer that nobody reads from waits in `open`.
        with contextlib.suppress(OSError):
            os.close(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK))
        thread.join(10)
        assert not thread.is_alive()


class Server(socketserver.ThreadingTCPServer):
    """Answers each connection with what `answer` sends, then holds it open until it is left."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[bytes, socket.socket], None], stall: bool) -> None:
        self.answer, self.stall = answer, stall
        self.requests: list[bytes] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, *_: object) -> None:
        """A client that leaves is what is tested here."""


class _Handler(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            data = self.request.recv(65536)
            if not data:
                return
            request += data
        self.server.requests.append(request)
        self.server.answer(request, self.request)
        if self.server.stall:
            while self.request.recv(65536):
                """Until the client has left."""


def encrypted(plain: socket.socket) -> socket.socket:
    """A server's socket that speaks TLS, with a certificate that nobody has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context.wrap_socket(plain, server_side=True)


@contextlib.contextmanager
def serving(
    *pieces: bytes,
    stall: bool = False,
    pause: float = 0.0,
    answer: Callable[[bytes, socket.socket], None] | None = None,
    wrap: Callable[[socket.socket], socket.socket] | None = None,
) -> Iterator[Server]:
    """A server that sends `pieces` to whoever asks, whatever it asks."""

    def send(_request: bytes, connection: socket.socket) -> None:
        for data in pieces:
            connection.sendall(data)
            time.sleep(pause)

    server = Server(answer or send, stall)
    if wrap is not None:
        server.socket = wrap(server.socket)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class RtspCamera:
    """As much of an RTSP server as FFmpeg needs: H.264 between the lines of the connection."""

    def __init__(self, count: int, pause: float = 0.0) -> None:
        data = video("h264", "libx264", count, tune="zerolatency", preset="ultrafast", g="5")
        self._units = [unit for unit in re.split(b"\0\0\0?\1", data) if unit]
        self._pause = pause

    def answer(self, request: bytes, connection: socket.socket) -> None:
        """Serve one connection to its end; `request` is its first line and headers."""
        while request:
            number = re.search(rb"CSeq: *(\d+)", request, re.I)
            assert number is not None
            self._reply(request.split(b" ")[0], number[1], connection)
            if request.startswith(b"PLAY"):
                self._play(connection)
                return
            request = connection.recv(65536)

    def _reply(self, method: bytes, number: bytes, connection: socket.socket) -> None:
        more, text = b"", b""
        if method == b"OPTIONS":
            more = b"Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        if method == b"DESCRIBE":
            text = (
                b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\n"
                b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:video\r\n"
            )
            more = b"Content-Type: application/sdp\r\nContent-Length: %d\r\n" % len(text)
        if method == b"SETUP":
            more = b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
        if method == b"PLAY":
            more = b"Session: 1\r\n"
        connection.sendall(b"RTSP/1.0 200 OK\r\nCSeq: %s\r\n%s\r\n%s" % (number, more, text))

    def _play(self, connection: socket.socket) -> None:
        moment = 0
        for count, unit in enumerate(self._units):
            is_picture = unit[0] & 31 in (1, 5)
            head = bytes([0x80, 96 | (0x80 if is_picture else 0)])
            head += count.to_bytes(2, "big") + moment.to_bytes(4, "big") + b"test"
            packet = head + unit
            connection.sendall(b"$\0" + len(packet).to_bytes(2, "big") + packet)
            if is_picture:
                moment += 3000
                time.sleep(self._pause)


def levels(camera: Camera) -> list[int]:
    """Which of PICTURES each frame shows."""
    return [round(float(frame.image.mean()) / 20) for frame in camera]


def free_port() -> int:
    """A port for datagrams."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def at(server: Server, path: str = "/", before: str = "") -> str:
    """A server's address; `before` is a user with a password, and an @."""
    return f"http://{before}127.0.0.1:{server.port}{path}"
