"""What a source means: a path stays a path, and only `scheme://` is an address."""

from __future__ import annotations

import os
import sys
import traceback
import types
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import fer_edge.cameras.choose as choose
from fer_edge import ArgumentError, Camera, CameraError, FerEdgeError, Frame, open_camera
from fer_edge.cameras.request import Request
from tests.runtime.videos import pictures, write_video


class Named(Camera):
    """Stands where a device or a network would be, and tells what it was asked for."""

    def __init__(self, what: object, request: Request) -> None:
        super().__init__(request)
        self.what, self.name = what, f"{type(self).__name__} {what}"

    def _read(self) -> Frame | None:
        return None

    def _release(self) -> None:
        """Nothing is held."""


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs hardware or a network is replaced, at the seams that choose.py calls."""
    for module, name in (
        ("picamera", "PiCamera"),
        ("webcam", "Webcam"),
        ("byte_stream", "ByteStream"),
        ("url_stream", "UrlStream"),
    ):
        stand_in = types.ModuleType(module)
        setattr(stand_in, name, type(name, (Named,), {}))
        monkeypatch.setitem(sys.modules, f"fer_edge.cameras.{module}", stand_in)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


NAMES = [
    "2024-01-01T12:30:05.mp4",
    "http:127.0.0.1:80",
    "20240101",
    "clip_%02d.mp4",
    "img%03d.mp4",
    "file:name.mp4",
    "concat:a|b.mp4",
    "data:video,x",
    "-1",
    "leer zeichen é.mp4",
    "pipe:0",
    "fd:",
    "a\nb.mp4",
    os.fsdecode(b"latin1_\xe9.mp4"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_opened_whatever_its_name(name: str, here: Path) -> None:
    write_video(Path("plain.mp4"), pictures(3)).rename(name)
    for source in (name, Path(name), os.fsencode(name), str(here / name)):
        with open_camera(source) as camera:
            frames = list(camera)
        assert len(frames) == 3
        # What is printed can be printed anywhere.
        assert (camera.name + frames[0].source).isprintable()
        (camera.name + frames[0].source).encode()


@pytest.mark.parametrize("name", ["0", "sample", "picamera", "picamera:1", "-"])
def test_words_win_over_files_and_a_path_is_a_path(
    name: str, here: Path, devices: None, caplog: pytest.LogCaptureFixture
) -> None:
    write_video(Path("plain.mp4"), pictures(3)).rename(name)
    with open_camera(name) as camera:
        assert "the video" not in camera.name
    assert f"the file of that name is './{name}'" in caplog.text
    for source in (f"./{name}", Path(name), os.fsencode(name), here / name):
        with open_camera(source) as camera:
            assert len(list(camera)) == 3


def test_a_word_that_cannot_be_opened_names_the_file_too(here: Path) -> None:
    Path("250").touch()
    with pytest.raises(CameraError, match=r"\(the file of that name is './250'\)"):
        open_camera("250")


@pytest.mark.parametrize(
    ("source", "kind", "what"),
    [
        (0, "Webcam", 0),
        (np.int64(3), "Webcam", 3),
        ("12", "Webcam", 12),
        ("/dev/video97", "Webcam", Path("/dev/video97")),
        ("picamera", "PiCamera", 0),
        ("picamera:2", "PiCamera", 2),
        ("-", "ByteStream", None),
        ("rtsp://camera.example:554/1", "UrlStream", "rtsp://camera.example:554/1"),
        (
            "RTSPS://user:pass@host/a b".replace(" ", "%20"),
            "UrlStream",
            "rtsps://user:pass@host/a%20b",
        ),
        ("HTTP://127.0.0.1:8080/stream.mjpg", "UrlStream", "http://127.0.0.1:8080/stream.mjpg"),
        ("https://host/", "UrlStream", "https://host/"),
        ("udp://@:1234", "UrlStream", "udp://@:1234"),
        ("udp://239.0.0.1:1234", "UrlStream", "udp://239.0.0.1:1234"),
    ],
)
def test_each_source_reaches_its_camera(
    source: object, kind: str, what: object, devices: None
) -> None:
    camera = open_camera(source, frame_timeout=2.5)  # type: ignore[arg-type]
    assert isinstance(camera, Named)
    assert (type(camera).__name__, camera.what) == (kind, what)
    assert camera._request.frame_timeout == 2.5


def test_a_fifo_is_a_stream(here: Path, devices: None) -> None:
    os.mkfifo("pipe.mp4")
    camera = open_camera("pipe.mp4")
    assert camera.name == "ByteStream pipe.mp4"


@pytest.mark.parametrize(
    "source",
    ["ftp://host/a.mp4", "file:///etc/passwd", "concat://a", "rtmp://host/a", "http://", "rtsp:///a",
     "http://a b/", "http://host:99999/", "http://[::1", "http://host/\n", "udp://",
     f"http://{'a' * 300}/"],
)  # fmt: skip
def test_other_addresses_are_refused(source: str) -> None:
    with pytest.raises(ArgumentError, match=r"address"):
        open_camera(source)


@pytest.mark.parametrize(
    "rest",
    ["@/x", "@h:port/", "\n@h/", "@127.0.0.1:1/\x7f", " @h/", "@h:99999/", "@[::1",
     f"@{'a' * 300}/", "@127.0.0.1:1/"],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https", "rtmp", "ftp"])
def test_no_error_shows_a_password(scheme: str, rest: str) -> None:
    with pytest.raises(FerEdgeError) as told:
        open_camera(f"{scheme}://user:secret{rest}")
    shown = "".join(traceback.format_exception(told.value))
    assert "secret" not in "".join(
        line for line in shown.splitlines() if "open_camera(" not in line
    )
    assert "\n" not in str(told.value)


class Endless:
    def __iter__(self) -> Iterator[str]:
        while True:
            yield "a.jpg"


@pytest.mark.parametrize(
    "source",
    [-1, True, False, np.True_, 256, 99999999999, 0.0, "", b"", "\0", "a\0b", b"\0", "\ud800",
     b"missing", [None], ["a.jpg", None], [1], {"a.jpg": 1}, {"a.jpg"}, object(),
     np.zeros((4, 4, 3), np.uint8),
     np.zeros(0), bytearray(b"abc"), range(3), Endless(), iter([3]), [], (), "missing.mp4",
     "a" * 300, "x/" * 5000, "-1", "٣", "0x0", "1.5", Path("missing"), "/dev/null",
     "/dev/zero", "/dev", "."],
    ids=lambda source: repr(source)[:20].encode("ascii", "backslashreplace").decode(),
)  # fmt: skip
def test_what_is_no_source_is_refused_in_one_line(source: object, here: Path) -> None:
    with pytest.raises(FerEdgeError) as raised:
        open_camera(source)  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) > 10


def test_a_number_too_long_to_print_is_refused() -> None:
    with pytest.raises(ArgumentError, match="a camera's number is 0 to 255, got an object"):
        open_camera(10**5000)
    with pytest.raises(CameraError, match=r"'300' \(cameras have the numbers 0 to 255\)"):
        open_camera("300")


def test_open_files_and_sockets_are_refused(here: Path) -> None:
    import socket

    Path("a.txt").write_text("b.jpg\n")
    with Path("a.txt").open() as file, pytest.raises(ArgumentError, match="no source"):
        open_camera(file)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        with pytest.raises(CameraError, match="no camera"):
            open_camera("socket")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_refused(here: Path) -> None:
    for name in ("a.mp4", "folder"):
        Path(name).mkdir() if name == "folder" else write_video(Path(name))
        os.chmod(name, 0)
        with pytest.raises(CameraError, match="Permission denied"):
            open_camera(name)


PLAYLISTS = {
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{0}\n#EXT-X-ENDLIST\n",
    "list.ffconcat": "ffconcat version 1.0\nfile {0}\n",
    "list.mp4": "ffconcat version 1.0\nfile {0}\n",
    "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 "
    "RTP/AVP 26\n",
    "list.mpd": '<?xml version="1.0"?><MPD><Period><AdaptationSet><Representation><BaseURL>{0}'
    "</BaseURL></Representation></AdaptationSet></Period></MPD>",
}


@pytest.mark.parametrize("name", PLAYLISTS)
def test_no_file_makes_ffmpeg_open_another(name: str, here: Path) -> None:
    write_video(Path("other.ts"), pictures(3))
    Path(name).write_text(PLAYLISTS[name].format("other.ts"))
    with pytest.raises(CameraError, match="is not a video"):
        open_camera(name)


def test_a_bug_of_a_backend_comes_as_one_of_ours(
    monkeypatch: pytest.MonkeyPatch, devices: None
) -> None:
    def broken(*_: object) -> Camera:
        raise RuntimeError("driver\nfell over")

    monkeypatch.setattr(choose, "_webcam", broken)
    with pytest.raises(CameraError, match=r"the source 3 cannot be opened: Runtime.*: driver fell"):
        open_camera(3)
