"""Pipes, standard input and datagrams, for real; and how every stream ends."""

from __future__ import annotations

import contextlib
import gc
import importlib
import itertools
import logging
import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_edge import ArgumentError, CameraError
from fer_edge.cameras.byte_stream import ByteStream
from fer_edge.cameras.camera import Camera
from fer_edge.cameras.request import Request
from fer_edge.cameras.streams import stream_camera as stream
from fer_edge.cameras.url_stream import UrlStream
from fer_edge.errors import CameraTimeoutError
from tests.conftest import ROOT
from tests.runtime.senders import (
    COUNT,
    HEAD,
    PICTURES,
    RtspCamera,
    encrypted,
    part,
    picture,
    serving,
    video,
    writing,
)

pytest.importorskip("av")
SOON = 1.0
"""Seconds in which an iteration ends after `close` or Ctrl-C."""


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


@contextlib.contextmanager
def nothing_left() -> Iterator[None]:
    """No thread, descriptor or child more after the block than before it."""

    def held() -> tuple[int, int]:
        gc.collect()
        return threading.active_count(), len(os.listdir("/proc/self/fd"))

    before = held()
    yield
    deadline = time.monotonic() + 5
    while held() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert held() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def levels(camera: Camera) -> list[int]:
    return [round(float(frame.image.mean()) / 20) for frame in camera]


def test_a_fifo_gives_its_pictures_and_ends_with_its_writer(fifo: Path) -> None:
    with nothing_left(), writing(fifo, *PICTURES, pause=0.005), ByteStream(fifo) as camera:
        frames = list(camera)
        assert camera.size == (64, 48)
        assert list(camera) == []
    assert [frame.index for frame in frames] == list(range(COUNT))
    assert {(frame.clock, frame.moment) for frame in frames} == {("monotonic", "arrival")}
    assert all(frame.age is not None and 0 <= frame.age < 60 for frame in frames)
    assert [round(float(frame.image.mean()) / 20) for frame in frames] == list(range(COUNT))


def test_a_picture_is_given_before_the_next_one_comes(fifo: Path) -> None:
    with ByteStream(fifo) as camera, fifo.open("wb", buffering=0) as writer:
        for data in PICTURES:
            # Only the first half, then the rest: no byte of another picture is needed.
            writer.write(data[: len(data) // 2])
            writer.write(data[len(data) // 2 :])
            next(camera)


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("mpegts", "libx264"),
        ("matroska", "libx264"),
        ("h264", "libx264"),
        ("avi", "mjpeg"),
        ("matroska", "libvpx"),
    ],
)
def test_what_ffmpeg_knows_can_come_through_a_pipe(container: str, codec: str, fifo: Path) -> None:
    data = video(container, codec)
    with nothing_left(), writing(fifo, data), ByteStream(fifo) as camera:
        brightness = [float(frame.image.mean()) for frame in camera]
        assert camera.skipped == 0
    assert len(brightness) == 30
    assert np.allclose(brightness, 8 * np.arange(30), atol=4)


def test_a_transport_stream_lags_by_one_picture_at_most(fifo: Path) -> None:
    whole = video("mpegts", "libx264", 40, tune="zerolatency", preset="ultrafast")
    # Where the packet that begins a picture begins: 188 bytes each, the video's with its flag.
    starts = [
        at
        for at in range(0, len(whole), 188)
        if whole[at + 1] & 0x40 and whole[at + 1 : at + 3] == b"\x41\x00"
    ]
    assert len(starts) == 40
    with ByteStream(fifo) as camera, fifo.open("wb", buffering=0) as writer:
        writer.write(whole[: starts[10]])
        for index in range(8):
            assert next(camera).index == index
        for index, (start, end) in enumerate(itertools.pairwise(starts[10:])):
            # The next picture's first packet is what tells that this one is whole.
            writer.write(whole[start:end])
            assert next(camera).index == 8 + index


def test_damage_is_counted_and_read_past(fifo: Path) -> None:
    broken = bytearray(picture(100, (320, 240)))
    pieces = (
        PICTURES[0],
        PICTURES[1][:300],
        PICTURES[2],
        b"between pictures anything may lie: \xff\xd8 \xff\xff",
        PICTURES[3][:-2],
        PICTURES[4],
        bytes(broken[: len(broken) // 2]) + b"\xff\xd9",
        PICTURES[5],
        PICTURES[6][:200],
    )
    with writing(fifo, *pieces), ByteStream(fifo) as camera:
        assert levels(camera) == [0, 2, 4, 5]
        assert camera.skipped == 4


def test_a_picture_of_a_hundred_megapixels_costs_no_memory(fifo: Path) -> None:
    huge = bytearray(PICTURES[1])
    frame = huge.find(b"\xff\xc0")
    huge[frame + 5 : frame + 9] = b"\xff\xf0\xff\xf0"
    with writing(fifo, bytes(huge), PICTURES[2]), ByteStream(fifo) as camera:
        assert levels(camera) == [2]
        assert camera.skipped == 1


def test_pictures_with_exif_data_are_read(fifo: Path) -> None:
    # What a telephone held upright writes: FFmpeg 8 gives it on, in a kind that PyAV 18 refuses.
    notes = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    exif = b"\xff\xe1" + (len(notes) + 8).to_bytes(2, "big") + b"Exif\0\0" + notes
    pieces = [one[:2] + exif + one[2:] for one in PICTURES]
    with writing(fifo, *pieces), ByteStream(fifo) as camera:
        assert levels(camera) == list(range(COUNT))
        assert camera.skipped == 0


def test_frames_are_turned_and_their_size_is_told(
    fifo: Path, caplog: pytest.LogCaptureFixture
) -> None:
    request = Request(size=(640, 480), rotate=90)
    with writing(fifo, *PICTURES), ByteStream(fifo, request) as camera:
        assert next(camera).image.shape == (64, 48, 3)
        assert camera.size == (48, 64)
    assert "gives 64x48, not the 640x480" in caplog.text


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
        pytest.raises(CameraTimeoutError, match=r"waited 0\.3 s in vain for bytes of whoever"),
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
        with pytest.raises(CameraTimeoutError, match=r"waited 0\.2 s in vain for bytes"):
            next(camera)
        ended.set()
        writer.join()


def test_standard_input_is_a_source() -> None:
    code = (
        "from fer_edge.cameras.byte_stream import ByteStream\n"
        "with ByteStream(None) as camera:\n"
        "    print(len(list(camera)), camera.name)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], input=b"".join(PICTURES), capture_output=True, cwd=ROOT
    )
    assert run.stdout.decode() == f"{COUNT} standard input\n"
    assert not run.stderr
    closed = subprocess.run(
        ["sh", "-c", f'exec "{sys.executable}" -c "{code}" <&-'], capture_output=True, cwd=ROOT
    )
    assert b"CameraError: standard input is closed" in closed.stderr


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


# Ending

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


# Datagrams and RTSP


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_datagrams_of_a_transport_stream_are_read() -> None:
    data, port = video("mpegts", "mpeg2video", 60), free_port()
    with (
        nothing_left(),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        UrlStream(f"udp://127.0.0.1:{port}", Request(frame_timeout=0.5)) as camera,
    ):
        for at in range(0, len(data), 1316):
            sender.sendto(data[at : at + 1316], ("127.0.0.1", port))
        frames = [next(camera) for _ in range(50)]
        assert frames[40].image.mean() > frames[2].image.mean()
        with pytest.raises(CameraTimeoutError, match="in vain for datagrams"):
            list(camera)


def test_lost_datagrams_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    data, port = video("mpegts", "mpeg2video", 120), free_port()
    pieces = [data[at : at + 1316] for at in range(0, len(data), 1316)]
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        UrlStream(f"udp://:{port}", Request(frame_timeout=0.3)) as camera,
    ):
        for count, piece in enumerate(pieces):
            if count < 20 or count % 12:
                sender.sendto(piece, ("127.0.0.1", port))
        with pytest.raises(CameraTimeoutError):
            list(camera)
        assert 0 < camera.skipped < 60


def test_an_address_of_another_machine_is_refused() -> None:
    with nothing_left(), pytest.raises(CameraError, match="expected an address of this machine"):
        UrlStream(f"udp://192.0.2.1:{free_port()}")


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps"])
def test_rtsp_is_read_through_a_child(scheme: str, caplog: pytest.LogCaptureFixture) -> None:
    sender, wrap = RtspCamera(60), encrypted if scheme == "rtsps" else None
    with nothing_left(), serving(answer=sender.answer, wrap=wrap) as server:
        url = f"{scheme}://user:geheim@127.0.0.1:{server.port}/video"
        with UrlStream(url) as camera:
            frames = [next(camera) for _ in range(30)]
            assert camera.size == (64, 48)
            # An encrypted connection that ends without a goodbye is an error of its own.
            told = r"the server ended the stream|Input/output error"
            with pytest.raises(CameraError, match=told) as error:
                list(camera)
    assert frames[25].image.mean() > frames[2].image.mean()
    assert "geheim" not in caplog.text + str(error.value) + camera.name


def test_rtsp_that_is_refused_or_never_answers_is_an_error() -> None:
    with nothing_left():
        with (
            pytest.raises(CameraError, match="Connection refused"),
            UrlStream("rtsp://127.0.0.1:1/") as camera,
        ):
            next(camera)
        with (
            serving(stall=True) as server,
            UrlStream(f"rtsp://127.0.0.1:{server.port}/", Request(open_timeout=1.5)) as camera,
            pytest.raises(CameraTimeoutError, match=r"waited 1\.5 s in vain for the server's"),
        ):
            next(camera)


def test_closing_rtsp_in_any_state_5_times() -> None:
    sender = RtspCamera(3000, pause=0.01)
    with nothing_left(), serving(answer=sender.answer, stall=True) as server:
        for turn in range(5):
            camera = UrlStream(f"rtsp://127.0.0.1:{server.port}/")
            assert closed_under_fire(camera, turn * 0.3) < SOON


def test_a_child_ends_with_who_started_it() -> None:
    code = (
        "import os, sys\n"
        "from fer_edge.cameras.url_stream import UrlStream\n"
        "camera = UrlStream(sys.argv[1])\n"
        "print(camera._source._child._process.pid, flush=True)\n"
        "os._exit(0)\n"
    )
    with serving(stall=True) as server:
        url = f"rtsp://127.0.0.1:{server.port}/"
        run = subprocess.run(
            [sys.executable, "-c", code, url], capture_output=True, check=True, cwd=ROOT
        )
        child, deadline = Path(f"/proc/{int(run.stdout)}"), time.monotonic() + 20
        while child.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not child.exists()


def test_a_child_loads_nothing_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "av", "fer_edge", "socket"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    with (
        serving(stall=True) as server,
        UrlStream(f"rtsp://127.0.0.1:{server.port}/", Request(open_timeout=4)) as camera,
        pytest.raises(CameraTimeoutError),
    ):
        next(camera)


# Addresses


@pytest.mark.parametrize(
    "url",
    ["", "http://", "ftp://host/", "http://host:99999/", "http://ho st/", "udp://host", "http://[::1/",
     "rtsp://\n/", "http:///x", "http://a\x00b/"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ArgumentError):
        UrlStream(url)


def test_an_error_log_shows_no_password(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(CameraError) as error:
        UrlStream("http://user:geheim@127.0.0.1:1/a?token=geheim")
    assert "geheim" not in caplog.text + str(error.value)
    with pytest.raises(ArgumentError) as refused:
        UrlStream("http://user:geheim@host:99999/")
    assert "geheim" not in str(refused.value)
