"""Many frames through a whole stream, with every kind of consumer, and what they leave behind."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator

import cv2
import numpy as np

from fer_edge import Event, Frame, Recognizer, Stream, open_camera
from fer_edge.live.tracking.recognizing import Recognizing
from fer_edge.pictures.image import Image
from tests.runtime.leaks import held, resident_mb, settled

SIZE = (160, 120)
"""Pixels of the pictures, width and height: small, so that many fit into the time there is."""
ROUND, AWAY = 300, 100
"""Frames of a round, and how many of them show nobody: longer than a track lives."""
RATE = 30.0


@dataclasses.dataclass(frozen=True)
class Endured:
    """What was seen."""

    frames: int
    """Readings that were delivered."""
    kinds: dict[str, int]
    """Events of each kind."""
    greeted: int
    """How often `when` called."""
    begun_mb: float
    """Resident memory after the frames that warm up, in 1e6 bytes."""
    ended_mb: float
    """The same after the last frame."""
    left: tuple[int, int]
    """Threads and descriptors that were there before the stream."""
    leaked: tuple[int, int]
    """Those that are there afterwards."""


def recognizer() -> Recognizer:
    """A real one, as small as they come."""
    return Recognizer("nano", detection_side=SIZE[0])


def frames(count: int) -> Iterator[Frame]:
    """Somebody comes, moves a little, and goes, again and again."""
    with open_camera("sample") as camera:
        seen = [_small(frame.image) for frame in camera if frame.index % 5 == 0]
    nobody = np.full_like(seen[0], 100)
    for index in range(count):
        image = nobody if index % ROUND >= ROUND - AWAY else seen[index // 3 % len(seen)]
        # A copy of its own, as cameras give them.
        yield Frame(image.copy(), index / RATE, index, clock="recording", moment="position")


def _small(image: Image) -> Image:
    return np.asarray(cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA), np.uint8)


def endure(count: int, warm_up: int, reads: Recognizing) -> Endured:
    """Read so many frames, with readings, events and handlers all wanted."""
    before = held()
    kinds: dict[str, int] = {}
    greeted: list[int] = []
    delivered = 0
    begun = 0.0
    stream = Stream(frames(count), reads, name="soak")

    @stream.when("happy", hold_time=0.5, once_per_track=True)
    def greet(event: Event) -> None:
        greeted.append(event.sequence)

    stream.on("change")(lambda event: event.to_json())
    events = stream.events()

    def count_events() -> None:
        for event in events:
            kinds[event.kind] = kinds.get(event.kind, 0) + 1

    counting = threading.Thread(target=count_events)
    with stream:
        readings = iter(stream)
        counting.start()
        for reading in readings:
            delivered += 1
            if delivered == warm_up:
                begun = resident_mb()
            if delivered % 1000 == 0:
                reading.to_json()
                stream.latest(max_age=1)
                stream.stats()
        ended = resident_mb()
        counting.join()
    del stream, readings
    return Endured(delivered, kinds, len(greeted), begun, ended, before, settled(before))
