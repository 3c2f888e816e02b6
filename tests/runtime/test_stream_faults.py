"""A camera that fails in every way, again and again, leaves nothing behind."""

from __future__ import annotations

import pytest

from fer_edge.live.frames.retry import Retry
from fer_edge.live.stream import Stream
from tests.runtime.faulty_server import FAULTS, faulty_server
from tests.runtime.leaks import held, is_more, resident_mb, settled
from tests.runtime.painted import Faceless

QUICK = Retry(initial=0.005, maximum=0.01)


def survive(faults: int) -> tuple[int, int, float]:
    """Read a server until it has failed so often.

    Returns:
        Interruptions and resumptions that were told, and the memory at the end, in 1e6 bytes.
    """
    kinds = {"interrupted": 0, "resumed": 0}
    with (
        faulty_server() as server,
        Stream(
            server.address, Faceless(), frame_timeout=0.2, open_timeout=2, retry=QUICK
        ) as stream,
    ):
        for event in stream.events():
            kinds[event.kind] += 1
            if event.kind == "interrupted" and server.faults >= faults:
                break
        assert stream.stats().reopened == kinds["resumed"]
    return kinds["interrupted"], kinds["resumed"], resident_mb()


def test_it_goes_on_and_leaves_no_thread_no_descriptor_and_no_memory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("ERROR")
    survive(2 * len(FAULTS))
    before = held()
    _, _, first = survive(5 * len(FAULTS))
    interrupted, resumed, last = survive(10 * len(FAULTS))
    # One that is refused at once is part of the interruption before.
    assert interrupted - 1 == resumed
    assert interrupted >= 6 * 10
    assert not is_more(settled(before), before)
    # tests/measure/faults.py has the figures for 500.
    assert last - first < 8
