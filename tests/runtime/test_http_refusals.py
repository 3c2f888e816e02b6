"""An HTTP server that gives no stream, is silent, or is not trusted is an error that says why."""

from __future__ import annotations

import re

import pytest

from fer_edge import CameraError
from fer_edge.cameras.request import Request
from fer_edge.cameras.streams import stream_camera
from fer_edge.cameras.streams.waiting import Waiting
from fer_edge.cameras.url_stream import UrlStream
from fer_edge.errors import CameraTimeoutError
from tests.runtime.leaks import nothing_left
from tests.runtime.senders import (
    CERTIFICATE,
    COUNT,
    HEAD,
    PICTURES,
    at,
    body,
    encrypted,
    part,
    serving,
)

pytest.importorskip("av")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answers 404 Not Found"),
        (b"HTTP/1.1 503 Busy\r\n\r\n", "answers 503 Busy"),
        (b"HTTP/1.1 503 \x1b[2JBusy\r\n\r\n", r"answers 503 \x1b[2JBusy"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n", "redirects, but a redirect leads"),
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", "answers 401 Unauthorized; user and password"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "answers 204"),
        (body("text/html; charset=x", b"<html>"), "gives text/html, no pictures"),
        (b"220 mail.example ESMTP\r\n\r\n", "no HTTP answer"),
        (b"HTTP/1.1 two OK\r\n\r\n", "no HTTP answer"),
        (b"x" * 70000, "no HTTP answer"),
        (b"", "no HTTP answer"),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", "begins with one of"),
        (b"HTTP/1.1 302 Found\r\nLocation: udp://:9000\r\n\r\n", "to udp is not followed"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "redirects more than 5 times"),
        (body("video/mp4", b"nothing that is a video" * 1000), "is not a video that can be read"),
        (body("multipart/x-mixed-replace", b""), "the server ended the stream"),
    ],
)
def test_what_is_no_stream_is_refused_by_name(answer: bytes, told: str) -> None:
    with (
        nothing_left(),
        serving(answer) as server,
        pytest.raises(CameraError, match=re.escape(told)),
        UrlStream(at(server, "/a?key=geheim", "user:geheim@")) as camera,
    ):
        next(camera)


def test_a_server_that_stalls_is_an_error_that_says_where() -> None:
    request = Request(open_timeout=0.4, frame_timeout=0.2)
    with (
        serving(stall=True) as server,
        UrlStream(at(server), request) as camera,
        pytest.raises(CameraTimeoutError, match=r"waited 0\.4 s for the answer of"),
    ):
        next(camera)
    # Its first frame may take its time, which counts anew from there.
    request = Request(frame_timeout=0.2)
    with (
        serving(HEAD, part(PICTURES[0]), stall=True) as server,
        UrlStream(at(server), request) as camera,
    ):
        next(camera)
        with pytest.raises(CameraTimeoutError, match=r"waited 0\.2 s for the next picture of"):
            next(camera)


def test_what_opening_took_is_not_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[float] = []

    class Noted(Waiting):
        def allow(self, seconds: float, told: float | None = None) -> None:
            allowed.append(seconds)
            super().allow(seconds, told)

    monkeypatch.setattr(stream_camera, "Waiting", Noted)
    with (
        serving(stall=True) as server,
        UrlStream(at(server), Request(open_timeout=0.3)) as camera,
        pytest.raises(CameraTimeoutError),
    ):
        next(camera)
    opening, first = allowed
    assert opening == stream_camera.REFUSAL_WAIT_SECONDS
    assert first <= 0.3 - opening + 1e-6


def test_certificates_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with nothing_left(), serving(HEAD, *map(part, PICTURES), wrap=encrypted) as server:
        url = f"https://localhost:{server.port}/"
        with (
            pytest.raises(CameraError, match=r"no encrypted connection .*self.signed"),
            UrlStream(url) as camera,
        ):
            next(camera)
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        with UrlStream(url) as camera:
            assert [round(next(camera).image.mean() / 20) for _ in range(COUNT)] == list(
                range(COUNT)
            )


def test_a_host_that_nobody_knows_is_refused_by_name() -> None:
    with (
        nothing_left(),
        pytest.raises(CameraError, match=r"the host 'camera\.invalid' cannot be found"),
        UrlStream("http://camera.invalid/") as camera,
    ):
        next(camera)
