"""`Frame.of` takes compressed pictures and what PIL and ROS give, and keeps its own copy."""

from __future__ import annotations

import array
import io
import re
import subprocess
import sys
import types
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as Pil

from fer_edge import ArgumentError, Frame, PictureError, read_picture
from fer_edge.cameras.sample import PORTRAIT_FILE
from fer_edge.pictures.encodings import ENCODINGS
from tests.conftest import ROOT
from tests.runtime.encoded import BGR, BYTES_A_PIXEL, HEIGHT, WIDTH, packed


@pytest.mark.parametrize(
    ("suffix", "encoding"),
    [
        (".jpg", "jpeg"),
        (".jpg", "jpg"),
        (".png", "png"),
        (".jpg", "rgb8; jpeg compressed bgr8"),
        (".png", "bgr8; png compressed "),
    ],
)
def test_compressed_pictures(suffix: str, encoding: str) -> None:
    content = cv2.imencode(suffix, BGR)[1]
    expected: Any = cv2.imdecode(content, cv2.IMREAD_COLOR)
    for data in (content, content.tobytes(), memoryview(content), array.array("B", bytes(content))):
        assert np.array_equal(Frame.of(data, encoding=encoding).image, expected)
    half = content.tobytes()[: len(content) // 2]
    with pytest.raises(PictureError, match="the compressed picture is cut short"):
        Frame.of(half, encoding=encoding)
    with pytest.raises(ArgumentError, match="says its size itself"):
        Frame.of(content, encoding=encoding, width=3)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "CMYK", "RGBA", "LA", "YCbCr", "HSV"])
def test_pil_images(mode: str) -> None:
    picture = Pil.fromarray(BGR[..., ::-1].copy()).convert(mode)
    image = Frame.of(picture).image
    if mode in ("L", "1"):
        assert np.array_equal(image, np.asarray(picture.convert("L")))
    else:
        assert np.array_equal(image, np.asarray(picture.convert("RGB"))[..., ::-1])


def test_pil_images_are_seen_as_a_viewer_shows_them() -> None:
    deep = np.linspace(0, 65535, HEIGHT * WIDTH).astype(np.uint16).reshape(HEIGHT, WIDTH)
    assert (np.abs(Frame.of(Pil.fromarray(deep)).image - np.rint(deep / 257)) <= 1).all()
    clear = np.dstack([BGR[..., ::-1], np.zeros((HEIGHT, WIDTH), np.uint8)])
    assert (Frame.of(Pil.fromarray(clear)).image == 255).all()
    half_clear = Pil.fromarray(deep)
    half_clear.info["transparency"] = 65535
    assert (np.abs(Frame.of(half_clear).image - np.rint(deep / 257)) <= 1).all()
    for mode in ("RGB", "RGBA", "LA", "L"):
        with pytest.raises(PictureError, match=r"the PIL image has no pixels: 0x4"):
            Frame.of(Pil.new(mode, (0, 4)))
    exif, file = Pil.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Pil.fromarray(BGR[..., ::-1].copy()).save(file, "PNG", exif=exif)
    assert np.array_equal(Frame.of(Pil.open(file)).image, np.rot90(BGR, -1))
    for picture in (Pil.new("F", (4, 4)), Pil.new("I", (4, 4))):
        with pytest.raises(PictureError, match="convert it to one that has, such as L"):
            Frame.of(picture)
    half = Pil.open(io.BytesIO(file.getvalue()[:600]))
    with pytest.raises(PictureError, match="the PIL image cannot be read"):
        Frame.of(half)
    with pytest.raises(ArgumentError, match="knows its mode"):
        Frame.of(Pil.new("L", (4, 4)), encoding="mono8")


def test_pillow_is_not_needed() -> None:
    code = (
        "import sys; sys.modules['PIL'] = None\n"
        "import numpy as np, fer_edge\n"
        "print(fer_edge.Frame.of(np.zeros((4, 4), np.uint8)).image.shape)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "(4, 4)\n"


def test_the_frame_keeps_its_picture_when_the_buffer_is_used_anew() -> None:
    for encoding in (None, *BYTES_A_PIXEL):
        pixels = np.ascontiguousarray(BGR if encoding is None else packed(encoding)).copy()
        frame = Frame.of(pixels, encoding=encoding)
        before = frame.image.copy()
        pixels[:] = 0
        assert np.array_equal(frame.image, before)
    buffer = bytearray(BGR.tobytes())
    frame = Frame.of(buffer, encoding="bgr8", width=WIDTH, height=HEIGHT)
    buffer[:] = bytes(len(buffer))
    assert np.array_equal(frame.image, BGR)
    pixels = BGR.copy()
    assert Frame.of(pixels, copy=False).image is pixels
    assert np.shares_memory(Frame.of(pixels, encoding="bgr8", copy=False).image, pixels)


def test_the_ros_example_of_the_docs_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (ROOT / "docs" / "frames.md").read_text("utf-8")
    names: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], names)
    portrait = read_picture(PORTRAIT_FILE)
    height, width = portrait.shape[:2]
    message = types.SimpleNamespace(
        data=array.array("B", portrait.tobytes()),
        encoding="bgr8",
        width=width,
        height=height,
        step=3 * width,
        header=types.SimpleNamespace(stamp=types.SimpleNamespace(sec=1_700_000_000, nanosec=5)),
    )
    names["on_image"](message)
    assert capsys.readouterr().out == "happy\n"
    content = array.array("B", PORTRAIT_FILE.read_bytes())
    names["on_compressed"](types.SimpleNamespace(data=content, format="rgb8; jpeg compressed bgr8"))
    first_columns = " ".join(row.split(" | ")[0] for row in page.splitlines())
    assert set(ENCODINGS) <= set(re.findall(r"`(\w+)`", first_columns))
