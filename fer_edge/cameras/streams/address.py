"""The parts of a stream's address; messages show no password."""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass, field

from fer_edge.errors import ArgumentError

DEFAULT_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322, "udp": None}
"""The schemes that are known here, and the port that each has if none is given."""


@dataclass(frozen=True, slots=True)
class Address:
    """scheme://user:password@host:port/path?query"""

    scheme: str
    """One of `DEFAULT_PORTS`."""
    host: str
    """Name or number, without the brackets of IPv6."""
    port: int
    """1 to 65535."""
    path: str
    """From the slash on, with the query."""
    user: str | None = field(default=None, repr=False)
    """Who is to be let in, decoded; None if nobody is named."""
    password: str = field(default="", repr=False)
    """Decoded."""

    def __str__(self) -> str:
        """For people and logs: without user, password and query, which may hold a secret."""
        return f"{self.scheme}://{self.netloc}{self.path.partition('?')[0]}"

    @property
    def netloc(self) -> str:
        """Host and port, as HTTP's header Host has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def follow(self, location: str) -> Address:
        """Where a redirect leads; user and password stay with the server that they are for.

        Raises:
            ArgumentError: not to an address that may be followed.
        """
        base = f"{self.scheme}://{self.netloc}{self.path}"
        try:
            joined = urllib.parse.urljoin(base, location)
        except ValueError:
            raise ArgumentError("a redirect leads to what is no address") from None
        there = address_of(joined)
        here = (self.scheme, self.host, self.port) == (there.scheme, there.host, there.port)
        if there.scheme not in ("http", "https") or (self.scheme, there.scheme) == (
            "https",
            "http",
        ):
            raise ArgumentError(f"a redirect from {self.scheme} to {there.scheme} is not followed")
        if not here or there.user is not None:
            return there
        return Address(there.scheme, there.host, there.port, there.path, self.user, self.password)


def address_of(url: str) -> Address:
    """A URL taken apart.

    Raises:
        ArgumentError: it is none, or of a scheme that is not known here. The message does not show
            what may be a password.
    """
    if not isinstance(url, str):
        raise ArgumentError(f"a stream's URL is a string, got {type(url).__name__}")
    if re.search(r"[\x00-\x20\x7f]", url) or not url.isprintable():
        raise ArgumentError("a stream's address holds a blank or a character that is not printed")
    try:
        parts = urllib.parse.urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        # Neither the error's text nor its cause: both may show a password.
        raise ArgumentError("a stream's address has a wrong host or port") from None
    if scheme not in DEFAULT_PORTS:
        raise ArgumentError(
            f"a stream's address begins with one of {', '.join(DEFAULT_PORTS)}, not {scheme!r}"
        )
    port = DEFAULT_PORTS[scheme] if port is None else port
    if not port or (not host and scheme != "udp"):
        raise ArgumentError(
            f"a stream's address has a host and a port, such as {scheme}://host:8080/"
        )
    user = None if parts.username is None else urllib.parse.unquote(parts.username)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    # Escapes letters that a request line cannot hold, as browsers do.
    path = urllib.parse.quote(path or "/", safe="/%:=&?~+!$,;'@()*[]")
    return Address(
        scheme, _ascii(host), port, path, user, urllib.parse.unquote(parts.password or "")
    )


def _ascii(host: str) -> str:
    try:
        # Its lengths are checked for ASCII as well.
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ArgumentError("a stream's address has a host that is no name") from error
