"""200,000 frames through the whole stream: memory, threads, descriptors.

python -m tests.measure.soak [FRAMES]

The recognizer is real (`nano`, detection at 160 px, pictures of 160x120), every frame is read, and
readings, events, `on` and `when` are all consumed.
"""

from __future__ import annotations

import sys
import time

from tests.runtime.endurance import ROUND, endure, recognizer

WARM_UP = 10_000
"""Frames before memory is looked at for the first time."""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    reads = recognizer()
    # What libraries open when they are first used stays open.
    endure(ROUND, ROUND, reads)
    began = time.monotonic()
    seen = endure(count, min(WARM_UP, count // 2), reads)
    seconds = time.monotonic() - began
    print(f"{seen.frames} frames in {seconds:.0f} s: {seen.frames / seconds:.0f} a second")
    print(f"events: {seen.kinds}; greeted {seen.greeted} times")
    print(
        f"resident memory {seen.begun_mb:.2f} MB after {min(WARM_UP, count // 2)} frames, "
        f"{seen.ended_mb:.2f} MB after all: {seen.ended_mb - seen.begun_mb:+.2f} MB"
    )
    print(f"threads and descriptors {seen.left} before, {seen.leaked} after")


if __name__ == "__main__":
    main()
