"""Faces without labels: cut as the runtime cuts them, and none that a network is measured by."""

from __future__ import annotations

import json
import logging
import math
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from fer_edge.face import Box
from fer_edge.model_input import model_input
from train.data.prepared import Prepared
from train.data.sources.folders import WHOLE_PICTURE
from train.data.sources.marked_faces import has_marked_faces, read_marked_faces
from train.data.unlabelled import read_unlabelled
from train.errors import DatasetError

Marks = list[dict[str, Any]]


def _mark(x: float, y: float, side: float, **more: Any) -> dict[str, Any]:
    return {"bbox": [x, y, side, side], **more}


def _zip(path: Path, pictures: list[tuple[str, npt.NDArray[np.uint8], Marks]]) -> Path:
    table: dict[str, Any] = {"images": [], "annotations": []}
    with zipfile.ZipFile(path, "w") as archive:
        for number, (source, image, marks) in enumerate(pictures):
            name = f"train/{source}/{number}.png"
            archive.writestr(name, cv2.imencode(".png", image)[1].tobytes())
            table["images"].append({"id": number, "file_name": name, "source": source})
            table["annotations"] += [{"image_id": number, **mark} for mark in marks]
        archive.writestr("annotations/train.json", json.dumps(table))
        archive.writestr("annotations/val.json", "never read")
    return path


def _scene(face: npt.NDArray[np.uint8], side: int = 80) -> npt.NDArray[np.uint8]:
    """A face at (40, 30) in a picture of its edge's pixels."""
    large = cv2.resize(face[:, :, 0], (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.copyMakeBorder(large, 30, 30, 40, 40, cv2.BORDER_REPLICATE), np.uint8)


def test_faces_are_cut_as_the_runtime_cuts_them(
    data: Prepared, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    scene = _scene(data.faces.images[0])
    lean = math.tan(math.radians(20))
    eyes = [60, 60, 2, 100, 60 + 40 * lean, 2, *[0] * 9]
    marks = [
        _mark(40, 30, 80),
        _mark(40, 30, 80, keypoints=eyes),
        _mark(40, 30, 80, keypoints=[0] * 15),
        _mark(100, 30, 31),
        _mark(40, 30, 80, iscrowd=1),
    ]
    path = _zip(tmp_path / "faces.zip", [("street", scene, marks), ("news", scene, marks[:1])])
    assert has_marked_faces(path)
    with caplog.at_level(logging.INFO):
        crops = read_marked_faces(path)
    square = Box(40, 30, 80, 80).square(0.9)
    upright = model_input(scene, square, WHOLE_PICTURE)
    assert (crops[0] == upright).all()
    assert (crops[1] == model_input(scene, square, WHOLE_PICTURE, 20.0)).all()
    assert (crops[1] != crops[0]).any()
    assert (crops[2] == upright).all()
    assert crops.shape == (3, 48, 48, 1)
    (line,) = caplog.messages
    assert line.startswith("3 faces without labels from")
    assert "1 smaller than 32 pixels" in line
    assert "1 to be ignored" in line
    assert "1 that are drawn over" in line


def test_faces_to_be_measured_by_are_left_out(
    data: Prepared, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    faces = data.faces
    shown = [faces.only(split).images[3] for split in ("Training", "PublicTest", "PrivateTest")]
    side = round(80 / 0.9)
    # The square, nine tenths of the box, is the very face.
    marks = [_mark(40 - (side - 80) / 2, 30 - (side - 80) / 2, side)]
    path = _zip(tmp_path / "faces.zip", [("street", _scene(face), marks) for face in shown])
    with caplog.at_level(logging.INFO):
        images = read_unlabelled(path, faces, faces.split > 0, tmp_path)
    assert len(images) == 1
    assert np.corrcoef(images[0].ravel(), shown[0].ravel())[0, 1] > 0.98
    assert "2 of them are in a test split" in caplog.text
    only = _zip(tmp_path / "tested.zip", [("street", _scene(shown[1]), marks)])
    with pytest.raises(DatasetError, match="no faces that are not in a test split"):
        read_unlabelled(only, faces, faces.split > 0, tmp_path)


def test_of_labelled_faces_training_is_taken(data: Prepared, tables: Path, tmp_path: Path) -> None:
    images = read_unlabelled(tables / "fer2013.csv", data.faces, data.faces.split > 0, tmp_path)
    assert 370 < len(images) <= 384
    assert (
        not (images[:, None, ::8, ::8] == data.faces.only("PublicTest").images[None, :, ::8, ::8])
        .all(axis=(2, 3, 4))
        .any()
    )


def test_a_zip_that_is_cut_short_is_one_error(data: Prepared, tmp_path: Path) -> None:
    path = tmp_path / "faces.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("annotations/train.json", "{}")
    content = path.read_bytes()
    # The list of members is damaged, and what says where it lies is whole.
    path.write_bytes(content.replace(b"PK\1\2", b"PK\0\0"))
    with pytest.raises(DatasetError):
        read_unlabelled(path, data.faces, data.faces.split > 0, tmp_path)


@pytest.mark.parametrize("spoilt", ["no table", "no picture", "no bbox", "no faces"])
def test_damage_is_one_error(spoilt: str, data: Prepared, tmp_path: Path) -> None:
    path = tmp_path / "faces.zip"
    mark = {"image_id": 1, "bbox": [1, 1, 60, 60]}
    table = {"images": [{"id": 1, "file_name": "a.png"}], "annotations": [mark]}
    if spoilt == "no bbox":
        del mark["bbox"]
    if spoilt == "no faces":
        table["annotations"] = []
    with zipfile.ZipFile(path, "w") as archive:
        text = "[]" if spoilt == "no table" else json.dumps(table)
        archive.writestr("annotations/train.json", text)
    with pytest.raises(DatasetError, match=r"COCO's form|marks no face"):
        read_unlabelled(path, data.faces, data.faces.split > 0, tmp_path)
