"""Picture files give the right colours: deep, transparent, and in another order."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pil

from fer_edge import PictureError, read_picture
from fer_edge.pictures.decoding import decode_picture
from tests.runtime.picture_files import bgr, portrait, saved


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    deep = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    for suffix in (".png", ".tif", ".pgm"):
        path = tmp_path / f"deep{suffix}"
        cv2.imwrite(str(path), deep)
        assert (read_picture(path)[..., 0] == deep >> 8).all()
    colours = np.dstack([deep, deep.T, deep, deep[::-1]])
    cv2.imwrite(str(tmp_path / "alpha.png"), colours)
    image = read_picture(tmp_path / "alpha.png").astype(float)
    shares = (colours[..., 3:] >> 8) / 255.0
    assert np.abs(image - ((colours[..., :3] >> 8) * shares + 255 * (1 - shares))).max() <= 1


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_what_is_transparent_is_white(form: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 4), np.uint8)
    noise[..., 3] = 0
    noise[10:30, 20:40] = (10, 200, 90, 255)
    options = {"lossless": True, "exact": True} if form == "WEBP" else {}
    image = decode_picture(saved(form, Pil.fromarray(noise), **options))
    assert (image[10:30, 20:40] == (90, 200, 10)).all()
    image[10:30, 20:40] = 255
    assert (image == 255).all()


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_what_is_half_transparent_is_half_white(form: str) -> None:
    half = np.full((40, 60, 4), (200, 100, 50, 128), np.uint8)
    options = {"lossless": True} if form == "WEBP" else {}
    image = decode_picture(saved(form, Pil.fromarray(half), **options))
    assert np.abs(image - np.array([152.3, 177.2, 227.4])).max() <= 1


def test_a_transparent_colour_of_a_palette_is_white() -> None:
    picture = portrait().quantize(16)
    data = saved("PNG", picture, transparency=3)
    expected = bgr(picture)
    expected[np.asarray(picture) == 3] = 255
    assert np.abs(decode_picture(data) - expected).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "I;16"])
def test_a_transparent_grey_is_white(mode: str) -> None:
    levels = np.tile(np.array([[0, 50, 100, 255]], np.uint8), (4, 1))
    deep = levels.astype(np.uint16) * 257
    picture = Pil.fromarray(deep if mode == "I;16" else levels).convert(mode)
    given = np.asarray(picture.convert("L"), np.int32) if mode != "I;16" else levels
    hidden = 50 * 257 if mode == "I;16" else 50 if mode == "L" else 0
    shown = np.where(given == (hidden if mode != "I;16" else 50), 255, given)
    read = decode_picture(saved("PNG", picture, transparency=hidden))
    assert (read == shown[:, :, None]).all()


@pytest.mark.parametrize("white", [1, 15, 100, 254, 255, 256, 1023, 4095, 65534, 65535])
@pytest.mark.parametrize("kind", [2, 3, 5, 6])
def test_a_pnm_is_as_bright_as_its_white_says(kind: int, white: int) -> None:
    levels = [0, white // 3, white // 2, white - 1, white, white]
    sides = "6 1" if kind in (2, 5) else "2 1"
    form = ">6H" if white > 255 else "6B"
    body = struct.pack(form, *levels) if kind > 4 else f"{' '.join(map(str, levels))}\n".encode()
    read = decode_picture(f"P{kind} {sides} {white}\n".encode() + body)
    found = read[0, :, 0] if kind in (2, 5) else read[0, :, ::-1].ravel()
    assert np.abs(found - np.array(levels) * 255 / white).max() < 1


@pytest.mark.parametrize(
    ("content", "damaged"),
    [
        (b"P5 2 1 100\n\x64\x65", True),
        (b"P5 2 1 100\n\x64\x64\xff", False),
        (b"P6 1 1 1000\n\0\0\x03\xe9\0\0", True),
        (b"P2 2 1 100\n# 500\n100 101\n", True),
        (b"P2 2 1 255\n255 256", True),
        (b"P2 2 1 255\n255 # 256\n255", False),
        (b"P1 2 1\n01\n", False),
        (b"P2 2 1 255\n12,256   ", True),
        (b"P2 2 1 100\n100\x00100 500", False),
        (b"P2 2 1 255\n255 2147483647", True),
    ],
)
def test_levels_above_white_are_told(
    content: bytes, damaged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    assert decode_picture(content, name="dark.pgm").max() == 255
    assert ("dark.pgm is damaged: what is above the white" in caplog.text) == damaged


def bmp_of(pixel: bytes, masks: tuple[int, ...], header: int) -> bytes:
    """One pixel of 32 bits; the masks are in the header, or follow it."""
    start = 14 + max(header, 52)
    fields = struct.pack("<IiiHHIIiiII", header, 1, 1, 1, 32, 3, 4, 0, 0, 0, 0)
    told = (fields + struct.pack(f"<{len(masks)}I", *masks)).ljust(start - 14, b"\0")
    return b"BM" + struct.pack("<IHHI", start + 4, 0, 0, start) + told + pixel


@pytest.mark.parametrize("header", [40, 52, 56, 108, 124])
def test_a_bmp_has_its_own_order_of_colours_or_is_refused(header: int) -> None:
    usual = bmp_of(bytes([1, 2, 3, 255]), (0xFF0000, 0xFF00, 0xFF), header)
    assert decode_picture(usual)[0, 0].tolist() == [1, 2, 3]
    others = [
        bmp_of(bytes([3, 2, 1, 255]), (0xFF, 0xFF00, 0xFF0000), header),
        bmp_of(bytes([255, 1, 2, 3]), (0xFF000000, 0xFF0000, 0xFF00), header),
    ]
    for other in others:
        if header < 56:
            with pytest.raises(PictureError, match="an order of colours that OpenCV does not"):
                decode_picture(other)
        else:
            assert decode_picture(other)[0, 0].tolist() == [1, 2, 3]


def test_a_grey_tiff_with_alpha_is_refused() -> None:
    with pytest.raises(PictureError, match="is a grey TIFF with transparency"):
        decode_picture(saved("TIFF", Pil.new("LA", (8, 8), (90, 0))))


@pytest.mark.parametrize("header", [40, 52, 56, 108, 124])
def test_a_bmps_alpha_counts_where_its_header_has_a_mask_of_it(header: int) -> None:
    masks = (0xFF0000, 0xFF00, 0xFF, *([0xFF000000] if header >= 56 else []))
    for alpha, seen in ((0, 255), (255, 90)):
        pixel = bytes([90, 90, 90, alpha])
        expected = seen if header >= 56 else 90
        assert decode_picture(bmp_of(pixel, masks, header)).max() == expected
    if header >= 56:
        with pytest.raises(PictureError, match="an order of alpha that OpenCV does not read"):
            decode_picture(bmp_of(bytes(4), (0xFF00, 0xFF0000, 0xFF000000, 0xFF), header))


@pytest.mark.parametrize("text", ["P2 2 2 255 1 2 3 4", "P3 1 1 255 4 3 2", "P1 2 1 1 0"])
def test_a_pnm_of_text_may_end_with_its_last_digit(text: str) -> None:
    with_line_end = decode_picture(text.encode() + b"\n")
    np.testing.assert_array_equal(decode_picture(text.encode()), with_line_end)
