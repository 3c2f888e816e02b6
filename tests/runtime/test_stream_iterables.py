"""Iterables that are given to more than one stream."""

from __future__ import annotations

import io
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from fer_edge import ArgumentError
from fer_edge.pictures.image import Image
from tests.runtime.painted import paint
from tests.runtime.painted_streams import LEFT, stream_of


def test_a_generator_that_two_streams_read_at_once_is_told() -> None:
    def pictures() -> Iterator[Image]:
        for _ in range(100):
            time.sleep(0.02)
            yield paint(LEFT)

    given, told = pictures(), []
    for stream in (stream_of(given), stream_of(given)):
        stream.start()
        told.append(stream)
    readings = [iter(stream) for stream in told]
    with pytest.raises(ArgumentError, match=r"\(generator\) is read by something else"):
        list(zip(*readings, strict=True))
    for stream in told:
        stream.close()


def test_a_generator_is_refused_also_where_both_wait_in_turn() -> None:
    """Without a word, two streams would share its frames."""
    gate = threading.Event()

    def pictures() -> Iterator[Image]:
        yield paint(LEFT)
        gate.wait(60)
        yield paint(LEFT)

    given = pictures()
    with stream_of(given) as first:
        next(iter(first))
        with pytest.raises(ArgumentError, match=r"\(generator\) is read by something else"):
            list(stream_of(given))
        gate.set()


@pytest.mark.parametrize("given", [io.BytesIO(b"x"), {"a": 1}])
def test_files_and_mappings_are_no_frames(given: object) -> None:
    with pytest.raises(ArgumentError, match="holds no frames: give the file's path"):
        stream_of(given)
    with pytest.raises(ArgumentError, match="what <lambda> gives holds no frames"):
        stream_of(lambda: given, realtime=True).start()
    with tempfile.NamedTemporaryFile() as file, pytest.raises(ArgumentError, match="no frames"):
        stream_of(file)


def test_an_asynchronous_generator_is_told_what_to_do() -> None:
    async def frames() -> AsyncIterator[Image]:
        yield paint(LEFT)

    for source in (frames, frames()):
        with pytest.raises(ArgumentError, match=r"asyncio.to_thread\(tracker, frame\)"):
            stream_of(source, realtime=True).start()


def test_what_is_for_both_kinds_of_loops_is_read() -> None:
    class Both:
        def __iter__(self) -> Iterator[Image]:
            return iter([paint(LEFT)] * 5)

        def __aiter__(self) -> AsyncIterator[Image]:
            raise NotImplementedError

    assert len(list(stream_of(Both(), realtime=False))) == 5
    assert len(list(stream_of(Both, realtime=False))) == 5


def test_the_rest_of_a_generator_may_be_given_to_another_stream() -> None:
    given = (paint(LEFT) for _ in range(100))
    with stream_of(given) as stream:
        next(iter(stream))
    assert len(list(stream_of(given))) > 50


def test_a_list_of_pictures_may_be_given_again() -> None:
    pictures = [paint(LEFT)] * 3
    assert [len(list(stream_of(pictures))) for _ in range(2)] == [3, 3]
