"""The newest frame: late ones are left out and counted, and a source ends in every state."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from fer_edge import Camera, CameraError, Frame, PictureError
from fer_edge.cameras.request import Request
from fer_edge.live.frames.newest import Newest

PICTURE = np.zeros((4, 6), np.uint8)


def frames(count: int) -> list[Frame]:
    return [Frame(PICTURE, float(index), index) for index in range(count)]


class Silent(Camera):
    """Gives no frame until it is closed."""

    name = "a silent camera"

    def __init__(self) -> None:
        super().__init__(Request())
        self.released = False
        self._woken = threading.Event()

    def _read(self) -> Frame | None:
        self._woken.wait()
        return None

    def _interrupt(self) -> None:
        self._woken.set()

    def _release(self) -> None:
        self.released = True


def ended(newest: Newest) -> bool:
    newest.join(10)
    return not newest.alive


def test_a_slow_consumer_gets_the_newest_and_the_rest_is_counted() -> None:
    gates = [threading.Event() for _ in range(3)]

    def source() -> Iterator[Frame]:
        for frame in frames(10):
            if frame.index == 1:
                gates[0].wait()
            if frame.index == 9:
                gates[1].set()
                gates[2].wait()
            yield frame

    newest = Newest(source)
    newest.start()
    first = newest.take(10)
    assert first is not None
    assert (first.frame.index, first.dropped) == (0, 0)
    gates[0].set()
    gates[1].wait()
    late = newest.take(10)
    assert late is not None
    assert (late.frame.index, late.dropped) == (8, 7)
    assert newest.take(0) is None
    gates[2].set()
    last = newest.take(10)
    assert last is not None
    assert (last.frame.index, last.dropped) == (9, 0)
    assert newest.take(10) is None
    assert newest.ended
    assert newest.dropped == 7
    assert ended(newest)


def test_without_loss_the_source_waits_for_the_consumer() -> None:
    asked: list[int] = []

    def source() -> Iterator[Frame]:
        for frame in frames(300):
            asked.append(frame.index)
            yield frame

    newest = Newest(source, lossless=True)
    newest.start()
    for index in range(300):
        taken = newest.take(10)
        assert taken is not None
        assert (taken.frame.index, taken.dropped) == (index, 0)
        # One may lie ready, and one may have been asked for.
        assert len(asked) <= index + 3
    assert newest.take(10) is None
    assert newest.dropped == 0
    assert ended(newest)


def test_a_take_that_is_not_served_in_time_gives_none() -> None:
    camera = Silent()
    newest = Newest(lambda: camera)
    newest.start()
    assert newest.take(0.02) is None
    assert not newest.ended
    newest.close()
    assert newest.ended
    assert ended(newest)
    assert camera.released


def test_closing_wakes_whoever_takes() -> None:
    newest = Newest(Silent)
    newest.start()
    threading.Timer(0.05, newest.close).start()
    assert newest.take() is None
    assert ended(newest)


def test_closing_while_the_source_is_being_opened_closes_it_then() -> None:
    gate, camera = threading.Event(), Silent()

    def slowly() -> Camera:
        gate.wait()
        return camera

    newest = Newest(slowly)
    newest.start()
    newest.close()
    assert newest.wait_open(10) is False
    gate.set()
    assert ended(newest)
    assert camera.released


def test_an_error_comes_after_the_last_frame_and_once() -> None:
    def source() -> Iterator[Frame]:
        yield from frames(1)
        raise CameraError("unplugged")

    newest = Newest(source)
    newest.start()
    assert newest.wait_open(10)
    ended(newest)
    assert newest.take(10) is not None
    with pytest.raises(CameraError, match="unplugged"):
        newest.take(10)
    assert newest.take(10) is None
    assert newest.ended


def test_an_error_at_opening_is_told_to_whoever_waits_for_it() -> None:
    def source() -> Camera:
        raise CameraError("there is none")

    newest = Newest(source)
    newest.start()
    with pytest.raises(CameraError, match="there is none"):
        newest.wait_open(10)


def test_plain_pictures_become_frames_with_the_time_of_now() -> None:
    before = time.monotonic()
    newest = Newest(lambda: [PICTURE, PICTURE], lossless=True)
    newest.start()
    taken = [newest.take(10), newest.take(10)]
    assert [one.frame.index for one in taken if one] == [0, 1]
    assert all(one and before <= one.frame.timestamp <= time.monotonic() for one in taken)
    assert ended(newest)


def test_a_generator_is_closed_in_its_own_thread() -> None:
    closed: list[str] = []

    def source() -> Iterator[Frame]:
        try:
            yield from frames(1000)
        finally:
            closed.append(threading.current_thread().name)

    newest = Newest(source, lossless=True, name="test")
    newest.start()
    newest.take(10)
    newest.close()
    assert ended(newest)
    assert closed == ["capture test"]


def test_what_is_no_picture_is_left_out_of_a_camera(caplog: pytest.LogCaptureFixture) -> None:
    rubbish = [None, PICTURE.astype(np.float32), np.zeros((4, 6, 4), np.uint8), PICTURE[:0]]
    turn = threading.Semaphore(0)

    def source() -> Iterator[Any]:
        for item in [PICTURE, *rubbish, PICTURE]:
            yield item
            turn.acquire()

    newest = Newest(source, name="a camera of mine")
    newest.start()
    taken = newest.take(10)
    assert taken is not None
    assert (taken.frame.index, taken.dropped) == (0, 0)
    for _ in range(5):
        turn.release()
    taken = newest.take(10)
    assert taken is not None
    assert (taken.frame.index, taken.dropped, newest.dropped) == (5, 4, 4)
    turn.release()
    assert newest.take(10) is None
    assert ended(newest)
    assert caplog.text.count("a camera of mine: frame left out (1 so far): ") == 1
    assert "NoneType" in caplog.text
    assert "no. 2 so" not in caplog.text


def test_what_is_no_picture_is_an_error_of_a_recording() -> None:
    given: list[Any] = [PICTURE, None]
    newest = Newest(lambda: given, lossless=True)
    newest.start()
    assert newest.take(10) is not None
    with pytest.raises(PictureError, match="NoneType"):
        newest.take(10)
    assert ended(newest)


def test_a_frame_that_waits_when_it_is_closed_counts_as_left_out() -> None:
    given = threading.Event()

    def source() -> Iterator[Frame]:
        yield from frames(3)
        given.set()

    newest = Newest(source)
    newest.start()
    assert given.wait(10)
    newest.close()
    newest.close()
    assert newest.dropped == 3
    assert ended(newest)
