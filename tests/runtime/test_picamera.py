"""What of the Pi camera needs no Pi; tests/pi_rig runs the rest on the real picamera2."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from fer_edge import BackendMissingError
from fer_edge.cameras import picamera
from fer_edge.cameras.pi_buffers import colours, small_luma
from fer_edge.cameras.picamera import _flips, _lores
from fer_edge.cameras.request import Request
from fer_edge.cameras.sensor_mode import widest_mode

# As libcamera tells them: Camera Module 2 and Camera Module 3.
IMX219 = [
    {"size": (640, 480), "fps": 206.65, "crop_limits": (1000, 752, 1280, 960), "bit_depth": 10},
    {"size": (1640, 1232), "fps": 41.85, "crop_limits": (0, 0, 3280, 2464), "bit_depth": 10},
    {"size": (1920, 1080), "fps": 47.57, "crop_limits": (680, 692, 1920, 1080), "bit_depth": 10},
    {"size": (3280, 2464), "fps": 21.19, "crop_limits": (0, 0, 3280, 2464), "bit_depth": 10},
]
IMX708 = [
    {"size": (1536, 864), "fps": 120.13, "crop_limits": (768, 432, 3072, 1728), "bit_depth": 10},
    {"size": (2304, 1296), "fps": 56.03, "crop_limits": (0, 0, 4608, 2592), "bit_depth": 10},
    {"size": (4608, 2592), "fps": 14.35, "crop_limits": (0, 0, 4608, 2592), "bit_depth": 10},
]


@pytest.mark.parametrize(
    ("modes", "size", "fps", "expected"),
    [
        # The whole view, not the sixth of it that is nearest in size.
        (IMX219, (640, 480), None, (1640, 1232)),
        (IMX219, (640, 480), 60, (640, 480)),
        (IMX219, (1920, 1080), 45, (1920, 1080)),
        (IMX219, (3000, 2000), 20, (3280, 2464)),
        (IMX219, (640, 480), 300, None),
        (IMX708, (640, 480), 30, (2304, 1296)),
        (IMX708, (1280, 720), 100, (1536, 864)),
        (IMX708, (4608, 2592), 30, (2304, 1296)),
        ([], (640, 480), 30, None),
    ],
)
def test_the_widest_mode_that_is_fast_enough(
    modes: Any, size: tuple[int, int], fps: float | None, expected: tuple[int, int] | None
) -> None:
    mode = widest_mode(modes, size, fps)
    assert (mode and mode["size"]) == expected


@pytest.mark.parametrize(
    ("rotate", "mirror", "expected"),
    [
        (0, False, (False, False)),
        (0, True, (True, False)),
        (180, False, (True, True)),
        (180, True, (False, True)),
        (90, True, (False, False)),
        (270, False, (False, False)),
    ],
)
def test_the_camera_flips_what_software_need_not(
    rotate: int, mirror: bool, expected: tuple[bool, bool]
) -> None:
    picture = np.arange(6).reshape(2, 3)
    across, down = _flips(Request(rotate=rotate, mirror=mirror))
    assert (across, down) == expected
    if rotate in (0, 180):
        turned = np.rot90(picture, rotate // -90)
        seen = turned[:, ::-1] if mirror else turned
        assert (picture[:: -1 if down else 1, :: -1 if across else 1] == seen).all()


@pytest.mark.parametrize(
    ("size", "expected"),
    [((640, 480), (320, 240)), ((1280, 720), (320, 180)), ((480, 640), (240, 320)),
     ((200, 100), (200, 100)), ((4608, 2592), (320, 180))],
)  # fmt: skip
def test_the_luma_is_as_large_as_a_detection_picture(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert _lores(*size) == expected


class Buffers:
    """A request's buffers, with rows that are padded to the hardware's stride."""

    def __init__(self, main: str, lores: str) -> None:
        self.config: dict[str, dict[str, Any]] = {
            "main": {"format": main, "size": (6, 4)},
            "lores": {"format": lores, "size": (4, 2)},
        }

    def make_array(self, name: str) -> Any:
        format_ = self.config[name]["format"]
        width, height = self.config[name]["size"]
        if format_ in ("RGB888", "XRGB8888"):
            depth = 3 if format_ == "RGB888" else 4
            pixels = np.zeros((height, width + 2, depth), np.uint8)
            pixels[:, :width] = (10, 20, 30, 255)[:depth]
            return pixels
        array = np.full((height * 3 // 2, width + 10), 128, np.uint8)
        array[:height, :width] = 77
        array[:, width:] = 255
        return array


@pytest.mark.parametrize("format_", ["RGB888", "XRGB8888"])
def test_padding_is_cut_off(format_: str) -> None:
    buffers = Buffers(format_, "YUV420")
    assert (colours(buffers) == np.broadcast_to((10, 20, 30), (4, 6, 3))).all()
    luma = small_luma(buffers)
    assert luma is not None
    assert (luma == np.full((2, 4), 77)).all()
    assert luma.flags.c_contiguous


def test_nv12_is_made_bgr_and_a_luma_that_is_none_is_absent() -> None:
    image = colours(Buffers("NV12", "RGB888"))
    assert image.shape == (4, 6, 3)
    assert np.ptp(image) <= 1
    assert small_luma(Buffers("NV12", "RGB888")) is None


@pytest.mark.parametrize("error", [ImportError("no"), ValueError("numpy.dtype size changed")])
def test_a_picamera2_that_cannot_be_loaded_says_what_to_type(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Finder:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "picamera2":
                raise error

    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    monkeypatch.delitem(sys.modules, "picamera2", raising=False)
    with pytest.raises(BackendMissingError, match="sudo apt install python3-picamera2"):
        picamera.PiCamera(0)
