"""The reading that a consumer gets next: the newest, or each one where nothing may be lost."""

from __future__ import annotations

import dataclasses

from fer_edge.live.delivery.outlet import Outlet
from fer_edge.live.results.live_reading import LiveReading


class NewestReading(Outlet[LiveReading]):
    """Holds one reading; a newer one takes its place, and it is counted as dropped."""

    def __init__(self) -> None:
        super().__init__()
        self._reading: LiveReading | None = None
        self._left_out = 0

    def put(self, reading: LiveReading, *, patient: bool) -> None:
        """Leave a reading.

        Args:
            reading: newer than all before.
            patient: wait until the one before was taken.
        """
        with self._changed:
            if patient:
                self._wait_for_room(lambda: self._reading is None)
            if self._finished:
                return
            if self._reading is not None:
                # This consumer never sees that frame, nor the frames that were left out before it.
                self._left_out += 1 + self._reading.dropped
            self._reading = reading
        self._wake()

    def _pop(self) -> LiveReading | None:
        reading, self._reading = self._reading, None
        if reading is not None and self._left_out:
            reading = dataclasses.replace(reading, dropped=reading.dropped + self._left_out)
            self._left_out = 0
        return reading

    def _forget(self) -> None:
        self._reading = None
