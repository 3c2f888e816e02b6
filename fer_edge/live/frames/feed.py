"""Frames of a source that may fail: one that froze or broke is closed and opened again."""

from __future__ import annotations

import logging
import time

from fer_edge.cameras.closing import Closing
from fer_edge.errors import (
    ArgumentError,
    BackendMissingError,
    CameraError,
    CameraTimeoutError,
    FerEdgeError,
)
from fer_edge.live.frames.fault import Fault
from fer_edge.live.frames.frame_source import FrameSource
from fer_edge.live.frames.liveness import SOURCE_GRACE_SECONDS, Liveness
from fer_edge.live.frames.newest import Newest, Taken
from fer_edge.live.frames.openings import Openings
from fer_edge.live.frames.retry import BackOff, Retry
from fer_edge.printable import said_by

log = logging.getLogger(__name__)

PERMANENT_ERRORS = (ArgumentError, BackendMissingError)
"""Errors that no further attempt can mend."""


class Feed:
    """Gives frames and faults, one after the other, to one thread.

    `close` may come from any thread; it wakes the other.
    """

    def __init__(
        self, source: FrameSource, retry: Retry | None, frame_timeout: float, open_timeout: float
    ) -> None:
        """Nothing is opened before `start`.

        Args:
            source: what to read.
            retry: None: the first fault is raised.
            frame_timeout: seconds without a frame that are an interruption.
            open_timeout: the same before the first frame of each opening.
        """
        self._source = source
        never = retry is None or retry.attempts == 0 or not source.opens_again
        self._retry = None if never else retry
        self._back_off = BackOff(self._retry or Retry(attempts=0))
        self._liveness = Liveness(frame_timeout, open_timeout)
        self._open_timeout = open_timeout
        self._closing = Closing()
        self.openings = Openings(source)
        """What was opened so far, and its figures."""
        self._next_attempt = 0.0
        self._interrupted = self._came = self._warned = False
        self._news: Fault | None = None
        self.reopened = 0
        """How often the source gave frames again after a fault that it was closed for."""

    def start(self) -> None:
        """Open the source, and wait until that is done.

        Raises:
            Exception: what opening it raised, unless `retry` waits for it at the start.
        """
        try:
            newest = self._begin()
            # Twice the time: a search may try several cameras, and reports the end of its time.
            longest = self._open_timeout * 2 + SOURCE_GRACE_SECONDS
            if not newest.wait_open(longest):
                if self._closing.is_set():
                    return
                raise CameraTimeoutError(
                    f"{self._source.name} could not be opened within {longest:g} s"
                )
        except Exception as error:
            waits = self._retry is not None and self._retry.at_start
            if not waits or isinstance(error, PERMANENT_ERRORS):
                self.close()
                raise
            self._news = self._plan(error)
        else:
            self._learn()

    def _learn(self) -> None:
        """Recordings take the time that they take, and are read once."""
        if self.openings.recorded:
            self._liveness.patient, self._retry = True, None

    def next(self) -> Taken | Fault | None:
        """The next frame or fault; waits for it.

        Returns:
            None when the source has ended, or the feed was closed.

        Raises:
            Exception: what the source raised, where it is not opened again.
        """
        news, self._news = self._news, None
        if news is not None:
            return news
        while not self._closing.is_set():
            is_begun = self.openings.newest is not None
            if not is_begun and self._closing.wait(self._next_attempt - time.monotonic()):
                return None
            try:
                newest = self.openings.newest or self._begin()
                taken = newest.take(self._longest_wait())
            except PERMANENT_ERRORS:
                raise
            except Exception as error:
                found = self._fault(error)
            else:
                if taken is not None and not self._liveness.is_overdue():
                    self._count()
                    return self.openings.with_untold(taken)
                if self._closing.is_set() or (newest.ended and self._may_end):
                    self._check_came()
                    return None
                if taken is not None:
                    self.openings.leave_out(taken)
                found = self._silence(newest)
            if found is not None:
                return found
        return None

    @property
    def _may_end(self) -> bool:
        """Whether its end is no fault: a camera has none. Who gives frames himself may end them."""
        return self.openings.recorded or not self._source.opens_again

    def _check_came(self) -> None:
        if not self._came and not self._closing.is_set():
            raise CameraError(f"{self.openings.name} gave no frame: it was at its end already")

    def refuse(self) -> None:
        """The last frame could not be read as a picture: it does not show that the source works."""
        self._liveness.refuse()

    def close(self) -> None:
        """Give the source back; returns at once, from any thread, and again without effect."""
        self._closing.set()
        self.openings.close()

    def _begin(self) -> Newest:
        self._liveness.begin()
        return self.openings.begin()

    def _longest_wait(self) -> float | None:
        """Seconds to wait for the next frame."""
        # What froze and cannot be opened anew may still come back.
        return None if self._interrupted and self._retry is None else self._liveness.left()

    def _count(self) -> None:
        if self._liveness.first:
            self._learn()
            self.reopened += self._interrupted
        self._interrupted, self._came = False, True
        self._liveness.frame()
        self._back_off.frame(time.monotonic())

    def _silence(self, newest: Newest) -> Fault | None:
        """No frame came: the source has ended, or it froze."""
        name = self._source.name
        if newest.ended:
            return self._fault(CameraError(f"{name} ended"))
        error = CameraTimeoutError(f"{name} {self._liveness.complaint()}")
        if self._retry is None and not self._source.opens_again:
            # Only its owner can open it again, but it may come back by itself.
            return self._interrupt(error)
        return self._fault(error)

    def _fault(self, error: Exception) -> Fault | None:
        if self._closing.is_set():
            return None
        # A source that never gave a frame counts as missing at the start.
        if self._retry is None or not (self._came or self._retry.at_start):
            raise error
        return self._plan(error)

    def _plan(self, error: Exception) -> Fault | None:
        """Close what failed, and set the time of the next attempt."""
        self.openings.retire()
        now = time.monotonic()
        wait = self._back_off.fault()
        if wait is None:
            raise error
        self._tell(error, wait)
        self._next_attempt = now + wait
        return self._interrupt(error)

    def _tell(self, error: Exception, wait: float) -> None:
        """Log a fault, and the first attempt after it that failed as a warning."""
        name, told = self._source.name, said_by(error)
        is_odd = not isinstance(error, OSError | FerEdgeError)
        if is_odd and told != type(error).__name__:
            told = f"{type(error).__name__}: {told}"
        told = told if told.startswith(name) else f"{name}: {told}"
        is_first_failure = self._interrupted and not self._warned
        self._warned = self._interrupted
        # It may be a mistake in the user's own camera class: then the traceback helps, once.
        trace = error if is_odd and not self._interrupted else None
        level = logging.WARNING if trace or is_first_failure else logging.INFO
        log.log(level, "%s; opening it again in %.3g s", told, wait, exc_info=trace)

    def _interrupt(self, error: Exception) -> Fault | None:
        if self._interrupted:
            return None
        self._interrupted = True
        return Fault(said_by(error))
