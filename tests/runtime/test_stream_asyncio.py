"""Streams in an event loop, which never waits for them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest

from fer_edge import CameraError
from fer_edge.live.stream import Stream
from tests.runtime.faulty import Scripted, Sequence
from tests.runtime.painted import Believing
from tests.runtime.painted_streams import LEFT, VISIT, live, stream_of


def test_readings_and_events_side_by_side() -> None:
    async def main() -> tuple[list[int], list[str]]:
        async with stream_of(VISIT) as stream:
            events = stream.events()

            async def kinds() -> list[str]:
                return [event.kind async for event in events]

            task = asyncio.create_task(kinds())
            indices = [reading.frame_index async for reading in stream]
            return indices, await task

    indices, kinds = asyncio.run(main())
    assert indices == list(range(len(VISIT)))
    assert kinds == ["appear", "change", "leave"] * 2


@pytest.mark.parametrize("fault", [None, CameraError("unplugged")])
def test_a_reader_says_that_it_has_ended_also_in_an_event_loop(fault: CameraError | None) -> None:
    def frames() -> Iterator[npt.NDArray[np.uint8]]:
        yield np.zeros((48, 64, 3), np.uint8)
        if fault is not None:
            raise fault

    async def main() -> None:
        readings = iter(Stream(frames(), Believing()))
        assert not readings.ended
        with contextlib.suppress(CameraError):
            async for _ in readings:
                assert not readings.ended
        assert readings.ended

    asyncio.run(main())
    readings = iter(Stream(frames(), Believing()))
    with contextlib.suppress(CameraError):
        assert len(list(readings)) == 1
    assert readings.ended


def test_without_async_with_the_first_iteration_starts_it() -> None:
    async def main() -> int:
        return len([reading async for reading in stream_of(VISIT)])

    assert asyncio.run(main()) == len(VISIT)


def test_a_source_that_is_gone_is_an_error() -> None:
    async def main() -> None:
        async with stream_of(Sequence()):
            pass

    with pytest.raises(CameraError, match="no camera any more"):
        asyncio.run(main())


def test_other_tasks_run_though_readings_are_always_there() -> None:
    async def main() -> tuple[int, int]:
        turns, reading = 0, False

        async def count() -> None:
            nonlocal turns
            while reading:
                turns += 1
                await asyncio.sleep(0)

        reading = True
        task = asyncio.create_task(count())
        stream = stream_of(VISIT)
        events = stream.events()
        read = len([one async for one in stream])
        # All are there by now, and none has to be waited for.
        read += len([event async for event in events])
        reading = False
        await task
        return read, turns

    read, turns = asyncio.run(main())
    assert read == len(VISIT) + 6
    assert turns >= read


def test_a_cancelled_task_leaves_nothing_behind() -> None:
    before = threading.active_count()

    async def main() -> None:
        async with stream_of(partial(Scripted, 3, "freezes")) as stream:
            async for _ in stream:
                pass

    async def soon() -> None:
        task = asyncio.create_task(main())
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(soon())
    until = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_the_event_loop_does_not_wait_for_the_stream() -> None:
    """Compared with the same loop without a stream, so that a busy machine does not matter."""

    async def waits(stream: Stream | None) -> float:
        late: list[float] = []

        async def tick() -> None:
            for _ in range(300):
                began = time.monotonic()
                await asyncio.sleep(0.005)
                late.append(time.monotonic() - began - 0.005)

        async def read() -> None:
            if stream is not None:
                async with stream:
                    async for _ in stream:
                        if ticking.done():
                            break

        ticking = asyncio.create_task(tick())
        await asyncio.gather(ticking, read())
        return float(np.percentile(late, 99))

    alone = asyncio.run(waits(None))
    source = live(LEFT, interval=0.01)
    beside = asyncio.run(waits(Stream(source, Believing(), realtime=True)))
    # The issue allows 10 ms; what the machine itself is late comes on top.
    assert beside <= 0.010 + 3 * alone + 0.020
