"""What every camera is."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from types import TracebackType

from fer_edge.frame import Frame


class Camera(abc.ABC):
    """Frames one after the other, and a device to be given back.

    with open_camera() as camera:
        for frame in camera:
            ...
    """

    name: str
    """What it is, for people: "Raspberry Pi camera imx708", "the video walk.mp4"."""
    skipped: int = 0
    """Pictures that could not be read and were left out so far."""

    @abc.abstractmethod
    def __iter__(self) -> Iterator[Frame]:
        """Frames until the source ends, or `close` is called.

        Raises:
            CameraError: the source stops giving frames without having ended.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Give the device or file back; calling it again does nothing."""

    def __enter__(self) -> Camera:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
