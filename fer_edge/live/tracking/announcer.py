"""Collects events, numbers them without gaps, and loses none when a frame fails."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterable
from typing import Any

from fer_edge.frame import Clock, Frame
from fer_edge.live.faces.direction import Direction
from fer_edge.live.faces.followed import Followed
from fer_edge.live.results.event import Event, EventKind
from fer_edge.live.results.live_face import UNSURE, LiveFace
from fer_edge.live.tracking.tracker_arguments import checked_text


def wall_time(at: float, clock: Clock) -> float:
    """A time on a clock as `time.time()` counts it; now if the clock is not monotonic."""
    now = time.time()
    return now - (time.monotonic() - at) if clock == "monotonic" else now


class Announcer:
    """Shows faces as they are at the last frame, and collects events until they are taken."""

    def __init__(self, direction: Direction, stream: str) -> None:
        """Args:
        direction: of the camera.
        stream: its name, for every event.

        Raises:
            ArgumentError: the name is no text.
        """
        self._direction = self._seen_from = direction
        self._turned = dataclasses.replace(direction, mirror=True)
        self._stream = checked_text("name", stream)
        self._next = 0
        self._events: list[Event] = []
        self._at: float | None = None
        self._clock: Clock = "monotonic"
        self._size = (1, 1)
        self._shift = 0.0
        self._stopped: float | None = None
        self._interrupted_at = -math.inf

    def frame(self, frame: Frame, size: tuple[int, int], shift: float) -> None:
        """A new frame came.

        Args:
            frame: as it came.
            size: its width and height.
            shift: by how many seconds the tracker's time is ahead of its clock.
        """
        self._at, self._clock, self._size, self._shift = frame.timestamp, frame.clock, size, shift
        self._seen_from = self._turned if frame.mirrored else self._direction

    def face(self, one: Followed) -> LiveFace:
        """A face as it is at the last frame."""
        return one.face(self._seen_from, self._size, self._shift)

    def appear(self, one: Followed) -> None:
        """A face came."""
        self._tell("appear", self._frame_time(), self.face(one), after=UNSURE)

    def change(self, one: Followed, before: str, held: float) -> None:
        """A face has another label.

        Args:
            one: the face.
            before: the label before.
            held: how long that held, in seconds.
        """
        face = self.face(one)
        self._tell("change", self._frame_time(), face, before=before, after=face.steady, held=held)

    def leave(self, gone: Iterable[Followed], reason: str, at: float | None = None) -> None:
        """Faces went.

        Args:
            gone: the faces.
            reason: why.
            at: when, on the frames' clock. If None the last frame's time; or that of an
                interruption since then, so that no event is earlier than the one before.
        """
        when = at
        for one in gone:
            face = self.face(one)
            held = max(face.last_seen - face.since, 0.0)
            if when is None:
                when = max(self._frame_time(), self._interrupted_at)
            self._tell("leave", when, face, before=face.steady, held=held, reason=reason)

    def interrupted(self, reason: str, at: float | None) -> None:
        """Frames stopped coming."""
        self._interrupted_at = now = self.now(at)
        self._stopped = now if at is None and self._clock == "monotonic" else None
        self._tell("interrupted", now, None, reason=reason)

    def resumed(self, reason: str, at: float | None) -> None:
        """They come again."""
        now = self.now(at)
        if self._stopped is not None and self._clock == "monotonic":
            # The frame that says so may have been taken before the interruption was noticed.
            now = max(now, self._stopped)
        self._interrupted_at = -math.inf
        self._tell("resumed", now, None, reason=reason)

    def take(self) -> tuple[Event, ...]:
        """All events since the last call."""
        events, self._events = tuple(self._events), []
        return events

    def now(self, at: float | None) -> float:
        """The time now on the frames' clock; the last frame's time if that clock cannot be read."""
        if at is not None:
            return at
        if self._at is None or self._clock == "monotonic":
            return time.monotonic()
        return self._at

    def _frame_time(self) -> float:
        assert self._at is not None
        return self._at

    def _tell(self, kind: EventKind, at: float, face: LiveFace | None, **details: Any) -> None:
        event = Event(
            kind,
            self._next,
            at,
            wall_time(at, self._clock),
            self._clock,
            None if face is None else face.track_id,
            face=face,
            stream=self._stream,
            **details,
        )
        self._next += 1
        self._events.append(event)
