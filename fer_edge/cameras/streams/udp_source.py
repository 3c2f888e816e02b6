"""Bytes of datagrams that are sent to this machine, mostly an MPEG transport stream."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import socket

from fer_edge.cameras.streams.address import Address
from fer_edge.cameras.streams.byte_source import LARGEST_READ_BYTES, ByteSource
from fer_edge.cameras.streams.host_lookup import Lookup
from fer_edge.cameras.streams.waiting import READABLE, Waiting
from fer_edge.errors import CameraError

log = logging.getLogger(__name__)

RECEIVE_BUFFER_BYTES = 1048576
"""Bytes of datagrams that the system should keep; it may keep fewer. A large picture comes as many
datagrams at once. What does not fit is lost, and counts as damage."""


class UdpSource(ByteSource):
    """Datagrams to one port, of any sender. They never end."""

    def __init__(self, address: Address) -> None:
        """Args:
        address: where they are sent to: an address of this machine, nothing for all of them, or
            a multicast group.
        """
        if address.path != "/":
            log.warning(
                "%s: what follows the port is not used; datagrams have an address and a port",
                address,
            )
        self._address = address
        self._lookup = Lookup(address.host)
        self._socket: socket.socket | None = None

    def open(self, waiting: Waiting) -> None:
        if self._socket is not None:
            return
        host = self._lookup.addresses(waiting)[0] if self._address.host else "0.0.0.0"
        number = ipaddress.ip_address(host)
        family = socket.AF_INET if number.version == 4 else socket.AF_INET6
        try:
            self._socket = opened = socket.socket(family, socket.SOCK_DGRAM)
        except OSError as error:
            raise CameraError(f"no datagrams can be received: {error.strerror}") from error
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        try:
            if number.is_multicast:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind((host, self._address.port))
            if number.is_multicast:
                _join(opened, number)
        except OSError as error:
            raise CameraError(
                f"no datagrams can be received there ({error.strerror}); expected an address of "
                f"this machine, a multicast group, or none, such as udp://:{self._address.port}"
            ) from error

    def read(self, waiting: Waiting) -> bytes:
        assert self._socket is not None
        waiting.awaited = f"datagrams to port {self._address.port}"
        while True:
            waiting.until(self._socket.fileno(), READABLE)
            # A datagram with a wrong checksum, or an empty one, is none.
            with contextlib.suppress(BlockingIOError):
                if data := self._socket.recv(LARGEST_READ_BYTES):
                    return data

    def close(self) -> None:
        self._lookup.close()
        if self._socket is not None:
            self._socket.close()


def _join(opened: socket.socket, group: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    anyone = bytes(4)
    if group.version == 4:
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group.packed + anyone)
    else:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group.packed + anyone)
