"""Bytes of an HTTP server: the body of one GET."""

from __future__ import annotations

import base64
import http.client
import io
import urllib.error
import urllib.request
from email.message import Message
from typing import Any, cast

from fer_edge.cameras.streams.address import Address
from fer_edge.cameras.streams.byte_source import LARGEST_READ_BYTES, ByteSource
from fer_edge.cameras.streams.connection import Connection
from fer_edge.cameras.streams.waiting import Waiting
from fer_edge.errors import ArgumentError, CameraError
from fer_edge.printable import printable
from fer_edge.version import __version__

MOST_REDIRECTS = 5
"""Redirects that are followed."""
LARGEST_HEAD_BYTES = 65536
"""Bytes of an answer's headers."""
REDIRECT_STATUSES = (301, 302, 303, 307, 308)
OK_STATUS, UNAUTHORIZED_STATUS = 200, 401
INTERIM_STATUS_DIGIT = b"1"
"""First digit of the status of an answer that another follows."""
TEXT_MEDIA_TYPES = ("text/", "application/json", "application/xhtml")
"""Kinds of bodies that are no pictures: a web page about the camera, mostly."""


class HttpSource(ByteSource):
    """The body, without chunks and headers. It ends regularly once HTTP shows that it is whole: by
    its declared length, or by its last chunk. A multipart stream of pictures never ends so."""

    def __init__(self, address: Address) -> None:
        self._address, self._redirects = address, 0
        self._authorization = _basic(address)
        self._begin()

    def _begin(self) -> None:
        self._connection = Connection(self._address)
        self._unsent = self._request().encode("ascii")
        self._head = b""
        self._response: http.client.HTTPResponse | None = None

    def _request(self) -> str:
        lines = [
            f"GET {self._address.path} HTTP/1.1",
            f"Host: {self._address.netloc}",
            f"User-Agent: fer_edge/{__version__}",
            "Accept: */*",
            "Accept-Encoding: identity",
            "Connection: close",
        ]
        if self._authorization:
            lines.append(f"Authorization: {self._authorization}")
        return "\r\n".join([*lines, "", ""])

    def open(self, waiting: Waiting) -> None:
        while self._response is None:
            self._connection.open(waiting)
            while self._unsent:
                self._unsent = self._unsent[self._connection.send(self._unsent, waiting) :]
            self._judge(self._answer(waiting))

    def _answer(self, waiting: Waiting) -> http.client.HTTPResponse:
        waiting.awaited = f"the answer of {self._address.netloc}"
        while not (end := _end_of_head(self._head)) or self._head[9:10] == INTERIM_STATUS_DIGIT:
            if end:
                # "100 Continue" comes before the answer itself.
                self._head = self._head[end:]
                continue
            data = (
                self._connection.receive(waiting) if len(self._head) < LARGEST_HEAD_BYTES else b""
            )
            if not data:
                raise CameraError(f"{self._address.netloc} gives no HTTP answer")
            self._head += data
        body = _Body(self._connection, waiting, self._head)
        # HTTPResponse uses only a socket's method `makefile`.
        response = http.client.HTTPResponse(cast("Any", body), method="GET")
        try:
            response.begin()
        except (http.client.HTTPException, ValueError) as error:
            raise CameraError(
                f"{self._address.netloc} gives no HTTP answer ({type(error).__name__})"
            ) from error
        return response

    def _judge(self, response: http.client.HTTPResponse) -> None:
        status, place = response.status, response.getheader("Location")
        if status in REDIRECT_STATUSES and place:
            self._follow(place)
        elif status == UNAUTHORIZED_STATUS and (told := self._digest(response)):
            self._authorization = told
            self._anew()
        elif status != OK_STATUS:
            hint = "; user and password go before the host: http://user:password@host/"
            reason = printable(response.reason)
            raise CameraError(
                f"the server answers {status} {reason}"
                f"{hint if status == UNAUTHORIZED_STATUS else ''}"
            )
        elif _kind(response).startswith(TEXT_MEDIA_TYPES):
            kind = printable(_kind(response))
            raise CameraError(
                f"the server gives {kind}, no pictures; give the stream's own address"
            )
        else:
            self._response = response

    def _follow(self, place: str) -> None:
        self._redirects += 1
        if self._redirects > MOST_REDIRECTS:
            raise CameraError(f"the server redirects more than {MOST_REDIRECTS} times")
        try:
            self._address = self._address.follow(place)
        except ArgumentError as error:
            raise CameraError(f"the server redirects, but {error}") from error
        self._authorization = _basic(self._address)
        self._anew()

    def _anew(self) -> None:
        self._connection.close()
        self._begin()

    def _digest(self, response: http.client.HTTPResponse) -> str | None:
        """The answer to a server that asks for digest authentication; None if there is none."""
        if self._authorization.startswith("Digest") or self._address.user is None:
            return None
        asked = cast("Message", response.headers).get_all("WWW-Authenticate", [])
        challenges = [line[7:] for line in asked if line.lower().startswith("digest ")]
        if challenges and not f"{self._address.user}{self._address.password}".isascii():
            raise CameraError(
                "the server asks for a digest of the password, which is made here of ASCII alone: "
                "give the camera a user and a password of such characters"
            )
        # A server may offer several, of which only the later ones can be answered here.
        return next(filter(None, map(self._answered, challenges)), None)

    def _answered(self, challenge: str) -> str | None:
        """The answer to one; None if it is damaged, or of a kind that Python does not know."""
        url = f"{self._address.scheme}://{self._address.netloc}{self._address.path}"
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, url, self._address.user or "", self._address.password)
        handler = urllib.request.AbstractDigestAuthHandler(passwords)
        try:
            asked = urllib.request.parse_keqv_list(urllib.request.parse_http_list(challenge))
            answer = handler.get_authorization(urllib.request.Request(url), asked)
        except (ValueError, LookupError, NotImplementedError, urllib.error.URLError):
            return None
        return f"Digest {answer}" if answer and answer.isascii() else None

    def read(self, waiting: Waiting) -> bytes:
        assert self._response is not None
        waiting.awaited = "the next picture of the stream"
        declared = self._response.length is not None or self._response.chunked
        try:
            data = self._response.read1(LARGEST_READ_BYTES)
        except (http.client.HTTPException, ValueError) as error:
            raise CameraError("the connection ended in the middle of the stream") from error
        if data:
            return data
        is_whole = declared and not self._response.length
        if not is_whole or _kind(self._response).startswith("multipart/"):
            raise CameraError("the server ended the stream")
        return b""

    def close(self) -> None:
        self._connection.close()


class _Body(io.RawIOBase):
    """What `http.client` reads of: what came with the headers, then the connection."""

    def __init__(self, connection: Connection, waiting: Waiting, ahead: bytes) -> None:
        self._connection, self._waiting, self._ahead = connection, waiting, ahead

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What a socket would give."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._ahead or self._connection.receive(self._waiting)
        count = min(len(data), len(buffer))
        buffer[:count], self._ahead = data[:count], data[count:]
        return count


def _end_of_head(head: bytes) -> int:
    """Bytes of the first headers, with the empty line after them; 0 if that has not come."""
    ends = [head.find(mark) + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if mark in head]
    return min(ends, default=0)


def _basic(address: Address) -> str:
    if address.user is None:
        return ""
    told = f"{address.user}:{address.password}".encode()
    return f"Basic {base64.b64encode(told).decode('ascii')}"


def _kind(response: http.client.HTTPResponse) -> str:
    return (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
