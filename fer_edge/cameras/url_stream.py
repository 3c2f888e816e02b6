"""Frames of a stream on a network: http(s), rtsp(s) and udp."""

from __future__ import annotations

from fer_edge.cameras.request import Request, checked_request
from fer_edge.cameras.streams.address import Address, address_of
from fer_edge.cameras.streams.byte_source import ByteSource
from fer_edge.cameras.streams.stream_camera import StreamCamera


class UrlStream(StreamCamera):
    """Frames until the stream ends; its name and its errors hold neither password nor query."""

    def __init__(self, url: str, request: Request | None = None) -> None:
        """Args:
            url: where it is, with user and password before the host if it needs them.
            request: what is asked of it; the sender decides on size and rate.

        Raises:
            ArgumentError: no URL, or of a scheme that is not known here.
            CameraError: it was refused at once; what takes longer, `next` says.
        """
        address, request = address_of(url), checked_request(request)
        super().__init__(f"the stream {address}", _source(address, url, request), request)


def _source(address: Address, url: str, request: Request) -> ByteSource:
    if address.scheme == "udp":
        from fer_edge.cameras.streams.udp_source import UdpSource

        return UdpSource(address)
    if address.scheme in ("rtsp", "rtsps"):
        from fer_edge.cameras.streams.rtsp_source import RtspSource

        return RtspSource(url, request)
    from fer_edge.cameras.streams.http_source import HttpSource

    return HttpSource(address)
