"""A pipe that gives no stream, nothing, or nothing in time is an error that says so."""

from __future__ import annotations

import gc
import importlib
import os
import re
import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fer_edge import CameraError
from fer_edge.cameras.byte_stream import ByteStream
from fer_edge.cameras.camera import Camera
from fer_edge.cameras.request import Request
from fer_edge.cameras.url_stream import UrlStream
from fer_edge.errors import CameraTimeoutError
from tests.runtime.leaks import nothing_left
from tests.runtime.senders import (
    PICTURES,
    free_port,
    video,
    writing,
)

pytest.importorskip("av")


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8\xff", b"no video " * 2000, b"#EXTM3U\n/etc/passwd"]
)
def test_what_is_no_stream_is_an_error(data: bytes, fifo: Path) -> None:
    with (
        nothing_left(),
        writing(fifo, data),
        ByteStream(fifo) as camera,
        pytest.raises(CameraError, match=r"FIFO .*(not a video|ended before its first picture)"),
    ):
        next(camera)


def test_an_mp4_whose_index_comes_last_is_an_error(fifo: Path) -> None:
    data = video("mp4", "libx264")
    index = data.index(b"moov") - 4
    # More than what FFmpeg keeps, so that it cannot go back.
    gap = (1 << 20).to_bytes(4, "big") + b"free" + bytes((1 << 20) - 8)
    with (
        nothing_left(),
        writing(fifo, data[:index], gap, data[index:]),
        ByteStream(fifo) as camera,
        pytest.raises(CameraError, match=r"FIFO .*an MP4 must have its index first"),
    ):
        next(camera)


def test_a_fifo_that_nobody_writes_to_is_an_error_in_time(fifo: Path) -> None:
    began = time.monotonic()
    with (
        nothing_left(),
        ByteStream(fifo, Request(open_timeout=0.3)) as camera,
        pytest.raises(CameraTimeoutError, match=r"waited 0\.3 s for bytes of whoever"),
    ):
        next(camera)
    assert 0.25 < time.monotonic() - began < 5


def test_a_frame_has_its_own_time_from_the_first_on(fifo: Path) -> None:
    request = Request(open_timeout=30, frame_timeout=0.2)
    with ByteStream(fifo, request) as camera:

        def write() -> None:
            time.sleep(0.6)
            with fifo.open("wb", buffering=0) as file:
                file.write(PICTURES[0])
                ended.wait(30)

        ended = threading.Event()
        writer = threading.Thread(target=write)
        writer.start()
        next(camera)
        # A caller that takes its time costs the source nothing.
        time.sleep(0.3)
        with pytest.raises(CameraTimeoutError, match=r"waited 0\.2 s for bytes"):
            next(camera)
        ended.set()
        writer.join()


def test_what_is_no_fifo_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="is no FIFO"):
        ByteStream(tmp_path)
    with pytest.raises(CameraError, match="No such file"):
        ByteStream(tmp_path / "missing")


def test_a_process_with_too_many_files_is_told_so(fifo: Path) -> None:
    for module in ("http_source", "rtsp_source", "udp_source"):
        # They are loaded on demand, which takes a descriptor as well: `open_camera` tells of that.
        importlib.import_module(f"fer_edge.cameras.streams.{module}")
    before, limits = len(os.listdir("/proc/self/fd")), resource.getrlimit(resource.RLIMIT_NOFILE)
    sources: tuple[Callable[[], Camera], ...] = (
        lambda: ByteStream(fifo),
        lambda: UrlStream("http://127.0.0.1:1/"),
        lambda: UrlStream("rtsp://127.0.0.1:1/"),
        lambda: UrlStream(f"udp://:{port}"),
    )
    port = free_port()
    # Each number of descriptors that are left fails at another place.
    for spare in range(8):
        resource.setrlimit(resource.RLIMIT_NOFILE, (before + spare, limits[1]))
        try:
            for source in sources:
                try:
                    source().close()
                except CameraError as error:
                    assert re.search("Too many open files|refused", str(error))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before
