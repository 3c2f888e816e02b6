"""The openings of one source: the one that is read now, and those whose threads still end."""

from __future__ import annotations

import threading
import time

from fer_edge.frame import FrameIterable
from fer_edge.live.frames.frame_source import FrameSource
from fer_edge.live.frames.memory import give_back
from fer_edge.live.frames.newest import Newest, Taken
from fer_edge.live.frames.untimed import tell_untimed


class Openings:
    """Opens a source, one opening at a time, and counts over all of them.

    One thread begins and retires; every other method may be called by any thread.
    """

    def __init__(self, source: FrameSource) -> None:
        """Nothing is opened before `begin`.

        Args:
            source: what is opened.
        """
        self._source = source
        self._closed = False
        self.newest: Newest | None = None
        """The present one; None before the first, and after one was retired."""
        self._ending: list[Newest] = []
        # A signal handler may ask while its thread does.
        self._counting = threading.RLock()
        self._dropped = self._skipped = 0
        self._untold = 0

    @property
    def dropped(self) -> int:
        """Frames that were left out so far."""
        with self._counting:
            return self._dropped + (self.newest.dropped if self.newest else 0)

    @property
    def skipped(self) -> int:
        """Pictures that the source itself could not read so far."""
        with self._counting:
            return self._skipped + (self.newest.skipped if self.newest else 0)

    @property
    def name(self) -> str:
        """What is read, for people: the camera's own name once it is open."""
        return str(getattr(self._opened, "name", self._source.name))

    @property
    def lossless(self) -> bool:
        """Whether the source waits for whoever takes frames; known once it is open."""
        opened = self._opened
        if opened is None:
            return self._source.realtime is False
        return self._source.is_lossless(opened)

    @property
    def recorded(self) -> bool:
        """Whether what is open is a recording; False if nothing is."""
        opened = self._opened
        return opened is not None and self._source.is_recording(opened)

    @property
    def _opened(self) -> FrameIterable | None:
        newest = self.newest
        return newest.source if newest else None

    def begin(self) -> Newest:
        """Begin to open it and to read; returns at once."""
        source = self._source
        self.newest = newest = Newest(
            self._open,
            as_frame=source.frame,
            lossless=source.is_lossless,
            name=source.name,
        )
        newest.start()
        if self._closed:
            # `close` came between: it saw the one before.
            newest.close()
        return newest

    def _open(self) -> FrameIterable:
        opened = self._source.open()
        if self._source.is_recording(opened):
            tell_untimed(opened)
        return opened

    def leave_out(self, taken: Taken) -> None:
        """Count a frame that was taken and is not read."""
        with self._counting:
            self._dropped += 1
        self._untold += 1 + taken.dropped

    def with_untold(self, taken: Taken) -> Taken:
        """The frame with those that were left out since the one before, over all openings."""
        untold, self._untold = self._untold, 0
        return taken._replace(dropped=taken.dropped + untold) if untold else taken

    def retire(self) -> None:
        """Close the present one; its thread ends when it can."""
        newest = self.newest
        if newest is None:
            return
        newest.close()
        # Its counts go with it in one step: the figures of a stream never fall.
        with self._counting:
            self.newest = None
            self._dropped += newest.dropped
            self._skipped += newest.skipped
        self._untold += newest.left_out
        self._ending = [one for one in [*self._ending, newest] if one.alive]
        give_back()

    def close(self) -> None:
        """Give the source back; returns at once, and again without effect."""
        self._closed = True
        for newest in self._all():
            newest.close()

    def join(self, timeout: float) -> bool:
        """Wait until the threads that read have ended.

        Returns:
            Whether all have; one that is stuck in a driver may need longer.
        """
        until = time.monotonic() + timeout
        for newest in (threads := self._all()):
            newest.join(until - time.monotonic())
        return not any(newest.alive for newest in threads)

    def _all(self) -> list[Newest]:
        newest = self.newest
        return [*self._ending, *([newest] if newest else [])]
