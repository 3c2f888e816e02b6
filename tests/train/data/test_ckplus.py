"""CK+ is read as folders of pictures and as pixel strings, and FER2013's tests of it still hold."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from train.data.sources import read_source
from train.data.sources.fer2013_table import ALL_LABELS
from train.errors import DatasetError

NUMBERS = {"anger": 0, "disgust": 1, "fear": 2, "happy": 3, "sadness": 4, "surprise": 5}
"""Of CK+'s pixel strings, after FER2013's; contempt is 7."""


def rows(archive: Path, usage: bool) -> tuple[list[str], np.ndarray]:
    """The real pictures as lines of a table, and themselves."""
    lines, images = [], []
    with zipfile.ZipFile(archive) as file:
        names = sorted(name for name in file.namelist() if name.endswith(".png"))[::9]
        for place, name in enumerate(names):
            data = np.frombuffer(file.read(name), np.uint8)
            image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
            assert image is not None
            images.append(image)
            number = NUMBERS.get(name.split("/")[-2], 7)
            pixels = " ".join(map(str, image.ravel()))
            split = ("Training", "PublicTest", "PrivateTest")[place % 3]
            lines.append(f"{number},{pixels}" + (f",{split}" if usage else ""))
    return lines, np.stack(images)[..., np.newaxis]


def test_the_real_folders_are_read_with_their_subjects(shared: Callable[[str], Path]) -> None:
    faces = read_source(shared("data/ckplus48.zip"))
    assert len(faces) == 981
    assert faces.labels == ALL_LABELS
    assert np.bincount(faces.label).tolist() == [135, 177, 75, 207, 84, 249, 0, 54]
    assert len(set(faces.person.tolist())) == 118
    assert (faces.split == 0).all()
    assert not faces.is_fer2013_table


@pytest.mark.parametrize("usage", [True, False])
def test_pixel_strings_give_the_same_pictures(
    usage: bool, shared: Callable[[str], Path], tmp_path: Path
) -> None:
    lines, images = rows(shared("data/ckplus48.zip"), usage)
    table = tmp_path / "ckextended.csv"
    header = "emotion,pixels,Usage" if usage else "emotion,pixels"
    table.write_text("\n".join([header, *lines]) + "\n", "utf-8")
    faces = read_source(table)
    assert (faces.images == images).all()
    assert faces.labels == ALL_LABELS
    assert set(faces.split.tolist()) == ({0, 1, 2} if usage else {0})
    assert (faces.person == -1).all()
    assert not faces.is_fer2013_table


def test_split_folders_and_other_names_of_emotions(tmp_path: Path) -> None:
    picture = np.full((60, 60), 90, np.uint8)
    for name in ("train/happiness/a.png", "validation/SAD/b.jpg", "test/surprised/c.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        cv2.imwrite(str(path), picture)
    faces = read_source(tmp_path)
    assert [faces.labels[number] for number in faces.label] == ["surprise", "happy", "sad"]
    assert faces.split.tolist() == [2, 0, 1]
    assert faces.images.shape == (3, 48, 48, 1)


def test_folders_that_are_no_emotions_are_named(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    cv2.imwrite(str(tmp_path / "holiday" / "beach.png"), np.zeros((9, 9), np.uint8))
    with pytest.raises(DatasetError, match=r"holiday/beach\.png: its folder must be one of angry"):
        read_source(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="no folders of pictures; expected <emotion>/<file>"):
        read_source(tmp_path / "empty")
