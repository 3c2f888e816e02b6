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

WINDOW_PACKETS = 128
"""Packets after which a frame has come out or never will; decoders hold back at most about 40."""
LONG_STEP_FACTOR = 1.5
"""A step from frame to frame, in usual steps, from which on a frame is missing between them."""
STEADY_STEP_SHARE = 0.9
"""Share of steps that are as usual, or long, in a recording of a constant rate."""
SHORTEST_DURATION_DIVISOR = 4
"""A duration counts if it is at least the step before, divided by this."""
JOINED_FALLBACK_STEPS = 6
"""If times fall back by this many steps, another recording was joined to the first."""
MOST_FRAMES_BEFORE = 1000
"""Frames that may be missing before the first packet, by its time."""
MOST_LONG_STEPS, LARGEST_LONG_STEP_SHARE = 3, 0.05
"""Long steps in a recording of a constant rate: at most so many, or such a share. Where there are
more, the recording has no constant rate, as recordings of a screen."""


@dataclass(frozen=True, slots=True)
class PacketTiming:
    """What packet times mean for a container and codec."""

    durations: bool
    """Each packet says how long its frame lasts, so the next one's time is known (MP4)."""
    hidden: bool
    """Some packets hold no frame to be shown (VP8's and VP9's reference frames)."""


class Losses:
    """Counts while a recording is read; it keeps the times of the last packets only."""

    def __init__(self, timing: PacketTiming) -> None:
        """Args:
        timing: what the recording's container and codec do.
        """
        self._timing = timing
        self.refused = 0
        """Packets that the decoder refused."""
        self.torn = False
        """Whether the file holds bytes between packets that are nothing known."""
        self.torn_head = False
        """Whether that is so before the first packet."""
        self.broken = False
        """Whether the container says that packets are missing or damaged."""
        self.frames = 0
        """Frames that came out."""
        self.latest: int | None = None
        """The latest time of all packets."""
        # Recordings that were joined are parts, numbered from 0: that of packets, that of frames.
        self._part = self._given_part = 0
        # The last packets, as part, time, and whether shown; the earliest first.
        self._heap: list[tuple[int, int, bool]] = []
        # Frames that came out, by part and time. Two may have one time, where FFmpeg guesses it
        # (AVI and WMV with B-frames).
        self._given: Counter[tuple[int, int]] = Counter()
        self._last_given = 0
        # How often each step came: from packet to packet, and from frame to frame.
        self._steps: Counter[int] = Counter()
        self._shown_steps: Counter[int] = Counter()
        # How often so many packets gave no frame, by their number and the step over all of them.
        self._unshown: Counter[tuple[int, int]] = Counter()
        # Packets that gave no frame: before the first frame, and since the last one.
        self._leading = self._between = 0
        # Frames that are missing: by the packets' durations, and in single long steps.
        self._gaps = self._isolated = 0
        # The last two steps, and the smaller of both.
        self._two_steps, self._recent = (0, 0), 0
        self._first: int | None = None
        # Part and time of the last packet that left the heap, and of the last one that was shown.
        self._last: tuple[int, int] | None = None
        self._last_shown: tuple[int, int] | None = None
        # When the packet that came last is to be decoded, its step, and when the next one is.
        self._decoding: int | None = None
        self._decoding_step = 0
        self._next: int | None = None

    def fed(self, time: int, shown: bool) -> None:
        """A packet went into the decoder.

        Args:
            time: when its frame is to be shown.
            shown: whether a frame of this time is to come out of it.
        """
        self.latest = time if self.latest is None else max(time, self.latest)
        self._first = time if self._first is None else min(time, self._first)
        heapq.heappush(self._heap, (self._part, time, shown))
        if len(self._heap) > WINDOW_PACKETS:
            self._settle(*heapq.heappop(self._heap))

    def follows(self, time: int, duration: int) -> None:
        """The next packet of the file is to be decoded at `time`, and lasts for `duration`."""
        if (
            self._decoding is not None
            and self._decoding - time > JOINED_FALLBACK_STEPS * self._decoding_step
        ):
            self._part, self._next, self.latest = self._part + 1, None, None
        elif self._decoding is not None and time > self._decoding:
            self._decoding_step = time - self._decoding
        self._decoding = time
        if self._timing.durations:
            if self._next is not None and time - self._next > duration / 2 > 0:
                self._gaps += max(1, round((time - self._next) / duration))
            # Behind an edit list FFmpeg 6 gives durations of one tick.
            told = duration * SHORTEST_DURATION_DIVISOR >= self._decoding_step and duration > 0
            self._next = time + duration if told else None

    def given(self, time: int) -> None:
        """A frame of this time came out of the decoder."""
        if self._given_part < self._part and time < self._last_given:
            self._given_part += 1
        self._last_given = time
        self._given[self._given_part, time] += 1
        if len(self._given) > 4 * WINDOW_PACKETS and self._last is not None:
            # Frames with times that no packet had.
            last = self._last
            self._given = Counter({at: n for at, n in self._given.items() if at >= last})

    def lost(self) -> int:
        """About how many frames were lost inside; to be called after the end, once."""
        while self._heap:
            self._settle(*heapq.heappop(self._heap))
        self._look_at_middle(0)
        gaps = self._gaps if self._timing.durations else self._gaps_in_times()
        shown = 0 if self._timing.hidden else self._never_shown()
        return gaps + max(self.refused, shown) + self._before_first()

    @property
    def step(self) -> int:
        """Ticks from one packet's time to the next at the end, as a rule; 0 if there is none."""
        usual = _quantile(self._steps, 0.5)
        return self._recent if self._recent > LONG_STEP_FACTOR * usual else usual

    def _never_shown(self) -> int:
        usual = _quantile(self._shown_steps, 0.25)
        # Where steps are as usual around it, a packet held half a frame, or none.
        missing = sum(
            count * times
            for (count, step), times in self._unshown.items()
            if step > LONG_STEP_FACTOR * usual
        )
        # A recording may begin between two keyframes, whole as it is.
        is_damaged = self.refused or self.torn_head
        return missing + self._between + (self._leading if is_damaged else 0)

    def _before_first(self) -> int:
        usual = _quantile(self._steps, 0.5)
        if not self.torn_head or self._first is None or not usual:
            return 0
        before = round(self._first / usual)
        # Times may begin anywhere; they mostly begin at zero.
        return before if 0 <= before < MOST_FRAMES_BEFORE else 1

    def _settle(self, part: int, time: int, shown: bool) -> None:
        """Packets come here in the order of their times."""
        if self._last is not None and self._last[0] == part and time > self._last[1]:
            self._note_step(time - self._last[1])
        self._last = (part, time)
        if not shown:
            return
        if not self._given[self._last]:
            if self._last_shown is None:
                self._leading += 1
            else:
                self._between += 1
            return
        self._given[self._last] -= 1
        if self._last_shown is not None:
            step = time - self._last_shown[1] if self._last_shown[0] == part else 0
            self._shown_steps[step] += 1 if step else 0
            if self._between and step:
                self._unshown[self._between, step] += 1
        self._last_shown, self._between = (part, time), 0

    def _note_step(self, step: int) -> None:
        self._steps[step] += 1
        self._recent = min(step, self._two_steps[1])
        self._look_at_middle(step)

    def _look_at_middle(self, step: int) -> None:
        before, middle = self._two_steps
        around = max(before, step)
        if around and middle > LONG_STEP_FACTOR * around:
            self._isolated += round(middle / around) - 1
        self._two_steps = (middle, step)

    def _gaps_in_times(self) -> int:
        usual, total = _quantile(self._steps, 0.5), self._steps.total()
        if not usual:
            return 0
        # Times are rounded to ticks, so that equal steps differ by one or two.
        near = max(2, usual // 4)
        steady = sum(n for step, n in self._steps.items() if abs(step - usual) <= near)
        long = {
            s: n for s, n in self._steps.items() if s > max(LONG_STEP_FACTOR * usual, usual + near)
        }
        breaks = sum(long.values())
        most = max(MOST_LONG_STEPS, LARGEST_LONG_STEP_SHARE * total)
        if steady + breaks < STEADY_STEP_SHARE * total or breaks > most:
            # Of a recording whose rate varies the times alone prove nothing.
            return self._isolated if self.torn or self.broken else 0
        return sum((round(step / usual) - 1) * n for step, n in long.items())


def _quantile(steps: Counter[int], share: float) -> int:
    """The step below which a share of all lie; 0 if there are none."""
    left = share * steps.total()
    for step in sorted(steps):
        left -= steps[step]
        if left <= 0:
            return step
    return 0
