"""Connections to servers: which address is tried, and what an error of one leaves."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys
from typing import Any

import pytest

from fer_edge import CameraError
from fer_edge.cameras.request import Request
from fer_edge.cameras.streams.byte_source import ByteSource
from fer_edge.cameras.streams.host_lookup import Lookup
from fer_edge.cameras.streams.stream_camera import StreamCamera
from fer_edge.cameras.streams.waiting import Waiting
from fer_edge.cameras.url_stream import UrlStream
from tests.conftest import ROOT
from tests.runtime.senders import COUNT, HEAD, PICTURES, at, free_port, part, serving


def test_the_next_address_is_tried_where_the_kernel_lacks_a_family(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Lookup, "addresses", lambda *_: ["::1", "127.0.0.1"])
    real = socket.socket

    def without_ipv6(family: int, *words: Any, **named: Any) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return real(family, *words, **named)

    with serving(HEAD, *map(part, PICTURES)) as server:
        monkeypatch.setattr(socket, "socket", without_ipv6)
        with UrlStream(at(server)) as camera:
            assert next(camera).index == 0


def test_a_refused_connection_keeps_the_systems_number() -> None:
    with pytest.raises(CameraError, match="Connection refused") as caught:
        UrlStream(f"http://127.0.0.1:{free_port()}/")
    assert caught.value.errno == errno.ECONNREFUSED


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD, *map(part, PICTURES)],
        # More than the longest head is read at once, right behind its end.
        [HEAD[:30], HEAD[30:] + part(PICTURES[0] + bytes(70000)), *map(part, PICTURES[1:])],
    ],
)
def test_an_answer_may_come_with_what_is_before_and_behind_it(pieces: list[bytes]) -> None:
    with serving(*pieces, pause=0.05) as server, UrlStream(at(server)) as camera:
        assert [next(camera).index for _ in range(COUNT)] == list(range(COUNT))


class Broken(ByteSource):
    """A source with a fault of its own."""

    def open(self, waiting: Waiting) -> None:
        raise ValueError("a fault")

    def read(self, waiting: Waiting) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing is held."""


def test_an_error_is_not_its_own_cause() -> None:
    with pytest.raises(ValueError, match="a fault") as caught:
        StreamCamera("a stream", Broken(), Request())
    assert caught.value.__cause__ is None


def test_a_look_up_ends_with_whoever_asked() -> None:
    code = (
        "import socket, time; socket.getaddrinfo = lambda *_, **__: time.sleep(600); "
        "from fer_edge.cameras.streams.host_lookup import main; main()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdin is not None
        try:
            child.stdin.write(b"example.org\n")
            child.stdin.close()
            assert child.wait(60) == 1
        finally:
            child.kill()
