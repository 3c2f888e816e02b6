"""Every kind of picture file is read, turned as it says, and only its first picture."""

from __future__ import annotations

import logging
import os
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pil

from fer_edge import read_picture
from fer_edge.pictures.decoding import decode_picture
from tests.runtime.picture_files import FILES, OF_SEVERAL, bgr, portrait, saved


@pytest.mark.parametrize("name", FILES)
def test_every_kind_is_read_as_pillow_reads_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / "no suffix tells"
    path.write_bytes(FILES[name])
    image = read_picture(path)
    assert image.dtype == np.uint8
    with Pil.open(path) as expected:
        assert np.abs(image - bgr(expected)).mean() < 1.5


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_their_exif_data_say(form: str, orientation: int) -> None:
    undo = {
        2: Pil.Transpose.FLIP_LEFT_RIGHT,
        3: Pil.Transpose.ROTATE_180,
        4: Pil.Transpose.FLIP_TOP_BOTTOM,
        5: Pil.Transpose.TRANSPOSE,
        6: Pil.Transpose.ROTATE_90,
        7: Pil.Transpose.TRANSVERSE,
        8: Pil.Transpose.ROTATE_270,
    }.get(orientation)
    picture = portrait().resize((160, 120))
    exif = Pil.Exif()
    exif[0x0112] = orientation
    data = saved(form, picture if undo is None else picture.transpose(undo), exif=exif, quality=95)
    image = decode_picture(data)
    assert image.shape == (120, 160, 3)
    assert np.abs(image - bgr(picture)).mean() < 5
    if form in ("PNG", "WEBP"):
        # With an alpha channel they are decoded on another way.
        rgba = picture.convert("RGBA") if undo is None else picture.convert("RGBA").transpose(undo)
        image = decode_picture(saved(form, rgba, exif=exif, quality=95))
        assert np.abs(image - bgr(picture)).mean() < 5


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["H", "I"])
def test_a_jpeg_is_turned_also_where_other_notes_come_first(order: str, kind: str) -> None:
    entry = struct.pack(f"{order}HHI", 0x0112, {"H": 3, "I": 4}[kind], 1)
    tiff = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}IH", 8, 1) + entry
    exif = b"Exif\0\0" + tiff + struct.pack(order + kind, 6).ljust(4, b"\0") + bytes(4)
    notes = (b"http://ns.adobe.com/xap/1.0/\0<x/>", exif)
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(one) + 2) + one for one in notes)
    data = saved("JPEG", portrait().resize((160, 120)))
    assert decode_picture(data[:2] + segments + data[2:]).shape == (160, 120, 3)


@pytest.mark.parametrize("name", OF_SEVERAL)
def test_of_several_pictures_the_first_is_read_and_that_is_told(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "several").write_bytes(FILES[name])
    with caplog.at_level(logging.INFO):
        read_picture(tmp_path / "several")
    assert "several holds several pictures: the first is read" in caplog.text


def test_a_picture_of_one_row_is_read(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "row.png"), np.full((1, 100_000, 3), 7, np.uint8))
    assert read_picture(tmp_path / "row.png").shape == (1, 100_000, 3)


def test_odd_names_are_read(tmp_path: Path) -> None:
    for name in (b"latin1_\xe9.jpg", "мама 100%s{}.jpg".encode(), b"-dash.jpg", b"a:b.jpg"):
        path = Path(os.fsdecode(bytes(tmp_path) + b"/" + name))
        path.write_bytes(FILES["jpeg"])
        assert read_picture(path).shape == (160, 160, 3)
