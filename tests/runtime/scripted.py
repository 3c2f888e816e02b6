"""A recognizer that finds the faces it is told: for tests of what happens over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fer_edge.emotion import Emotion
from fer_edge.face import Box, Detection, Face
from fer_edge.frame import Clock, Frame
from fer_edge.live import Event, LiveReading, Tracker

LABELS = ("angry", "happy", "sad")
PICTURE = np.zeros((480, 640, 3), np.uint8)


@dataclass(frozen=True)
class Actor:
    """A face, and what it shows."""

    box: Box
    label: str = "happy"
    probability: float = 0.9


class Scripted:
    """Finds the actors of a script, in windows only those whose box lies inside."""

    def __init__(self, script: Callable[[float], Sequence[Actor]]) -> None:
        """Args:
        script: the actors at a time.
        """
        self._script = script
        self.looks: list[tuple[float, Box | None]] = []
        self.reads: list[tuple[float, int]] = []

    def detect(self, frame: Frame, within: Box | None = None) -> tuple[Detection, ...]:
        self.looks.append((frame.timestamp, within))
        actors = self._script(frame.timestamp)
        return tuple(seen(a.box) for a in actors if within is None or _holds(within, a.box))

    def read(self, frame: Frame, detections: Sequence[Detection]) -> tuple[Face, ...]:
        self.reads.append((frame.timestamp, len(detections)))
        actors = self._script(frame.timestamp)
        return tuple(_face(one, actors) for one in detections)


def seen(box: Box, score: float = 0.9) -> Detection:
    """A detection with landmarks."""
    x, y, w, h = box.x, box.y, box.width, box.height
    places = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
    return Detection(box, box.square(0.95), score, tuple((x + w * a, y + h * b) for a, b in places))


def probabilities(label: str, probability: float) -> Mapping[str, float]:
    """One label's own, the rest shared by the others."""
    rest = (1 - probability) / (len(LABELS) - 1)
    return {one: probability if one == label else rest for one in LABELS}


def frame(at: float, index: int = 0, clock: Clock = "recording") -> Frame:
    """An empty picture of a time."""
    return Frame(PICTURE, at, index, clock=clock, moment="position")


def times(seconds: float, rate: float = 30.0, start: float = 0.0) -> list[float]:
    """The times of frames."""
    return [start + n / rate for n in range(round(seconds * rate))]


def always(*actors: Actor) -> Callable[[float], Sequence[Actor]]:
    """The same actors all the time."""
    return lambda at: actors


def between(start: float, end: float, *actors: Actor) -> Callable[[float], Sequence[Actor]]:
    """Actors that are there for a while, in seconds."""
    return lambda at: actors if start <= at < end else ()


def play(tracker: Tracker, moments: Sequence[float]) -> tuple[list[LiveReading], list[Event]]:
    """What a tracker tells of frames of these times."""
    readings, events = list[LiveReading](), list[Event]()
    for at in moments:
        reading, told = tracker(frame(at))
        readings.append(reading)
        events += told
    return readings, events


def kinds(events: Sequence[Event]) -> list[str]:
    """Of events."""
    return [event.kind for event in events]


def _holds(window: Box, box: Box) -> bool:
    return (
        window.x <= box.x
        and window.y <= box.y
        and box.x + box.width <= window.x + window.width
        and box.y + box.height <= window.y + window.height
    )


def _face(one: Detection, actors: Sequence[Actor]) -> Face:
    def distance(actor: Actor) -> float:
        return abs(actor.box.x - one.box.x) + abs(actor.box.y - one.box.y)

    # Where nobody is any more, no label is likelier than the others.
    actor = min(actors, key=distance, default=Actor(one.box, probability=1 / len(LABELS)))
    values = probabilities(actor.label, actor.probability)
    label = max(values, key=lambda name: values[name])
    emotion = Emotion(label, values[label], values)
    return Face(one.box, one.score, emotion, one.landmarks, one.square)
