"""Which way round a Pi camera's frames come, in which colours, and where their buffers go."""

from __future__ import annotations

import concurrent.futures
import time
import types
from typing import Any, ClassVar

import numpy as np
import pytest

from fer_edge.cameras import picamera
from fer_edge.cameras.request import Request
from fer_edge.pictures.image import Image

SCENE = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
"""What the camera sees, BGR."""


class Lent:
    """A request of picamera2's: one of the camera's buffers, until it is released."""

    def __init__(self, camera: Lending) -> None:
        self.config, self._camera = camera.configuration, camera

    def make_array(self, name: str) -> Image:
        flips = self._camera.granted
        scene = SCENE[:: -1 if flips.vflip else 1, :: -1 if flips.hflip else 1]
        if name == "lores":
            return np.concatenate((scene[..., 0], np.full((2, 6), 128, np.uint8)))
        # picamera2 names a format by the order of its bits, which is the opposite of its bytes'.
        return scene if self.config["main"]["format"] == "RGB888" else scene[..., ::-1]

    def get_metadata(self) -> dict[str, int]:
        return {"SensorTimestamp": time.monotonic_ns(), "FrameDuration": 33333}

    def release(self) -> None:
        type(self._camera).lent -= 1


class Lending:
    """A camera of picamera2's that shows the scene."""

    able = (True, True)
    """Whether it can flip its pictures left to right, and upside down."""
    lent = 0
    """How many buffers it misses."""
    camera_controls: ClassVar[dict[str, Any]] = {}
    sensor_modes: ClassVar[list[Any]] = []

    def __init__(self, number: int) -> None:
        """Only one is known."""

    @staticmethod
    def global_camera_info() -> list[dict[str, Any]]:
        return [{"Num": 0, "Model": "lending", "Id": "/base/lending"}]

    def create_video_configuration(self, **wanted: Any) -> dict[str, Any]:
        return wanted

    def configure(self, configuration: dict[str, Any]) -> None:
        self.configuration, asked = configuration, configuration["transform"]
        self.granted = types.SimpleNamespace(
            hflip=int(asked[0] and self.able[0]), vflip=int(asked[1] and self.able[1])
        )

    def camera_configuration(self) -> dict[str, Any]:
        return {**self.configuration, "transform": self.granted}

    def start(self) -> None:
        """It gives when it is asked."""

    def capture_request(self, wait: bool) -> concurrent.futures.Future[Lent]:
        future: concurrent.futures.Future[Lent] = concurrent.futures.Future()
        future.get_result = future.result  # type: ignore[attr-defined]
        type(self).lent += 1
        future.set_result(Lent(self))
        return future

    def close(self) -> None:
        """Nothing is left to do."""


@pytest.fixture(autouse=True)
def _lending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lending, "lent", 0)
    monkeypatch.setattr(picamera, "_picamera2", lambda: types.SimpleNamespace(Picamera2=Lending))
    monkeypatch.setattr(picamera, "_transform", lambda *flips: flips)


@pytest.mark.parametrize("able", [(True, True), (True, False), (False, True), (False, False)])
@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_frames_are_turned_and_mirrored_whatever_the_camera_can(
    rotate: int, mirror: bool, able: tuple[bool, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lending, "able", able)
    turned = np.rot90(SCENE, -rotate // 90)
    expected = turned[:, ::-1] if mirror else turned
    with picamera.PiCamera(0, Request(size=(6, 4), rotate=rotate, mirror=mirror)) as camera:
        frame = next(camera)
        assert camera.size == expected.shape[1::-1]
    assert (frame.image == expected).all()
    assert frame.luma is not None
    assert (frame.luma == expected[..., 0]).all()
    assert frame.moment == "exposure"


def test_every_buffer_goes_back_to_the_camera() -> None:
    with picamera.PiCamera(0, Request(size=(6, 4))) as camera:
        assert Lending.lent == 0
        for _ in range(2 * picamera.BUFFER_COUNT):
            next(camera)
            assert Lending.lent == 0
