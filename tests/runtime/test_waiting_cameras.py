"""A camera that waits for a stream ends at once when it is closed or interrupted."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fer_edge.cameras.byte_stream import ByteStream
from fer_edge.cameras.camera import Camera
from fer_edge.cameras.request import Request
from fer_edge.cameras.streams import stream_camera as stream
from fer_edge.cameras.url_stream import UrlStream
from tests.runtime.leaks import nothing_left
from tests.runtime.senders import (
    HEAD,
    PICTURES,
    RtspCamera,
    free_port,
    part,
    serving,
    video,
)

pytest.importorskip("av")
SOON = 1.0
"""Seconds in which an iteration ends after `close` or Ctrl-C."""
STALLS: dict[str, tuple[bytes, ...]] = {
    "no headers": (),
    "half the headers": (HEAD[:60],),
    "half a picture": (HEAD, part(PICTURES[1])[:400]),
    "after three pictures": (HEAD, *map(part, PICTURES[:3])),
}


def closed_under_fire(camera: Camera, seconds: float) -> float:
    """Seconds between `close`, by another thread, and the end of this one's iteration."""
    closed: list[float] = []

    def close() -> None:
        time.sleep(seconds)
        closed.append(time.monotonic())
        camera.close()

    thread = threading.Thread(target=close)
    thread.start()
    for _ in camera:
        pass
    ended = time.monotonic()
    thread.join()
    return ended - closed[0]


def test_closing_a_fifo_that_nobody_writes_to_400_times(fifo: Path) -> None:
    chance = random.Random(0)
    with nothing_left():
        waits = [closed_under_fire(ByteStream(fifo), chance.uniform(0, 0.002)) for _ in range(400)]
    assert max(waits) < SOON


@pytest.mark.parametrize("stall", STALLS)
def test_closing_an_http_stream_that_stalls_150_times(
    stall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The constructor does not wait for the answer, so that `close` comes while the reader does.
    monkeypatch.setattr(stream, "REFUSAL_WAIT_SECONDS", 0.001)
    chance = random.Random(0)
    # The server's threads come and go as they like: what is left is looked at after it.
    with nothing_left(), serving(*STALLS[stall], stall=True) as server:
        waits = []
        for _ in range(150):
            camera = UrlStream(f"http://127.0.0.1:{server.port}/", Request(open_timeout=60))
            waits.append(closed_under_fire(camera, chance.uniform(0, 0.004)))
    assert max(waits) < SOON


def test_closing_while_ffmpeg_reads_100_times(fifo: Path) -> None:
    data, chance = video("matroska", "libx264"), random.Random(0)
    with nothing_left():
        for _ in range(100):
            with ByteStream(fifo) as camera, fifo.open("wb", buffering=0) as writer:
                writer.write(data[: chance.randrange(len(data))])
                assert closed_under_fire(camera, chance.uniform(0, 0.01)) < SOON


@contextlib.contextmanager
def alarm(handler: Callable[..., Any], seconds: float) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def waiting_cameras(fifo: Path, server: Any, stack: contextlib.ExitStack) -> Iterator[Camera]:
    """Cameras of every kind whose next frame will not come."""
    patient = Request(open_timeout=60, frame_timeout=60)
    yield ByteStream(fifo, patient)
    for scheme in ("http", "rtsp"):
        yield UrlStream(f"{scheme}://127.0.0.1:{server.port}/", patient)
    yield UrlStream("udp://127.0.0.1:0".replace(":0", f":{free_port()}"), patient)
    data = video("matroska", "libx264")
    camera = ByteStream(fifo, patient)
    stack.enter_context(fifo.open("wb", buffering=0)).write(data[: len(data) // 2])
    yield camera


def test_ctrl_c_ends_every_wait_within_a_second(fifo: Path) -> None:
    with nothing_left(), serving(stall=True) as server, contextlib.ExitStack() as stack:
        for camera in waiting_cameras(fifo, server, stack):
            came: list[float] = []

            def interrupt(*_: object, came: list[float] = came) -> None:
                came.append(time.monotonic())
                raise KeyboardInterrupt

            with camera, alarm(interrupt, 0.3), pytest.raises(KeyboardInterrupt):
                list(camera)
            assert time.monotonic() - came[0] < SOON, camera.name


def test_a_handler_may_close_every_waiting_camera(fifo: Path) -> None:
    with nothing_left(), serving(stall=True) as server, contextlib.ExitStack() as stack:
        for camera in waiting_cameras(fifo, server, stack):
            came: list[float] = []

            def close(*_: object, came: list[float] = came, camera: Camera = camera) -> None:
                came.append(time.monotonic())
                camera.close()

            with alarm(close, 0.3):
                list(camera)
            assert time.monotonic() - came[0] < SOON, camera.name


def test_after_ctrl_c_pictures_go_on(fifo: Path) -> None:
    with ByteStream(fifo) as camera, fifo.open("wb", buffering=0) as writer:
        writer.write(PICTURES[0] + PICTURES[1][:100])
        next(camera)
        with alarm(signal.default_int_handler, 0.1), pytest.raises(KeyboardInterrupt):
            next(camera)
        writer.write(PICTURES[1][100:])
        assert round(float(next(camera).image.mean())) == 20


def test_closing_rtsp_in_any_state_5_times() -> None:
    sender = RtspCamera(3000, pause=0.01)
    with nothing_left(), serving(answer=sender.answer, stall=True) as server:
        for turn in range(5):
            camera = UrlStream(f"rtsp://127.0.0.1:{server.port}/")
            assert closed_under_fire(camera, turn * 0.3) < SOON
