"""What becomes of each frame that was taken: it is tracked, left out or refused, and counted."""

from __future__ import annotations

import time

from fer_edge.errors import PictureError
from fer_edge.live.frames.feed import Feed
from fer_edge.live.frames.newest import Taken
from fer_edge.live.frames.refused import Refused
from fer_edge.live.results.event import Event
from fer_edge.live.results.figures import Figures, Stats
from fer_edge.live.results.live_reading import LiveReading
from fer_edge.live.tracking.tracker import Tracker


class FrameIntake:
    """Leads frames to the tracker. One thread gives them; any may ask for figures."""

    def __init__(self, feed: Feed, tracker: Tracker, name: str) -> None:
        """Args:
        feed: where the frames come from; it is told of those that are refused.
        tracker: what reads them.
        name: of the stream, for people.
        """
        self._feed, self._tracker, self._refused = feed, tracker, Refused(name)
        self._figures = Figures()
        self._left_out = self._unread = 0
        self.lossless = False
        """Whether every frame counts; known once the source is open."""
        self.newest: tuple[LiveReading, float] | None = None
        """The newest reading, and `time.monotonic()` when it was there."""

    def track(self, taken: Taken) -> tuple[LiveReading | None, tuple[Event, ...]]:
        """Read a frame.

        Returns:
            No reading and no event where a live source gave something that is no picture. It may
            send damaged frames for a while: they are logged, and its time limit goes on.

        Raises:
            PictureError: a recording gave something that is no picture.
        """
        try:
            reading, events = self._tracker(taken.frame, dropped=taken.dropped + self._unread)
        except PictureError as error:
            if self.lossless:
                raise
            self._refuse(taken, error)
            return None, ()
        self._unread = 0
        self._figures.add(reading)
        self.newest = reading, time.monotonic()
        return reading, events

    def _refuse(self, taken: Taken, error: PictureError) -> None:
        self._feed.refuse()
        self.leave_out(taken)
        self._refused.tell(error)

    def leave_out(self, taken: Taken) -> None:
        """A frame is not read; the next reading says so."""
        self._left_out += 1
        self._unread += 1 + taken.dropped

    def stats(self) -> Stats:
        """The figures as of now."""
        openings = self._feed.openings
        return self._figures.stats(
            dropped=openings.dropped + self._left_out,
            skipped=openings.skipped,
            reopened=self._feed.reopened,
        )
