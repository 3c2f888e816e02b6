"""Without a source: a camera of this machine, or one line that says what was tried."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

import fer_edge.cameras.default_camera as room
from fer_edge import BackendMissingError, Camera, CameraError, Frame, open_camera
from fer_edge.cameras.default_camera import find_camera
from fer_edge.cameras.request import Request

HAS_CAMERA = find_spec("picamera2") is not None or any(Path("/dev").glob("video*"))


class Plain(Camera):
    def __init__(self, name: str) -> None:
        super().__init__(Request())
        self.name = name

    def _read(self) -> Frame | None:
        return None

    def _release(self) -> None:
        """Nothing is held."""


def fails(text: str, kind: type[Exception] = CameraError) -> Callable[..., Camera]:
    def opening(*path: Path) -> Camera:
        raise kind(text.format(*path))

    return opening


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of devices: numbers 0, 2 and 10."""
    for number in (0, 2, 10):
        (tmp_path / f"video{number}").touch()
    monkeypatch.setattr(room, "DEVICES_FOLDER", tmp_path)
    return tmp_path


def test_the_pi_camera_comes_first(dev: Path) -> None:
    assert find_camera(lambda: Plain("pi"), lambda path: Plain(path.name)).name == "pi"


def test_else_the_first_that_gives_a_frame_in_the_order_of_numbers(dev: Path) -> None:
    def webcam(path: Path) -> Camera:
        if path.name == "video0":
            raise RuntimeError("a codec")
        return Plain(path.name)

    assert find_camera(fails("no"), webcam).name == "video2"


def test_else_one_line_says_what_was_tried_and_why_each_failed(dev: Path) -> None:
    with pytest.raises(CameraError) as raised:
        find_camera(
            fails("needs picamera2, type this", BackendMissingError), fails("{0} gives nothing")
        )
    text = str(raised.value)
    assert "Pi camera: needs picamera2, type this" in text
    names = ", ".join(str(dev / f"video{n}") for n in (0, 2, 10))
    assert f"{names}: it gives nothing" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("machine", "first"), [("aarch64", "Pi"), ("armv7l", "Pi"), ("x86_64", "USB")]
)
def test_what_this_machine_can_have_is_told_first(
    machine: str, first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "DEVICES_FOLDER", tmp_path)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    with pytest.raises(CameraError, match=f"^no camera found\\. {first} camera: "):
        find_camera(fails("no Pi camera"), fails("none"))


def test_where_there_is_no_device_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "DEVICES_FOLDER", tmp_path)
    with pytest.raises(CameraError, match="there is no /dev/video"):
        find_camera(fails("no Pi camera"), fails("none"))


@pytest.mark.skipif(HAS_CAMERA, reason="this machine has a camera")
def test_nothing_stands_in_for_a_camera() -> None:
    with pytest.raises(CameraError, match=r"no camera found.*sudo apt install python3-picamera2"):
        open_camera()


@pytest.mark.skipif(find_spec("picamera2") is not None, reason="picamera2 is installed here")
def test_a_pi_camera_without_picamera2_says_what_to_install() -> None:
    with pytest.raises(BackendMissingError, match="sudo apt install python3-picamera2"):
        open_camera("picamera")
