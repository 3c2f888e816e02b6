"""How much of a core the live layer takes, and how it keeps below a limit."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from fer_edge.live.tracking.cadence import LOOK_INTERVAL_SECONDS, MOST_CROSSING_FACES, MOST_WINDOWS

log = logging.getLogger(__name__)

INTERVAL_STEPS_SECONDS = (
    (0.2, 0.1),
    (0.3, 0.1),
    (0.5, 0.2),
    (1.0, 0.2),
    (1.0, 0.5),
    (2.0, 0.5),
    (2.0, 1.0),
)
"""`detect_every` and `read_every`, from the most work to the least."""
NEWEST_COST_WEIGHT = 0.1
"""How much the newest cost counts in the mean of its kind, 0..1."""
CHOICE_INTERVAL_SECONDS = 1.0
"""Seconds after which the budget is looked at again."""
BUDGET_SHARE = 0.9
"""More work is only done if it takes at most this part of the budget."""


@dataclass(frozen=True, slots=True)
class Work:
    """How often faces are searched and read, and what share of a core that takes."""

    detect_every: float
    """Seconds from one search of the whole picture to the next."""
    read_every: float
    """Seconds from one reading of a face's emotion to the next; 0: every frame."""
    share: float
    """Seconds of work for each second of frames, lately: the share of one core."""
    within_budget: bool
    """False if even the least work takes more than the budget."""


class Budget:
    """Measures what each kind of work costs, and chooses how often it is done."""

    def __init__(
        self,
        limit: float | None,
        detect_every: float,
        read_every: float,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Args:
        limit: share of one core; None measures only.
        detect_every: seconds; the most work that is done.
        read_every: likewise.
        clock: gives seconds. It counts elapsed time, because reading a thread's own time can take
            longer than the work that is measured. So other programs on the same core count as work,
            and less is done while they need it.
        """
        more = [(max(a, detect_every), max(b, read_every)) for a, b in INTERVAL_STEPS_SECONDS]
        self._steps = [(detect_every, read_every), *more]
        self._limit = limit
        self._step = 0
        self._costs: dict[str, float] = {}
        self._clock = clock
        self._looked: float | None = None
        self._share = 0.0
        self._fits = True

    @property
    def detect_every(self) -> float:
        """Seconds, as chosen now."""
        return self._steps[self._step][0]

    @property
    def read_every(self) -> float:
        """Seconds, as chosen now."""
        return self._steps[self._step][1]

    @property
    def work(self) -> Work:
        """What is done now."""
        # Another thread may ask: both of one step.
        return Work(*self._steps[self._step], self._share, self._fits)

    def clock(self) -> float:
        """Seconds, for `spent` and `frame`."""
        return self._clock()

    def spent(self, kind: str, seconds: float, times: int) -> None:
        """Remember what a piece of work took.

        Args:
            kind: which work: "whole", "window" or "read".
            seconds: it took.
            times: how many of its kind were done; 0 is not counted.
        """
        if times:
            each = seconds / times
            before = self._costs.get(kind, each)
            self._costs[kind] = before + NEWEST_COST_WEIGHT * (each - before)

    def frame(self, seconds: float, interval: float) -> None:
        """Remember what a whole frame took.

        Args:
            seconds: it took.
            interval: seconds from one frame to the next.
        """
        if interval > 0:
            self._share += NEWEST_COST_WEIGHT * (seconds / interval - self._share)

    def choose(self, at: float, interval: float, faces: int) -> None:
        """Choose how often faces are searched and read, once a second.

        Args:
            at: the frame's time.
            interval: seconds from one frame to the next.
            faces: how many are followed.
        """
        if self._looked is None:
            self._looked = at
        if self._limit is None or interval <= 0 or at - self._looked < CHOICE_INTERVAL_SECONDS:
            return
        self._looked = at
        shares = [self._expected(*step, interval, faces) for step in self._steps]
        last = len(self._steps) - 1
        # Less work at once if it must be, more only with slack: otherwise the choice would swing.
        step = next(
            (
                n
                for n, share in enumerate(shares)
                if share <= (self._limit if n >= self._step else BUDGET_SHARE * self._limit)
            ),
            last,
        )
        fits = shares[step] <= self._limit
        if step != self._step:
            self._step = step
            log.info(
                "budget %.2f of a core, faces: %d. The whole picture every %.2f s, emotions every "
                "%.2f s; that takes %.2f",
                self._limit,
                faces,
                self.detect_every,
                self.read_every,
                shares[step],
            )
        if self._fits and not fits:
            log.warning(
                "a budget of %.3f of a core is too little: it takes %.2f, with so many faces: %d",
                self._limit,
                shares[step],
                faces,
            )
        self._fits = fits

    def _expected(
        self, detect_every: float, read_every: float, interval: float, faces: int
    ) -> float:
        """The share of a core that a choice would take, computed from the measured costs."""
        # A few faces may come near each other, and are then looked for in every frame.
        look = (
            interval if 1 < faces <= MOST_CROSSING_FACES else max(interval, LOOK_INTERVAL_SECONDS)
        )
        whole = look if faces > MOST_WINDOWS else max(detect_every, look)
        windows = faces * (1 / look - 1 / whole)
        # One face is read in every frame, also where it is not looked for.
        reads = faces / max(read_every, interval, LOOK_INTERVAL_SECONDS if faces > 1 else 0.0)
        costs = self._costs
        return (
            costs.get("whole", 0.0) / whole
            + costs.get("window", 0.0) * windows
            + costs.get("read", 0.0) * reads
        )
