"""A connection to a server, plain or encrypted, on which every wait can be stopped."""

from __future__ import annotations

import errno
import os
import socket
import ssl

from fer_edge.cameras.streams.address import Address
from fer_edge.cameras.streams.byte_source import LARGEST_READ_BYTES
from fer_edge.cameras.streams.host_lookup import Lookup
from fer_edge.cameras.streams.waiting import READABLE, WRITABLE, Waiting
from fer_edge.errors import CameraError

RECEIVE_BUFFER_BYTES = 131072
"""Bytes of unread data that the system should keep (Linux keeps twice as many). If data come too
fast, the server must wait and leave frames out. So frames do not become old here."""
ENCRYPTED_SCHEMES = ("https",)


class Connection:
    """Connects in steps: after an error in a wait, a further call of `open` goes on there."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lookup = Lookup(address.host)
        self._numbers: list[str] | None = None
        self._socket: socket.socket | None = None
        self._ready: socket.socket | None = None

    def open(self, waiting: Waiting) -> None:
        """Find the host, connect, and agree on a cipher.

        Raises:
            CameraError: none of that worked; the message says what.
        """
        if self._numbers is None:
            self._numbers = self._lookup.addresses(waiting)
        waiting.awaited = f"a connection to {self._address.netloc}"
        while self._ready is None:
            if self._socket is None:
                self._begin(self._numbers.pop(0))
            if self._socket is not None:
                self._finish(self._socket, waiting)

    def _begin(self, number: str) -> None:
        family, kind, _, _, place = socket.getaddrinfo(
            number, self._address.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )[0]
        try:
            self._socket = socket.socket(family, kind)
        except OSError as error:
            # Such as a kernel without IPv6.
            self._refuse(error.errno or errno.EAFNOSUPPORT)
            return
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        code = self._socket.connect_ex(place)
        if code not in (0, errno.EINPROGRESS):
            self._refuse(code)

    def _finish(self, plain: socket.socket, waiting: Waiting) -> None:
        if not isinstance(plain, ssl.SSLSocket):
            waiting.until(plain.fileno(), WRITABLE)
            code = plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                self._refuse(code)
                return
            if self._address.scheme in ENCRYPTED_SCHEMES:
                plain = self._socket = ssl.create_default_context().wrap_socket(
                    plain, server_hostname=self._address.host, do_handshake_on_connect=False
                )
        if isinstance(plain, ssl.SSLSocket):
            self._agree(plain, waiting)
        self._ready = plain

    def _refuse(self, code: int) -> None:
        """Try the host's next address, if there is one."""
        self._drop()
        if not self._numbers:
            why = os.strerror(code)
            told = f"no connection to {self._address.netloc}: {why}"
            raise CameraError(told) from OSError(code, why)

    def _agree(self, encrypted: ssl.SSLSocket, waiting: Waiting) -> None:
        while True:
            try:
                encrypted.do_handshake()
            except ssl.SSLWantReadError:
                waiting.until(encrypted.fileno(), READABLE)
            except ssl.SSLWantWriteError:
                waiting.until(encrypted.fileno(), WRITABLE)
            except OSError as error:
                reason = getattr(error, "verify_message", "") or error.strerror or str(error)
                raise CameraError(
                    f"no encrypted connection to {self._address.netloc}: {reason}"
                ) from error
            else:
                return

    def send(self, data: bytes, waiting: Waiting) -> int:
        """Send what can be sent now, and say how many bytes that was."""
        assert self._ready is not None
        while True:
            try:
                return self._ready.send(data)
            except (BlockingIOError, ssl.SSLWantWriteError):
                waiting.until(self._ready.fileno(), WRITABLE)
            except ssl.SSLWantReadError:
                waiting.until(self._ready.fileno(), READABLE)
            except OSError as error:
                raise self._broken(error) from error

    def receive(self, waiting: Waiting) -> bytes:
        """The next bytes, or b"" when the server has ended the connection."""
        assert self._ready is not None
        while True:
            try:
                return self._ready.recv(LARGEST_READ_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError):
                waiting.until(self._ready.fileno(), READABLE)
            except ssl.SSLWantWriteError:
                waiting.until(self._ready.fileno(), WRITABLE)
            except OSError as error:
                raise self._broken(error) from error

    def _broken(self, error: OSError) -> CameraError:
        return CameraError(f"the connection broke: {error.strerror or type(error).__name__}")

    def _drop(self) -> None:
        found, self._socket, self._ready = self._socket, None, None
        if found is not None:
            found.close()

    def close(self) -> None:
        """Give the connection back, or end what should have become one."""
        self._lookup.close()
        self._drop()
