"""A camera that is read all the time, by threads of its own: readings and events as they come."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any, TypeVar

from fer_edge.cameras.request import Request
from fer_edge.errors import ArgumentError, StreamEndedError
from fer_edge.live.delivery.consumer_arguments import (
    check_handler,
    check_label,
    checked_kinds,
)
from fer_edge.live.delivery.handlers import Handler, name_of
from fer_edge.live.delivery.hold import Hold
from fer_edge.live.delivery.hub import Select, of_hold, of_kinds
from fer_edge.live.delivery.reader import Reader
from fer_edge.live.faces.smoothing import Smoothing
from fer_edge.live.frames.feed import Feed
from fer_edge.live.frames.frame_source import StreamSource, frame_source
from fer_edge.live.frames.retry import Retry
from fer_edge.live.lifecycle import Lifecycle
from fer_edge.live.loop import Loop
from fer_edge.live.results.event import Event
from fer_edge.live.results.live_reading import LiveReading
from fer_edge.live.tracking.recognizing import Recognizing
from fer_edge.live.tracking.tracker import Tracker
from fer_edge.live.tracking.tracker_arguments import MOST_FRAMES, checked_text
from fer_edge.number import checked_seconds, whole_number
from fer_edge.printable import brief
from fer_edge.recognizer import Recognizer

H = TypeVar("H", bound=Handler)


class Stream(Lifecycle):
    """Readings and events of one camera, for any number of consumers.

    with fer_edge.Stream("picamera") as stream:
        for event in stream.events():
            ...

    It starts with `with`, `async with`, `run` or the first iteration, and once only. Every method
    may be called from any thread. Who asks for what can never come, since the stream has ended,
    gets a StreamEndedError; `ended` says so before.
    """

    def __init__(
        self,
        source: StreamSource = None,
        recognizer: Recognizing | None = None,
        *,
        name: str = "",
        size: tuple[int, int] | None = None,
        fps: float | None = None,
        rotate: int = 0,
        mirror: bool = False,
        hfov: float | None = None,
        realtime: bool | None = None,
        open_timeout: float = 10.0,
        frame_timeout: float = 2.0,
        retry: Retry | None = Retry(),  # noqa: B008 - frozen
        smoothing: Smoothing | None = None,
        lost_after: float = 1.5,
        detect_every: float = 0.2,
        read_every: float = 0.0,
        budget: float | None = None,
        frames: int | None = None,
    ) -> None:
        """Load the models; nothing is opened yet.

        Args:
            source: all that `open_camera` takes (paths of pictures are a list or a tuple). Or an
                open camera, which the stream then closes; or an iterable of frames or pictures. Or
                give a function that opens one of these: then the stream can open your own camera
                again. A function that gives an iterable must say with `realtime` whether it is a
                camera's (True) or a recording (False). A single picture is refused: `Recognizer`
                reads it.
            recognizer: finds and reads the faces; by default a `Recognizer()`. Give every stream
                its own.
            name: stands in every reading and event.
            size: as for `open_camera`; so are `fps`, `rotate`, `mirror` and `open_timeout`.
            hfov: degrees that the camera sees from left to right, for `LiveFace.bearing`.
            realtime: of recordings: True plays them at their own speed, False or None reads every
                frame, and waits for the consumers. One that is open must have been opened so. Of
                cameras: True or None gives the newest frame, False waits for the consumers. Of
                iterables: True gives the newest frame, False or None each one.
            frame_timeout: seconds without a frame after which a camera counts as interrupted and
                is opened again. Recordings are waited for.
            retry: when it is opened again; None: never, a fault ends the stream.
            smoothing: how quickly labels may change; as for `Tracker`.
            lost_after: as for `Tracker`; so are `detect_every`, `read_every` and `budget`.
            frames: how many are read before the stream ends; None: all.

        Raises:
            ArgumentError: an argument has the wrong type or is out of its range.
            ModelError: the model or the detector is missing, damaged or foreign.
        """
        checked_text("name", name)
        if retry is not None and not isinstance(retry, Retry):
            raise ArgumentError(f"retry must be a Retry or None, got {brief(retry)}")
        request = Request(size, fps, rotate, mirror, realtime, open_timeout, frame_timeout)
        if frames is not None:
            whole_number("frames", frames, 1, MOST_FRAMES)
        origin = frame_source(source, request)
        self._recognizer: Recognizing = Recognizer() if recognizer is None else recognizer
        tracker = Tracker(
            self._recognizer,
            smoothing=smoothing,
            lost_after=lost_after,
            detect_every=detect_every,
            read_every=read_every,
            budget=budget,
            hfov=hfov,
            name=name,
        )
        feed = Feed(origin, retry, request.frame_timeout, request.open_timeout)
        super().__init__(Loop(feed, tracker, name or origin.name, frames), name)

    def __iter__(self) -> Reader[LiveReading]:
        """Readings, each once: the newest when it is asked for, or all where nothing is lost."""
        self._loop.check_process()
        return self._reader(self._loop.hub.add_readings())

    def __aiter__(self) -> Reader[LiveReading]:
        return iter(self)

    def events(self, *kinds: str) -> Reader[Event]:
        """The events from now on, for `for` or `async for`; first those of the faces there are.

        Args:
            kinds: only these ("appear", "change", "leave", "interrupted", "resumed"); else all.

        Raises:
            ArgumentError: there is no such kind.
        """
        wanted = of_kinds(checked_kinds(kinds))
        self._loop.check_process()
        return self._reader(self._loop.hub.add_events(wanted))

    def _reader(self, outlet: Any) -> Reader[Any]:
        return Reader(outlet, self._begin, functools.partial(self._loop.hub.remove, outlet))

    def _begin(self) -> None:
        self._start()
        self._loop.hub.want()

    def on(self, *kinds: str) -> Callable[[H], H]:
        """A decorator: call this function with every event of these kinds, or with all.

        One thread calls all functions of a stream. What they raise is logged.

        Raises:
            ArgumentError: there is no such kind, or what is decorated is no plain function.
            StreamEndedError: the stream has ended: it would never be called.
        """
        return self._decorator(of_kinds(checked_kinds(kinds)))

    def when(
        self, label: str, *, hold_time: float = 0.0, once_per_track: bool = False
    ) -> Callable[[H], H]:
        """A decorator: call this function when a face has kept a steady label for a while.

        It gets an event of the kind "held", with `after`, `held` and `face`, in the same thread
        as those of `on`.

        Args:
            label: one of the model's labels, or "unsure".
            hold_time: seconds for which the face must be seen with it.
            once_per_track: True: one call for each track at most. False: a further call when the
                face has had another label meanwhile.

        Raises:
            ArgumentError: the model has no such label, or an argument is out of its range.
            StreamEndedError: as for `on`.
        """
        check_label(label, self._recognizer)
        return self._decorator(of_hold(Hold(label, hold_time, once_per_track)))

    def _decorator(self, select: Select) -> Callable[[H], H]:
        def add(handler: H) -> H:
            check_handler(handler)
            self._loop.check_process()
            queue = self._loop.hub.add_handled_events(select)
            if queue is None:
                self._loop.raise_error()
                raise StreamEndedError(
                    f"{name_of(handler)} would never be called: the stream has ended; make a new "
                    "one"
                )
            self._loop.handlers.add(queue, handler)
            return handler

        return add

    def latest(self, max_age: float | None = None) -> LiveReading | None:
        """The newest reading, without waiting; None if there is none or it is too old.

        Args:
            max_age: seconds since the exposure; on other clocks than the monotonic one, since
                the reading was there. None: any age.

        Raises:
            ArgumentError: `max_age` is no number of 0 or more.
            Exception: what the stream ended with.
        """
        if max_age is not None:
            checked_seconds("max_age", max_age)
        self._loop.check_process()
        self._loop.hub.want()
        self._loop.raise_error()
        newest = self._loop.intake.newest
        if newest is None:
            return None
        reading, there = newest
        age = time.monotonic() - there if reading.age is None else reading.age
        return reading if max_age is None or age <= max_age else None
