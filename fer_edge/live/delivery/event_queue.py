"""Events that wait for a consumer: a bounded number, and no appear or leave is merged.

A consumer that reads in time gets every event. For a late one, the changes of each face become one
event: from the label before the first change to the label after the last. Appear and leave stay.
"""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter, deque
from collections.abc import Iterable
from itertools import islice

from fer_edge.live.delivery.outlet import Outlet
from fer_edge.live.results.event import Event

log = logging.getLogger(__name__)

MOST_UNMERGED_EVENTS = 256
"""Events that wait before any are merged."""
MOST_EVENTS = 100_000
"""Events that wait at most. Beyond it whole visits are forgotten, the oldest first: a consumer that
is so late probably no longer reads. Where there are no whole visits, because it asked for some
kinds only, the oldest events are forgotten."""


class EventQueue(Outlet[Event]):
    """Events in their order, numbered anew from 0 without gaps as they are taken."""

    def __init__(
        self,
        present: Iterable[Event] = (),
        capacity: int = MOST_UNMERGED_EVENTS,
        most: int = MOST_EVENTS,
    ) -> None:
        """Args:
        present: what the consumer has to know first: the faces that are there already.
        capacity: how many events wait before some are merged.
        most: how many wait at all.
        """
        super().__init__()
        self._events = deque(present)
        self._capacity = self._limit = capacity
        self._most = most
        self._taken = 0
        self.forgotten = 0
        """Visits (an appear and its leave) that were forgotten because nobody read; or events,
        where there are no whole visits."""

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: Event, *, patient: bool = False) -> None:
        """Leave an event.

        Args:
            event: later than all before.
            patient: wait until there is room.
        """
        with self._changed:
            if patient:
                self._wait_for_room(lambda: len(self._events) < self._capacity)
            if self._finished:
                return
            self._events.append(event)
            if len(self._events) > self._limit:
                self._merge()
        self._wake()

    def _pop(self) -> Event | None:
        if not self._events:
            return None
        event = dataclasses.replace(self._events.popleft(), sequence=self._taken)
        # At half: a reader that stays near the capacity would have all merged at each event.
        if len(self._events) <= self._capacity // 2:
            self._limit = self._capacity
        self._taken += 1
        return event

    def _forget(self) -> None:
        """Nothing is forgotten: a consumer may need to know after the end that a face has left."""

    def _merge(self) -> None:
        self._events = deque(merged(self._events))
        if len(self._events) > self._most:
            self._forget_visits()
        # Merging goes through all events, so it is done more rarely the more there are.
        count = len(self._events)
        later = count + max(self._capacity, count // 4)
        self._limit = min(later, max(self._most, count + self._capacity))

    def _forget_visits(self) -> None:
        ends = Counter(e.track_id for e in self._events if e.kind in ("appear", "leave"))
        whole = [track for track, count in ends.items() if track is not None and count == 2]
        # A quarter at once: it takes as long as forgetting one.
        spare = (len(self._events) - self._most + 1) // 2 + self._most // 8
        gone = set(whole[:spare])
        if gone:
            self.forgotten += len(gone)
            log.warning("nobody reads the events: %d visits are forgotten", self.forgotten)
            self._events = deque(e for e in self._events if e.track_id not in gone)
        excess = len(self._events) - self._most
        if excess > 0:
            excess += self._most // 8
            self.forgotten += excess
            log.warning("nobody reads the events: %d of them are forgotten", self.forgotten)
            self._events = deque(islice(self._events, excess, None))


def merged(events: Iterable[Event]) -> list[Event]:
    """The events with at most one change for each face, at the place of its last change.

    A face whose label is what it was before loses its changes. Of interruptions that are over only
    the last stays; so does the last "held" of a face and a label.
    """
    kept: list[Event | None] = []
    places: dict[tuple[str, int | None, str | None], int] = {}
    for event in _without_past_interruptions(list(events)):
        if event.kind not in ("change", "held"):
            kept.append(event)
            continue
        key = (event.kind, event.track_id, event.after if event.kind == "held" else None)
        place = places.pop(key, None)
        later = event if place is None else _joined(kept[place], event)
        if place is not None:
            kept[place] = None
        if later is not None:
            places[key] = len(kept)
            kept.append(later)
    return [event for event in kept if event is not None]


def _joined(earlier: Event | None, later: Event) -> Event | None:
    """Two changes of a face as one; None if its label is what it was before both."""
    if earlier is None or later.kind == "held":
        return later
    if later.after == earlier.before:
        return None
    return dataclasses.replace(later, before=earlier.before, held=earlier.held)


def _without_past_interruptions(events: list[Event]) -> list[Event]:
    told = [place for place, e in enumerate(events) if e.kind in ("interrupted", "resumed")]
    if len(told) <= 2:
        return events
    # The consumer may have taken the "interrupted" that the first "resumed" belongs to.
    first = told[:1] if events[told[0]].kind == "resumed" else []
    last = told[-2:] if events[told[-1]].kind == "resumed" else told[-1:]
    gone = set(told) - {*first, *last}
    return [event for place, event in enumerate(events) if place not in gone]
