"""How old readings are when a consumer gets them: frames with a barcode, at 30 a second.

python -m tests.measure.lateness [SECONDS]

It does so for a FIFO and for HTTP, for consumers that take 0 to 1 s. It prints the age's median and
95th percentile, from the moment that the picture was made in another program. Beside it stands how
late the machine itself is: how long after its time a program that only sleeps wakes up.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from fer_edge import Recognizer
from fer_edge.live.stream import Stream
from tests.runtime import barcode

FPS = 30.0
WORK = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Seconds that the consumer takes."""


def ages(source: str, work: float, seconds: float) -> list[float]:
    """Seconds from each delivered picture's making to its delivery."""
    found = []
    with Stream(source, Recognizer()) as stream:
        until = time.monotonic() + 2 + seconds
        for reading in stream:
            now = time.monotonic()
            # The first second is the opening's.
            if now > until - seconds - 1:
                found.append(now - barcode.sent_at(reading.frame.image))
            if now > until:
                return found
            time.sleep(work)
    return found


def wake_ups(seconds: float) -> list[float]:
    """How late this program wakes up from sleeping for a frame."""
    found, until = [], time.monotonic() + seconds
    while (now := time.monotonic()) < until:
        time.sleep(1 / FPS)
        found.append(time.monotonic() - now - 1 / FPS)
    return found


def row(name: str, values: list[float]) -> str:
    """A line with percentiles in milliseconds."""
    median, p95 = np.percentile(np.asarray(values) * 1e3, [50, 95])
    return f"{name:28}{median:8.1f}{p95:8.1f}{len(values):7d}"


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 12.0
    print(f"{'age in ms':28}{'median':>8}{'95 %':>8}{'count':>7}")
    print(f"allowed: a frame and 20 ms  {'':8}{1e3 / FPS + 20:8.1f}")
    print(row("waking up", wake_ups(seconds)), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, work in enumerate(WORK):
            with barcode.fifo(Path(folder, str(number)), FPS, "face") as source:
                print(row(f"FIFO, consumer {work:g} s", ages(source, work, seconds)), flush=True)
            with barcode.server(FPS, "face") as source:
                print(row(f"HTTP, consumer {work:g} s", ages(source, work, seconds)), flush=True)


if __name__ == "__main__":
    main()
