"""The tracker's own time. It never goes back, even where the frames' times do."""

from __future__ import annotations

import logging
import math

from fer_edge.errors import ArgumentError

log = logging.getLogger(__name__)

LONGEST_GAP_SECONDS = 5.0
"""Seconds without a frame after which no face is taken for the one before."""
USUAL_INTERVAL_SECONDS = 1 / 30
"""Seconds between frames until it is known."""

STANDSTILL_FRAMES = 10
"""Number of frames in a row with the same time after which that is logged."""
LONGEST_JUMP_SECONDS = 1e6
"""By how much a single frame moves our time at most. A wrong time may be so large that later steps
would be lost in its rounding."""
BACKWARD_IN_A_ROW = 3
"""Number of steps back in a row after which they are logged as a warning: a clock that was set anew
goes on from there."""
GAPS_IN_A_ROW = 10
"""Number of gaps in a row after which they are logged."""


class Timeline:
    """Times of frames to seconds that only grow.

    - The same time again: nothing moves. Two frames that arrive together may have it; where
      STANDSTILL_FRAMES do, that is logged once.
    - An earlier time: the clock was set anew, as when a recording is played again. Time goes on by
      the usual interval, and from then on `shift` fits the new clock. Unless the next frame is
      later than all before: then only the order was wrong, and the old clock goes on.
    - A time far ahead: it is accepted, up to LONGEST_JUMP_SECONDS. Where GAPS_IN_A_ROW follow each
      other, that is logged once: no face ever appears then, and the times may not be seconds.
    """

    def __init__(self) -> None:
        """Before the first frame."""
        self.now = 0.0
        """Seconds, of the last frame."""
        self.interval = USUAL_INTERVAL_SECONDS
        """Seconds from one frame to the next, lately."""
        self.shift = 0.0
        """By how much our time is ahead of the last frame's clock."""
        self._timestamp: float | None = None
        self._same, self._gaps, self._backward = 1, 0, 0
        self._before_it_went_back: tuple[float, float] | None = None
        """The latest time and the shift, until the next frame says whether the clock was set."""
        self._told = self._told_gaps = self._told_order = False

    def advance(self, timestamp: float) -> float:
        """Go on to the next frame.

        Args:
            timestamp: of the frame, in seconds on its clock.

        Returns:
            Seconds since the frame before; 0 at the first.

        Raises:
            ArgumentError: the time is no finite number.
        """
        if not math.isfinite(timestamp):
            raise ArgumentError(f"a frame's time must be a finite number, got {timestamp}")
        before, self._timestamp = self._timestamp, timestamp
        if before is None:
            self.now = timestamp
            return 0.0
        step = timestamp - before
        self._same = self._same + 1 if step == 0 else 1
        self._gaps = self._gaps + 1 if step > LONGEST_GAP_SECONDS else 0
        self._backward = self._backward + 1 if step < 0 else 0
        if step < 0:
            self._tell_backward(step)
            self._before_it_went_back = self._before_it_went_back or (before, self.shift)
            self.shift = self.now + self.interval - timestamp
        elif self._goes_on_by_the_old_clock(timestamp):
            step = 0.0
        elif self._same == STANDSTILL_FRAMES:
            self._tell_standstill(before)
        elif self._gaps == GAPS_IN_A_ROW:
            self._tell_gaps(step)
        elif 0 < step <= LONGEST_GAP_SECONDS:
            self.interval += 0.1 * (step - self.interval)
        if step >= 0:
            self._before_it_went_back = None
        if step > LONGEST_JUMP_SECONDS:
            self.shift = self.now + LONGEST_JUMP_SECONDS - timestamp
            self.now += LONGEST_JUMP_SECONDS
            return LONGEST_JUMP_SECONDS
        # From the shift, not by adding steps up: their rounding would grow.
        passed, self.now = self.now, max(timestamp + self.shift, self.now)
        return self.now - passed

    def _tell_standstill(self, at: float) -> None:
        if not self._told:
            self._told = True
            log.warning(
                "%d frames in a row have the same time %.6f: no time passes between them, so that "
                "no face is searched or smoothed; each frame needs its own time (a recording that "
                "is piped in faster than it plays has none: name its file)",
                STANDSTILL_FRAMES,
                at,
            )

    def _tell_gaps(self, step: float) -> None:
        if not self._told_gaps:
            self._told_gaps = True
            log.warning(
                "%d frames in a row are more than %g s apart, the last ones %g: no face is "
                "followed over such gaps; are the times in seconds?",
                GAPS_IN_A_ROW,
                LONGEST_GAP_SECONDS,
                step,
            )

    def _tell_backward(self, step: float) -> None:
        if self._told_order:
            return
        if self._backward == BACKWARD_IN_A_ROW:
            self._told_order = True
            log.warning(
                "%d frames in a row are earlier than the one before: times must grow",
                self._backward,
            )
        else:
            log.info("the frames' clock went back by %.3f s: it was set anew", -step)

    def _goes_on_by_the_old_clock(self, timestamp: float) -> bool:
        """Take back the shift of the last step back, if only the order was wrong. Then the frame is
        a little later than all before that step. Gives whether it was so.
        """
        if self._before_it_went_back is None:
            return False
        latest, shift = self._before_it_went_back
        if not 0 < timestamp - latest <= LONGEST_GAP_SECONDS:
            return False
        self.shift = shift
        if not self._told_order:
            self._told_order = True
            log.warning("frames come in another order than they were taken in: is that meant?")
        return True
