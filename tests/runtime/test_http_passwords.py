"""Passwords go to the server that asks for them, and to nobody else."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import socket

import pytest

from fer_edge import CameraError
from fer_edge.cameras.url_stream import UrlStream
from tests.runtime.senders import (
    CERTIFICATE,
    HEAD,
    PICTURES,
    at,
    encrypted,
    part,
    serving,
)

pytest.importorskip("av")


def test_redirects_are_followed_and_passwords_stay() -> None:
    with serving(HEAD, part(PICTURES[0])) as there:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {at(there, '/new')}\r\n\r\n".encode()
        with serving(moved) as here, UrlStream(at(here, "/old", "user:geheim@")) as camera:
            next(camera)
            assert b"Authorization: Basic" in here.requests[0]
        assert there.requests[0].startswith(b"GET /new HTTP/1.1\r\n")
        assert b"Authorization" not in there.requests[0]


def test_a_redirect_to_a_connection_without_encryption_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with serving(HEAD, part(PICTURES[0])) as there:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {at(there, '/new')}\r\n\r\n".encode()
        with (
            serving(moved, wrap=encrypted) as here,
            pytest.raises(CameraError, match="a redirect from https to http is not followed"),
            UrlStream(f"https://localhost:{here.port}/") as camera,
        ):
            next(camera)
        assert there.requests == []


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


def test_a_wrong_password_is_tried_once() -> None:
    challenge = b'Digest realm="cam", nonce="abc", qop="auth", algorithm=MD5'
    refusals = iter([b"HTTP/1.1 401 No\r\nWWW-Authenticate: %s\r\n\r\n" % challenge] * 2)

    def answer(_: bytes, connection: socket.socket) -> None:
        connection.sendall(next(refusals, HEAD + part(PICTURES[3])))

    with serving(answer=answer) as server:
        with (
            pytest.raises(CameraError, match="the server answers 401 No"),
            UrlStream(at(server, "/video", "me:wrong@")) as camera,
        ):
            next(camera)
        assert [b"Authorization: Digest" in one for one in server.requests] == [False, True]


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
