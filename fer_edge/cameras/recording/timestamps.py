"""Where a recording's frames lie in time, by its container."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

LARGEST_STEP_BACK_SECONDS = 1.0
"""Seconds that times may fall back; beyond, they count as begun anew (recordings that were
joined)."""
HIGHEST_FPS = 300.0
"""Frames a second; a declared mean above it is a container's mistake."""
UNTIMED_CONTAINERS = ("h264", "hevc", "mjpeg")
"""Pictures one behind the other, without times. FFmpeg counts 25 a second, whatever the camera
gave."""
CONTAINERS_WITH_A_CODECS_RATE = (*UNTIMED_CONTAINERS, "mpegvideo")
"""The mean that FFmpeg gives is a guess there. The codec may declare a rate."""
CONTAINERS_WITHOUT_RATE = ("m4v",)
"""Raw MPEG-4 has times. What its codec declares is how finely it counts them."""
CONTAINERS_WITHOUT_LENGTH = (
    *(*CONTAINERS_WITH_A_CODECS_RATE, *CONTAINERS_WITHOUT_RATE),
    *("mpegts", "mpeg", "flv", "ogg", "gif"),
)
"""Containers that do not declare how long they are."""
USUAL_INTERVAL_SECONDS = 1 / 30
"""Seconds between frames of a recording without times and rate."""


class Times:
    """Positions that never run backwards, in seconds from the recording's beginning."""

    def __init__(self, container: Any, stream: Any) -> None:
        """Args:
        container: PyAV's.
        stream: the video stream in it.
        """
        self._tick = Fraction(stream.time_base or Fraction(1, 1000))
        self._began = (container.start_time or 0) / 1e6
        self._end = _end(container, stream)
        self._counts = container.format.name == "avi"
        self._declared = rate(container, stream)
        self._is_timed = self._declared is not None or not is_untimed(container)
        self._last: float | None = None
        self._moved = 0.0

    def position(self, frame: Any) -> float:
        """Where a frame of PyAV's lies; to be asked once for each, in their order."""
        ticks = (frame.pts if frame.pts is not None else frame.dts) if self._is_timed else None
        usual = 1 / self._declared if self._declared else USUAL_INTERVAL_SECONDS
        if self._last is None:
            if ticks is not None and (first := float(ticks * self._tick)) < self._began:
                self._began = first
            self._last = 0.0 if ticks is None else float(ticks * self._tick) - self._began
            return self._last
        told = self._last + usual
        if ticks is not None:
            told = float(ticks * self._tick) - self._began + self._moved
        if told < self._last - LARGEST_STEP_BACK_SECONDS:
            self._moved += self._last + usual - told
            told = self._last + usual
        self._last = max(self._last, told)
        return self._last

    def left(self, latest: int | None, step: int, accounted: int) -> int:
        """About how many frames lie behind the last packet; at least 1 if that is unknown.

        Args:
            latest: the last packet's time, in ticks.
            step: ticks between frames; 0 if that is not known.
            accounted: frames that came out, or are known to be lost.
        """
        if self._end is None or latest is None:
            return 1
        usual = float(step * self._tick) or (
            1 / self._declared if self._declared else USUAL_INTERVAL_SECONDS
        )
        behind = round((self._end - float(latest * self._tick)) / usual) - 1
        if self._counts:
            behind = min(behind, math.ceil((self._end - self._began) / usual) - accounted)
        return max(0, behind)


def is_untimed(container: Any) -> bool:
    """Whether it is one of UNTIMED_CONTAINERS."""
    return container.format.name in UNTIMED_CONTAINERS


def rate(container: Any, stream: Any) -> float | None:
    """Frames a second on average, as the container declares; None if it does not. Pictures without
    a container may declare it themselves.
    """
    rates = [stream.average_rate, stream.base_rate]
    if container.format.name in CONTAINERS_WITH_A_CODECS_RATE:
        rates = [stream.codec_context.framerate]
    elif container.format.name in CONTAINERS_WITHOUT_RATE:
        rates = []
    for declared in rates:
        if declared and 0 < declared <= HIGHEST_FPS:
            return float(declared)
    return None


def _end(container: Any, stream: Any) -> float | None:
    """When the video ends by its container, in seconds on the container's clock."""
    if container.format.name in CONTAINERS_WITHOUT_LENGTH:
        # FFmpeg took the duration from the last packets in the file.
        return None
    if container.format.name == "avi" and stream.frames:
        # Counted in ticks there; the duration is less where bytes are missing.
        return float(stream.frames * stream.time_base)
    if stream.duration:
        return float((stream.duration + (stream.start_time or 0)) * stream.time_base)
    told = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if told:
        return int(told[1]) * 3600 + int(told[2]) * 60 + float(told[3])
    return container.duration / 1e6 if container.duration else None
