"""The thread that joins the parts: frames from the feed, through the tracker, to the consumers."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Sequence
from types import TracebackType

from fer_edge.cameras.closing import Closing
from fer_edge.errors import StreamEndedError
from fer_edge.live.delivery.handlers import Handlers
from fer_edge.live.delivery.hub import Hub
from fer_edge.live.delivery.reader import FORKED_MESSAGE
from fer_edge.live.frame_intake import FrameIntake
from fer_edge.live.frames.fault import Fault
from fer_edge.live.frames.feed import Feed
from fer_edge.live.results.event import Event
from fer_edge.live.results.live_reading import LiveReading
from fer_edge.live.tracking.budget import Work
from fer_edge.live.tracking.tracker import Tracker
from fer_edge.printable import said_by
from fer_edge.process import Process
from fer_edge.started import start

log = logging.getLogger(__name__)

LONGEST_CLOSE_SECONDS = 0.9
"""Seconds that `close` waits at most, so that its caller goes on within one."""
PAUSED_REASON = "paused"
"""The reason of interruptions that somebody asked for."""


class Loop:
    """One run of a stream, from its start to its end. Every method may be called by any thread."""

    def __init__(self, feed: Feed, tracker: Tracker, name: str, frames: int | None = None) -> None:
        """Nothing is opened before `start`.

        Args:
            feed: where frames come from.
            tracker: what reads them; nobody else may use it.
            name: of the threads.
            frames: how many are read at most.
        """
        self._feed, self._tracker, self._name = feed, tracker, name
        self._left = math.inf if frames is None else frames
        self.intake = FrameIntake(feed, tracker, name)
        """What becomes of the frames, and figures of that."""
        self.hub = Hub(name)
        self.handlers = Handlers(name)
        self.error: BaseException | None = None
        """The error that the loop ended with, if any."""
        self._trace: TracebackType | None = None
        self.done = Closing()
        """Set once no reading and no event will come."""
        self.is_run = False
        """Whether somebody waits for the end in `run`, which then raises the error."""
        self._closing = Closing()
        self._pausing = threading.Condition()
        self._paused = False
        # A signal handler may call `close` while the same thread is inside `start`.
        self._beginning = threading.RLock()
        self._process: Process | None = None
        self._begun = self._warned = False
        self._close_until: float | None = None
        self._thread = threading.Thread(target=self._run, name=f"stream {name}", daemon=True)

    def start(self) -> None:
        """Open the source and begin.

        Raises:
            Exception: what opening it raised.
        """
        self._process = Process()
        try:
            self._feed.start()
            with self._beginning:
                if self._closing.is_set():
                    return
                start(self._thread, self._name)
                self._begun = True
            self.handlers.start()
        except BaseException as error:
            if isinstance(error, Exception):
                self._fail(error)
            self.close()
            raise

    def check_process(self) -> None:
        """Raises StreamEndedError in a process that was forked from the one that started it."""
        if self._process is not None:
            self._process.check(StreamEndedError, FORKED_MESSAGE)

    @property
    def is_elsewhere(self) -> bool:
        """Whether it runs in the process that this one was forked from."""
        return self._process is not None and not self._process.is_this

    def is_inside(self) -> bool:
        """Whether it is one of its own threads that asks."""
        return self.handlers.is_calling() or self._thread is threading.current_thread()

    def close(self, timeout: float = LONGEST_CLOSE_SECONDS) -> None:
        """End it; again it only waits for the rest of the first call's time, and for what `timeout`
        is longer.

        Args:
            timeout: seconds that the loop's thread has; the others have LONGEST_CLOSE_SECONDS.
        """
        if self.is_elsewhere:
            # What a forked child closes, its parent loses: connections, children of its own.
            return
        # One that comes after another does not wait once more for what is stuck.
        until = self._close_until or time.monotonic() + LONGEST_CLOSE_SECONDS
        self._close_until = until
        self._closing.set()
        self.resume()
        self._feed.close()
        with self._beginning:
            joins = self._begun and self._thread is not threading.current_thread()
        self.hub.hurry()
        if joins:
            left = max(0.0, until - time.monotonic())
            self._thread.join(max(0.0, timeout - LONGEST_CLOSE_SECONDS + left))
        # It has done so itself, unless it never started or is stuck in a recognizer.
        self.hub.finish(None, forget=True)
        self.done.set()
        self.handlers.join(until - time.monotonic())
        if not self._feed.openings.join(until - time.monotonic()) and not self._warned:
            self._warned = True
            log.warning("%s: the source has not ended yet; its thread ends with it", self._name)

    def pause(self) -> None:
        """Read no frames until `resume`; the source stays open."""
        with self._pausing:
            self._paused = not self._closing.is_set()

    def resume(self) -> None:
        """Go on."""
        with self._pausing:
            self._paused = False
            self._pausing.notify_all()

    def _fail(self, error: BaseException) -> None:
        """The first error counts."""
        if self.error is None:
            self._trace, self.error = error.__traceback__, error

    def raise_error(self) -> None:
        """Raise the error that the loop ended with, if any; the caller counts as informed."""
        if self.error is not None:
            self.hub.told.set()
            raise self.error.with_traceback(self._trace)

    @property
    def work(self) -> Work:
        """What the budget chose."""
        return self._tracker.work

    @property
    def source(self) -> str:
        """What is read, for people."""
        return self._feed.openings.name

    def _run(self) -> None:
        try:
            self._fit_source()
            self._read()
            self._look_back()
        except BaseException as error:
            # The error is for the consumers of the stream, not for this thread.
            self._fail(error)
            # A reader raises it, once it has taken all, and so does `run`. Without them only this
            # line reports it.
            level = logging.DEBUG if self.hub.has_readers or self.is_run else logging.ERROR
            log.log(level, "%s ended: %s: %s", self._name, type(error).__name__, said_by(error))
        finally:
            self._end()

    def _read(self) -> None:
        while self._left > 0 and not self._closing.is_set():
            found = self._feed.next()
            if found is None:
                return
            self._fit_source()
            if isinstance(found, Fault):
                self._publish(None, self._tracker.interrupt(found.reason))
            elif not self._paused or self._waited_out_pause():
                reading, events = self.intake.track(found)
                self._left -= reading is not None
                self._publish(reading, events)
            else:
                self.intake.leave_out(found)

    def _fit_source(self) -> None:
        """Wait for consumers where the source waits; a retry may have opened a recording."""
        lossless = self._feed.openings.lossless
        if lossless == self.intake.lossless:
            return
        self.intake.lossless = self.hub.patient = lossless
        if lossless:
            self.hub.wait_for_consumer()
        if self._closing.is_set():
            # `close` came between: nobody is to be waited for any more.
            self.hub.hurry()

    def _look_back(self) -> None:
        """At the source's own end: say if it could show no face."""
        stats = self.intake.stats()
        is_over = self._closing.is_set() or self._left == 0
        if (stats.readings, stats.dropped) == (1, 0) and not is_over:
            log.warning(
                "%s gave a single frame, and a face appears once two frames show it: read single "
                "pictures with fer_edge.Recognizer or fer-edge photo",
                self._name,
            )

    def _waited_out_pause(self) -> bool:
        """Whether the frame is still to be read: a recording waits during a pause, a camera does
        not."""
        self._publish(None, self._tracker.interrupt(PAUSED_REASON))
        if self.intake.lossless:
            with self._pausing:
                self._pausing.wait_for(lambda: not self._paused)
        return self.intake.lossless and not self._closing.is_set()

    def _publish(self, reading: LiveReading | None, events: Sequence[Event]) -> None:
        if reading is not None or events:
            self.hub.publish(reading, events)

    def _end(self) -> None:
        """Tell the consumers that it is over; the faces that are there leave."""
        last: tuple[Event, ...] = ()
        try:
            self._feed.close()
            last = self._tracker.end()
        except BaseException as error:
            self._fail(error)
        self.hub.finish(self.error, last, forget=self._closing.is_set())
        self.done.set()
