"""Streams of painted faces that come, change and go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from fer_edge import Frame
from fer_edge.live import Event
from fer_edge.live.stream import Stream
from tests.runtime.painted import Believing, Painted, paint

LEFT, RIGHT = Painted(10, 40, "happy"), Painted(110, 40, "sad")
RATE = 20.0


def recording(*parts: tuple[int, tuple[Painted, ...]]) -> list[Frame]:
    """Frames of a recording: so many with these faces, then so many with those, and so on."""
    pictures = [paint(*faces) for count, faces in parts for _ in range(count)]
    return [
        Frame(picture, index / RATE, index, clock="recording", moment="position")
        for index, picture in enumerate(pictures)
    ]


VISIT = recording((10, ()), (40, (LEFT,)), (60, ()), (40, (RIGHT,)))
"""Somebody happy comes and goes; somebody sad comes and stays."""


def stream_of(source: Any, **arguments: Any) -> Stream:
    return Stream(source, Believing(), **arguments)


def live(*faces: Painted, interval: float = 0.005, limit: int = 100_000) -> Iterator[Frame]:
    """A camera's frames, as they come."""
    picture = paint(*faces)
    for index in range(limit):
        time.sleep(interval)
        yield Frame(picture, time.monotonic(), index)


def told(event: Event) -> tuple[str, int | None, str | None, str | None]:
    return event.kind, event.track_id, event.before, event.after


class Failing(Believing):
    def detect(self, frame: Frame, within: Any = None) -> Any:
        if frame.index == 3:
            raise ZeroDivisionError("in the detector")
        return super().detect(frame, within)
