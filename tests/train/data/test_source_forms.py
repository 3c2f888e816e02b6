"""Nothing of a dataset is guessed or left out without a word: splits, forms, names."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from train.data.prepared import prepare
from train.data.sources import read_source, read_votes
from train.errors import DatasetError

TABLE = "emotion,pixels,Usage\n3," + " ".join(["7"] * 2304) + ",Training\n"


def pictures(folder: Path, *names: str) -> Path:
    """One picture by each of these names."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = cv2.imencode(".png", np.full((50, 50), 90, np.uint8))[1]
        path.write_bytes(data.tobytes())
    return folder


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, TABLE)
    return path


def test_the_names_of_test_splits_are_known(tmp_path: Path) -> None:
    names = ("Training/sad/a.png", "valid/sad/b.png", "PublicTest/sad/c.png", "testing/sad/f.png")
    faces = read_source(pictures(tmp_path, *names, "PrivateTest/sad/d.png", "val/sad/e.png"))
    # In the order of names: PrivateTest, PublicTest, Training, testing, val, valid.
    assert faces.split.tolist() == [2, 1, 0, 2, 1, 1]


def test_a_folder_that_is_no_split_beside_splits_is_not_learned_from(tmp_path: Path) -> None:
    pictures(tmp_path, "train/sad/a.png", "holdout/sad/b.png")
    with pytest.raises(DatasetError, match=r"holdout/sad/b\.png: .*one of train, .*got 'holdout'"):
        read_source(tmp_path)
    with pytest.raises(DatasetError, match="got 'holdout'"):
        read_source(tmp_path, skip_bad=True)


def test_without_split_folders_all_are_for_training_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pictures(tmp_path / "one", "sad/a.png", "happy/c.png")
    assert read_source(tmp_path / "one").split.tolist() == [0, 0]
    assert not caplog.text
    pictures(tmp_path / "two", "Ann/sad/a.png", "bob/sad/b.png", "happy/c.png")
    assert read_source(tmp_path / "two").split.tolist() == [0, 0, 0]
    assert "all are for training: (none), ann, bob" in caplog.text


def test_folders_between_a_split_and_its_emotions_hide_no_test_split(tmp_path: Path) -> None:
    pictures(tmp_path, "test/ann/sad/a.png", "train/bob/sad/b.png", "test/train/sad/c.png")
    # In the order of names. The nearest folder counts.
    assert read_source(tmp_path).split.tolist() == [2, 0, 0]


def test_other_pictures_are_read_and_other_files_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pictures(tmp_path, "sad/a.bmp", "sad/b.JFIF", "sad/c.tiff", "sad/d.webp", "happy/e.jpe")
    pictures(tmp_path, "sad/.hidden.png", "__MACOSX/sad/._a.png")
    assert not caplog.messages
    (tmp_path / "sad" / "f.gif").write_bytes(b"GIF89a")
    pictures(tmp_path, "lone.png")
    assert len(read_source(tmp_path)) == 5
    (told,) = caplog.messages
    assert "2 files are no pictures" in told
    assert "the first is lone.png" in told


def test_names_need_not_be_utf8(tmp_path: Path) -> None:
    source = pictures(tmp_path / "source", "sad/a.png")
    os.rename(source / "sad" / "a.png", os.fsencode(source / "sad") + b"/\xff.png")
    data = prepare(source, tmp_path / "cache")
    assert len(data.faces) == 1
    assert prepare(source, tmp_path / "cache").was_cached


def test_which_of_several_tables_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds train\.csv, test\.csv: which of it"):
        read_source(zipped(tmp_path / "two.zip", "train.csv", "test.csv"))
    with pytest.raises(DatasetError, match=r"holds labels\.csv beside pictures"):
        read_source(zipped(tmp_path / "both.zip", "labels.csv", "train/sad/a.png"))
    with pytest.raises(DatasetError, match=r"holds a/fer2013\.csv, b/fer2013\.csv"):
        read_source(zipped(tmp_path / "same.zip", "a/fer2013.csv", "b/fer2013.csv"))
    known = zipped(tmp_path / "named.zip", "a.csv", "fer2013.csv", "__MACOSX/._fer2013.csv")
    assert len(read_source(known)) == 1


def test_tables_may_begin_with_a_byte_order_mark(tables: Path, tmp_path: Path) -> None:
    """As spreadsheets write them."""
    for name in ("fer2013.csv", "fer2013new.csv"):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + (tables / name).read_bytes())
    faces, votes = read_source(tmp_path), read_votes(tmp_path / "fer2013new.csv")
    assert (faces.images == read_source(tables).images).all()
    assert (votes.of(faces) == read_votes(tables / "fer2013new.csv").of(faces)).all()


def test_only_what_is_named_so_is_fer2013(tables: Path, tmp_path: Path) -> None:
    """Its labels are then compared with others' figures."""
    shutil.copy(tables / "fer2013.csv", tmp_path / "mine.csv")
    named = {
        tables / "fer2013.csv": "fer2013",
        tmp_path / "mine.csv": "labels",
        pictures(tmp_path / "own", "train/sad/a.png", "test/happy/b.png"): "labels",
        pictures(tmp_path / "as", "train/sad/Training_1.png", "test/sad/PrivateTest_2.png"): (
            "fer2013"
        ),
        pictures(tmp_path / "some", "train/sad/Training_1.png", "test/sad/b.png"): "labels",
    }
    for source, truth in named.items():
        assert read_source(source).truth == truth, source
        for _ in range(2):
            assert prepare(source, tmp_path / "cache").faces.truth == truth, "out of the cache, too"
