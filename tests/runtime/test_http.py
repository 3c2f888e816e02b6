"""HTTP streams of real servers: what is read, refused, followed and told."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import socket

import pytest

from fer_edge import CameraError
from fer_edge.cameras.request import Request
from fer_edge.cameras.url_stream import UrlStream
from fer_edge.errors import CameraTimeoutError
from tests.runtime.senders import (
    CERTIFICATE,
    COUNT,
    HEAD,
    PICTURES,
    Server,
    body,
    encrypted,
    part,
    serving,
    video,
)
from tests.runtime.test_streams import levels, nothing_left

av = pytest.importorskip("av")


def at(server: Server, path: str = "/", before: str = "") -> str:
    return f"http://{before}127.0.0.1:{server.port}{path}"


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(data), data) for data in pieces)


def test_a_camera_s_multipart_stream_is_read_until_it_breaks() -> None:
    with (
        nothing_left(),
        serving(HEAD, *map(part, PICTURES)) as server,
        UrlStream(at(server)) as camera,
    ):
        frames = [next(camera) for _ in range(COUNT)]
        with pytest.raises(CameraError, match="the server ended the stream"):
            next(camera)
        assert list(camera) == []
    assert [round(float(frame.image.mean()) / 20) for frame in frames] == list(range(COUNT))
    assert {(frame.clock, frame.moment) for frame in frames} == {("monotonic", "arrival")}


@pytest.mark.parametrize(
    "parts",
    [
        # A wrong length, none, and a boundary with other dashes: some cameras are like that.
        [b"--x\r\nContent-Length: 7\r\n\r\n" + data for data in PICTURES],
        [b"--x\r\n\r\n" + data for data in PICTURES],
        [b"\n----x\nContent-type: image/jpeg\n\n" + data for data in PICTURES],
        PICTURES,
    ],
)
def test_cameras_that_tell_little_or_wrongly_are_read(parts: list[bytes]) -> None:
    with serving(HEAD, *parts) as server, UrlStream(at(server)) as camera:
        assert [round(next(camera).image.mean() / 20) for _ in range(COUNT)] == list(range(COUNT))
        assert camera.skipped == 0


def test_an_esp32_s_chunks_are_taken_apart() -> None:
    head = HEAD.replace(b"Connection", b"Transfer-Encoding: chunked\r\nConnection")
    pieces = [
        piece
        for data in PICTURES
        for piece in (chunked(b"\r\n--frame\r\n"), chunked(data[:200]), chunked(data[200:]))
    ]
    with serving(head, *pieces) as server, UrlStream(at(server)) as camera:
        assert [round(next(camera).image.mean() / 20) for _ in range(COUNT)] == list(range(COUNT))
        with pytest.raises(CameraError, match="middle of the stream"):
            next(camera)


# MP4 in fragments is what can be read as it comes; "ismv" is FFmpeg's name of one kind.
@pytest.mark.parametrize("container", ["mpegts", "matroska", "ismv"])
def test_a_whole_file_ends_regularly(container: str) -> None:
    data = video(container, "libx264")
    with serving(body("video/any", data)) as server, UrlStream(at(server)) as camera:
        assert len(list(camera)) == 30
    with (
        serving(body("video/any", data)[: -len(data) // 3]) as server,
        UrlStream(at(server)) as camera,
        pytest.raises(CameraError, match="the server ended the stream"),
    ):
        list(camera)


@pytest.mark.skipif(
    int(getattr(av, "__version__", "0").split(".")[0]) < 12,
    reason="older PyAVs do not tell how a film is turned",
)
def test_a_film_that_was_held_upright_is_turned() -> None:
    one, none, unit = b"\0\1\0\0", bytes(4), b"\x40\0\0\0"
    straight = one + none * 3 + one + none * 3 + unit
    quarter = none + one + none + b"\xff\xff\0\0" + none * 4 + unit
    data = video("ismv", "libx264")
    place = data.index(straight, data.index(b"tkhd"))
    data = data[:place] + quarter + data[place + len(quarter) :]
    with serving(body("video/mp4", data)) as server, UrlStream(at(server)) as camera:
        assert next(camera).image.shape == (64, 48, 3)
        assert camera.size == (48, 64)


def test_a_stream_whose_last_chunk_came_is_whole() -> None:
    data = video("mpegts", "libx264")
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = [chunked(data[at : at + 1000]) for at in range(0, len(data), 1000)]
    with serving(head, *pieces, chunked(b"")) as server, UrlStream(at(server)) as camera:
        assert len(list(camera)) == 30


def test_a_snapshot_is_one_frame() -> None:
    with serving(body("image/jpeg", PICTURES[4])) as server, UrlStream(at(server)) as camera:
        assert levels(camera) == [4]


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


def test_an_answer_may_come_late_and_in_pieces() -> None:
    pieces = [b"HTTP/1.1 100 Continue\r\n\r\n", HEAD[:20], HEAD[20:], *map(part, PICTURES)]
    with serving(*pieces, pause=0.08) as server, UrlStream(at(server)) as camera:
        assert camera.size is None
        assert next(camera).index == 0
        assert camera.size == (64, 48)


def test_a_server_that_stalls_is_an_error_that_says_where() -> None:
    request = Request(open_timeout=0.4, frame_timeout=0.2)
    with (
        serving(stall=True) as server,
        UrlStream(at(server), request) as camera,
        pytest.raises(CameraTimeoutError, match=r"waited 0\.4 s in vain for the answer of"),
    ):
        next(camera)
    # Its first frame may take its time, which counts anew from there.
    request = Request(frame_timeout=0.2)
    with (
        serving(HEAD, part(PICTURES[0]), stall=True) as server,
        UrlStream(at(server), request) as camera,
    ):
        next(camera)
        with pytest.raises(CameraTimeoutError, match=r"waited 0\.2 s in vain for more of"):
            next(camera)


def test_redirects_are_followed_and_passwords_stay() -> None:
    with serving(HEAD, part(PICTURES[0])) as there:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {at(there, '/new')}\r\n\r\n".encode()
        with serving(moved) as here, UrlStream(at(here, "/old", "user:geheim@")) as camera:
            next(camera)
            assert b"Authorization: Basic" in here.requests[0]
        assert there.requests[0].startswith(b"GET /new HTTP/1.1\r\n")
        assert b"Authorization" not in there.requests[0]


def test_user_and_password_are_sent_and_never_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), serving(HEAD, part(PICTURES[0])) as server:
        with UrlStream(at(server, "/video?pwd=geheim", "me:ge%40heim@")) as camera:
            frame = next(camera)
            with pytest.raises(CameraError) as error:
                next(camera)
        request = server.requests[0].decode()
    assert request.startswith("GET /video?pwd=geheim HTTP/1.1\r\n")
    token = base64.b64encode(b"me:ge@heim").decode()
    assert f"Authorization: Basic {token}\r\n" in request
    for told in (camera.name, frame.source, str(error.value), caplog.text):
        assert "heim" not in told


def test_a_server_that_wants_a_digest_gets_one() -> None:
    def answer(request: bytes, connection: socket.socket) -> None:
        line = re.search(rb"Authorization: Digest (.*)\r\n", request)
        if line is None:
            challenge = b'Digest realm="cam", nonce="abc", qop="auth", algorithm=MD5'
            connection.sendall(b"HTTP/1.1 401 No\r\nWWW-Authenticate: %s\r\n\r\n" % challenge)
            return
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', line[1].decode()))

        def md5(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()

        secret, target = md5("me:cam:geheim"), md5("GET:/video")
        middle = f"abc:{told['nc']}:{told['cnonce']}:auth"
        assert told["response"] == md5(f"{secret}:{middle}:{target}")
        connection.sendall(HEAD + part(PICTURES[3]))

    with serving(answer=answer) as server:
        with UrlStream(at(server, "/video", "me:geheim@")) as camera:
            assert round(next(camera).image.mean()) == 60
        assert len(server.requests) == 2
        with pytest.raises(CameraError, match="401 No"):
            UrlStream(at(server, "/video"))


@pytest.mark.parametrize(
    "challenge", [b"realm", b"realm=", b'realm="cam", nonce="abc", qop="auth-int"', b"\xff"]
)
def test_a_digest_that_cannot_be_answered_is_told_as_a_refusal(challenge: bytes) -> None:
    def answer(_: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest %s\r\n\r\n" % challenge)

    with (
        serving(answer=answer) as server,
        pytest.raises(CameraError, match="the server answers 401 No; user and password go"),
        UrlStream(at(server, "/video", "me:geheim@")) as camera,
    ):
        next(camera)


def test_a_password_that_no_digest_is_made_of_is_told_as_such() -> None:
    def answer(_: bytes, connection: socket.socket) -> None:
        challenge = b'Digest realm="cam", nonce="abc"'
        connection.sendall(b"HTTP/1.1 401 No\r\nWWW-Authenticate: %s\r\n\r\n" % challenge)

    with (
        serving(answer=answer) as server,
        pytest.raises(CameraError, match="of ASCII alone") as error,
        UrlStream(at(server, "/video", "me:gehe%C3%AFm@")) as camera,
    ):
        next(camera)
    assert "gehe" not in str(error.value)


def test_of_several_digests_the_one_that_is_known_is_answered() -> None:
    offers = b"".join(
        b'WWW-Authenticate: Digest realm="cam", nonce="abc", algorithm=%s\r\n' % one
        for one in (b"SHA3-999", b"MD5")
    )

    def answer(request: bytes, connection: socket.socket) -> None:
        known = b"Authorization: Digest " in request and b'algorithm="MD5"' in request
        connection.sendall(
            HEAD + part(PICTURES[3]) if known else b"HTTP/1.1 401 No\r\n%s\r\n" % offers
        )

    with serving(answer=answer) as server, UrlStream(at(server, "/", "me:geheim@")) as camera:
        assert round(next(camera).image.mean()) == 60


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
