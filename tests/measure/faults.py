"""What 500 faults of a network camera leave behind: threads, descriptors, memory.

python -m tests.measure.faults [FAULTS]

The camera breaks off, ends, freezes, changes its size, sends rubbish, refuses, and cuts pictures
short, in turns; `frame_timeout` is 0.2 s.
"""

from __future__ import annotations

import sys
import time

from tests.runtime.leaks import held, settled
from tests.runtime.test_stream_faults import survive


def main() -> None:
    faults = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    _, _, memory = survive(50)
    before = held()
    print(f"after 50 faults: {before[0]} threads, {before[1]} descriptors, {memory:.1f} MB")
    began = time.monotonic()
    interrupted, resumed, memory = survive(faults)
    after = settled(before)
    print(
        f"after {faults} more in {time.monotonic() - began:.0f} s: {after[0]} threads, "
        f"{after[1]} descriptors, {memory:.1f} MB; "
        f"{interrupted} interruptions were told, {resumed} resumptions"
    )


if __name__ == "__main__":
    main()
