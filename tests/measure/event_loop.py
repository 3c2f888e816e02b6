"""How long an asyncio event loop waits beside a stream: a task that wakes up 200 times a second.

python -m tests.measure.event_loop [SECONDS]

Beside it a camera of 640x480 is played at 30 frames a second and read with the default models. It
prints how late the task wakes up, alone and beside the stream.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator

import numpy as np

from fer_edge import Frame, Stream, open_camera

STEP = 0.005
"""Seconds that the task sleeps."""


def live() -> Iterator[Frame]:
    """The embedded sample as a camera, for ever."""
    with open_camera("sample") as camera:
        pictures = [frame.image for frame in camera if frame.index % 5 == 0]
    index = 0
    while True:
        time.sleep(1 / 30)
        yield Frame(pictures[index // 5 % len(pictures)], time.monotonic(), index)
        index += 1


async def lateness(seconds: float) -> list[float]:
    """Milliseconds by which each wake-up is late."""
    late, until = [], time.monotonic() + seconds
    while (began := time.monotonic()) < until:
        await asyncio.sleep(STEP)
        late.append((time.monotonic() - began - STEP) * 1e3)
    return late


async def beside_a_stream(seconds: float) -> tuple[list[float], int]:
    """The same beside a stream, and how many readings were delivered."""
    readings = 0
    async with Stream(live(), realtime=True) as stream:
        ticking = asyncio.create_task(lateness(seconds))
        async for _ in stream:
            readings += 1
            if ticking.done():
                break
        return await ticking, readings


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    alone = asyncio.run(lateness(seconds))
    late, readings = asyncio.run(beside_a_stream(seconds))
    print(f"{'late by, in ms':24}{'median':>8}{'99 %':>8}{'most':>8}")
    for name, values in (("alone", alone), (f"beside {readings} readings", late)):
        median, p99 = np.percentile(values, [50, 99])
        print(f"{name:24}{median:8.2f}{p99:8.2f}{max(values):8.2f}")


if __name__ == "__main__":
    main()
