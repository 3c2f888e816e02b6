"""How many frames of a recording were lost, from the times of what went in and came out.

The count that a container declares proves nothing by itself: whole files declare a few too many.
Three things are evidence. Packets went into the decoder, and no frame of their time came out.
The packets' times have a gap. Or the container is cut. All times here are whole ticks of the
stream's time base.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass

WINDOW = 128
"""Packets after which a frame has come out or never will; decoders hold back at most about 40."""
LONG = 1.5
"""Steps between frames, in usual ones, from which on something lies between them."""
STEADY = 0.9
"""Share of steps that are as usual, or long, in a recording of a constant rate."""
FEW, RARE = 3, 0.05
"""Long steps in a recording of a constant rate: so many, or such a share. Where there are more,
the times are meant so, as in recordings of a screen."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What times mean in one kind of recording."""

    durations: bool
    """Each packet tells how long its frame lasts, so that the next one's time is known (MP4)."""
    hidden: bool
    """Some packets hold no frame to be shown (VP8's and VP9's reference frames)."""


class Losses:
    """Counts while a recording is read; it keeps the times of the last packets only."""

    def __init__(self, habits: Habits) -> None:
        """Args:
        habits: what the recording's container and codec do.
        """
        self._habits = habits
        self.refused = 0
        """Packets that the decoder refused."""
        self._heap: list[tuple[int, bool]] = []
        self._given: set[int] = set()
        self._steps: Counter[int] = Counter()
        self._shown_steps: Counter[int] = Counter()
        self._unshown: Counter[tuple[int, int]] = Counter()
        self._leading = self._between = self._gaps = 0
        self._last: int | None = None
        self._last_shown: int | None = None
        self._next: int | None = None

    def fed(self, time: int, shown: bool) -> None:
        """A packet went into the decoder.

        Args:
            time: when its frame is to be shown.
            shown: whether a frame of this time is to come out of it.
        """
        heapq.heappush(self._heap, (time, shown))
        if len(self._heap) > WINDOW:
            self._settle(*heapq.heappop(self._heap))

    def follows(self, time: int, duration: int) -> None:
        """The next packet of the file is to be decoded at `time`, and lasts for `duration`."""
        if self._habits.durations and duration > 0:
            if self._next is not None and time - self._next > duration / 2:
                self._gaps += max(1, round((time - self._next) / duration))
            self._next = time + duration

    def given(self, time: int) -> None:
        """A frame came out of the decoder."""
        self._given.add(time)
        if len(self._given) > 4 * WINDOW and self._last is not None:
            # Frames with times that no packet had.
            self._given = {given for given in self._given if given > self._last}

    def lost(self) -> int:
        """About how many frames were lost inside; to be called after the end, once."""
        while self._heap:
            self._settle(*heapq.heappop(self._heap))
        gaps = self._gaps if self._habits.durations else self._gaps_in_times()
        return gaps + max(self.refused, 0 if self._habits.hidden else self._never_shown())

    @property
    def step(self) -> int:
        """Ticks from one packet's time to the next as a rule; 0 if there is none."""
        return _quantile(self._steps, 0.5)

    def _never_shown(self) -> int:
        usual = _quantile(self._shown_steps, 0.25)
        # Where steps are as usual around it, a packet held half a frame, or none.
        missing = sum(
            count * times for (count, step), times in self._unshown.items() if step > LONG * usual
        )
        # A recording may begin between two keyframes, whole as it is.
        return missing + self._between + (self._leading if self.refused else 0)

    def _settle(self, time: int, shown: bool) -> None:
        """Packets come here in the order of their times."""
        if self._last is not None and time > self._last:
            self._steps[time - self._last] += 1
        self._last = time
        if not shown:
            return
        if time not in self._given:
            if self._last_shown is None:
                self._leading += 1
            else:
                self._between += 1
            return
        self._given.discard(time)
        if self._last_shown is not None and time > self._last_shown:
            step = time - self._last_shown
            self._shown_steps[step] += 1
            if self._between:
                self._unshown[self._between, step] += 1
        self._last_shown, self._between = time, 0

    def _gaps_in_times(self) -> int:
        usual, total = self.step, self._steps.total()
        if not usual:
            return 0
        # Times are rounded to ticks, so that equal steps differ by one or two.
        near = max(2, usual // 4)
        steady = sum(n for step, n in self._steps.items() if abs(step - usual) <= near)
        long = {s: n for s, n in self._steps.items() if s > max(LONG * usual, usual + near)}
        breaks = sum(long.values())
        if (steady + breaks) < STEADY * total or breaks > max(FEW, RARE * total):
            return 0
        return sum((round(step / usual) - 1) * n for step, n in long.items())


def _quantile(steps: Counter[int], share: float) -> int:
    """The step below which a share of all lie; 0 if there are none."""
    left = share * steps.total()
    for step in sorted(steps):
        left -= steps[step]
        if left <= 0:
            return step
    return 0
