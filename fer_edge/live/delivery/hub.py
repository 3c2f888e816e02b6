"""Hands readings and events from the stream's thread to all consumers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from fer_edge.cameras.closing import Closing
from fer_edge.errors import StreamEndedError
from fer_edge.live.delivery.event_queue import EventQueue
from fer_edge.live.delivery.hold import Hold
from fer_edge.live.delivery.newest_reading import NewestReading
from fer_edge.live.delivery.outlet import STALLED_SECONDS
from fer_edge.live.delivery.presence import Presence
from fer_edge.live.results.event import Event
from fer_edge.live.results.live_reading import LiveReading

log = logging.getLogger(__name__)

Select = Callable[[LiveReading | None, Sequence[Event]], Sequence[Event]]
"""Which events a consumer wants, of those that came with a reading."""


CONSUMER_WAIT_SECONDS = 0.5
"""Seconds that a lossless stream waits for other consumers beside its handlers."""


class Hub:
    """Knows the consumers. One thread publishes; consumers come and go in any."""

    def __init__(self, name: str = "a stream") -> None:
        """Args:
        name: of the stream, for people.
        """
        self._name = name
        self.patient = False
        """Whether publishing waits for the consumers."""
        self._lock = threading.RLock()
        self._readings: list[NewestReading] = []
        self._events: list[tuple[EventQueue, Select]] = []
        self._presence = Presence()
        self._wanted = Closing()
        self._has_handlers = False
        self._finished: tuple[BaseException | None, bool] | None = None
        self._trace: TracebackType | None = None
        self.told = threading.Event()
        """Set once a reader has raised the error that the stream ended with."""

    def want(self) -> None:
        """Somebody has begun to consume."""
        self._wanted.set()

    def wait_for_consumer(self) -> None:
        """Wait for a consumer, or until `hurry` is called: without one, what is read is lost.

        Handlers consume too, but whoever registers them may be about to read as well.
        """
        began, complained = time.monotonic(), False
        while not self._wanted.wait(CONSUMER_WAIT_SECONDS):
            if self._has_handlers:
                return
            if not complained and time.monotonic() - began >= STALLED_SECONDS:
                complained = True
                log.warning(
                    "%s has waited %g s for somebody who reads it: iterate over it or over its "
                    "events, or call run",
                    self._name,
                    STALLED_SECONDS,
                )

    def add_readings(self) -> NewestReading:
        """A place where readings are left from now on."""
        outlet = NewestReading()
        outlet.told, outlet.stream = self.told, self._name
        with self._lock:
            self._readings.append(outlet)
            self._greet(outlet)
        return outlet

    def add_events(self, select: Select) -> EventQueue:
        """A place where events are left from now on; it begins with the faces that are there.

        Its reader raises the error that the stream ended with.

        Args:
            select: which events.
        """
        with self._lock:
            queue = self._new_queue(select)
            queue.told = self.told
            self._greet(queue)
        return queue

    def add_handled_events(self, select: Select) -> EventQueue | None:
        """The same for a function that is called, which raises nothing; None after the end."""
        with self._lock:
            if self._finished is not None:
                return None
            self._has_handlers = True
            return self._new_queue(select)

    def _new_queue(self, select: Select) -> EventQueue:
        queue = EventQueue(select(None, self._presence.events()))
        queue.stream = self._name
        self._events.append((queue, select))
        return queue

    @property
    def has_readers(self) -> bool:
        """Whether there is a reader that will raise the error that the stream ends with."""
        with self._lock:
            queues = [queue for queue, _ in self._events]
            return bool(self._readings) or any(queue.told is self.told for queue in queues)

    def _greet(self, outlet: NewestReading | EventQueue) -> None:
        if self._finished is not None:
            error, forget = self._finished
            if error is None:
                error = StreamEndedError(
                    f"{self._name}: the stream has ended and gives nothing more; make a new one"
                )
            else:
                # In its original state, before other consumers raised it.
                error.with_traceback(self._trace)
            outlet.finish(error, forget=forget)

    def remove(self, outlet: NewestReading | EventQueue) -> None:
        """The consumer has gone."""
        with self._lock:
            self._readings = [one for one in self._readings if one is not outlet]
            self._events = [(one, select) for one, select in self._events if one is not outlet]
        outlet.finish(forget=True)

    def publish(self, reading: LiveReading | None, events: Sequence[Event]) -> None:
        """Leave these for every consumer; waits for them only if the hub is patient."""
        with self._lock:
            self._presence.remember(reading, events)
            readings, queues = tuple(self._readings), tuple(self._events)
        # Without the lock: meanwhile the consumers that this waits for may go, and others may come.
        self._put(reading, events, queues)
        if reading is not None:
            for outlet in readings:
                outlet.put(reading, patient=self.patient)

    def _put(
        self,
        reading: LiveReading | None,
        events: Sequence[Event],
        queues: Sequence[tuple[EventQueue, Select]],
    ) -> None:
        for queue, select in queues:
            for event in select(reading, events):
                queue.put(event, patient=self.patient)

    def hurry(self) -> None:
        """Wait for no consumer from now on."""
        self.patient = False
        self._wanted.set()
        with self._lock:
            outlets = self._outlets()
        for outlet in outlets:
            outlet.hurry()

    def finish(
        self, error: BaseException | None, last: Sequence[Event] = (), *, forget: bool
    ) -> None:
        """Nothing more will be published.

        Args:
            error: what every consumer raises, once it has taken all.
            last: events for the consumers there are. One that comes later is told of the end:
                between both there is no moment in which it would get neither. Faces that were not
                told to leave before leave now.
            forget: whether readings that wait are thrown away: they are late.
        """
        with self._lock:
            if self._finished is None:
                self._finished = error, forget
                self._trace = None if error is None else error.__traceback__
            self._presence.remember(None, last)
            last = [*last, *self._presence.leaves()]
            self._presence = Presence()
            queues, outlets = tuple(self._events), self._outlets()
        self._put(None, last, queues)
        self._wanted.set()
        for outlet in outlets:
            outlet.finish(error, forget=forget)

    def _outlets(self) -> tuple[NewestReading | EventQueue, ...]:
        return (*self._readings, *(queue for queue, _ in self._events))


def of_kinds(kinds: Sequence[str]) -> Select:
    """Events of these kinds."""
    chosen = frozenset(kinds)
    return lambda _, events: [event for event in events if event.kind in chosen]


def of_hold(hold: Hold) -> Select:
    """The events for `Stream.when`."""

    def select(reading: LiveReading | None, events: Sequence[Event]) -> Sequence[Event]:
        if reading is None:
            return ()
        return hold(reading, resumed=any(event.kind == "resumed" for event in events))

    return select
