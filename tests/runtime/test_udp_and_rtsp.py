"""Datagrams and RTSP are read as streams, and what is no address is refused."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fer_edge import ArgumentError, CameraError
from fer_edge.cameras.request import Request
from fer_edge.cameras.url_stream import UrlStream
from fer_edge.errors import CameraTimeoutError
from tests.conftest import ROOT
from tests.runtime.leaks import nothing_left
from tests.runtime.senders import (
    RtspCamera,
    encrypted,
    free_port,
    serving,
    video,
)

pytest.importorskip("av")


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
        with pytest.raises(CameraTimeoutError, match=r"for datagrams .*, which did not come"):
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
            pytest.raises(CameraTimeoutError, match=r"waited 1\.5 s for the server's"),
        ):
            next(camera)


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
