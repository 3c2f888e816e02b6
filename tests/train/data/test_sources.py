"""FER2013 is read in each of its forms, and what is wrong with it is named."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.train.conftest import WholeFer2013
from train.data.faces import SPLITS, Faces
from train.data.sources import read_source, read_votes
from train.data.sources.votes import majority, shares
from train.errors import DatasetError

HEADER = "emotion,pixels,Usage\n"
ROW = "3," + " ".join(["7"] * 2304) + ",Training\n"


def table(folder: Path, text: str) -> Path:
    path = folder / "fer2013.csv"
    path.write_text(text, "utf-8")
    return path


def counts(faces: Faces) -> list[list[int]]:
    return [np.bincount(faces.label[faces.split == n], minlength=7).tolist() for n in range(3)]


def test_the_real_archive_is_read_whole_fast_and_once(
    shared: Callable[[str], Path], whole: WholeFer2013
) -> None:
    """Seconds are the process's own, which a busy machine does not change."""
    assert whole.seconds < 60
    assert whole.megabytes < 1500
    data = whole.data
    assert data.was_cached
    assert counts(data.faces) == [
        [3995, 436, 4097, 7215, 4831, 3171, 4964],
        [467, 56, 496, 895, 653, 415, 607],
        [491, 55, 528, 879, 594, 416, 626],
    ]
    votes = read_votes(shared("data/fer2013new.csv"))
    private = data.faces.only("PrivateTest")
    winners = majority(votes.of(private))
    assert (winners >= 0).sum() == 3137
    assert (winners == private.label)[winners >= 0].mean() == pytest.approx(0.674, abs=0.001)


def test_the_real_folder_version_is_read_from_its_zip(shared: Callable[[str], Path]) -> None:
    faces = read_source(shared("data/fer2013_folders.zip"))
    sizes = [int((faces.split == n).sum()) for n in range(len(SPLITS))]
    assert sizes == [7178, 3589, 3589]
    assert faces.images.shape[1:] == (48, 48, 1)
    with pytest.raises(DatasetError, match=r"rows of fer2013\.csv"):
        read_votes(shared("data/fer2013new.csv")).of(faces)


def test_every_form_gives_the_same_faces(tables: Path, tmp_path: Path) -> None:
    source = tables / "fer2013.csv"
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        tar.add(source, "fer2013/fer2013.csv")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(source, "fer2013.csv")
    expected = read_source(source)
    for form in (tmp_path / "a.tar.gz", tmp_path / "a.zip", tables):
        assert (read_source(form).images == expected.images).all()


def test_a_folder_unpacked_or_zipped_is_the_same(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    with zipfile.ZipFile(shared("data/fer2013_folders.zip")) as archive:
        names = [n for n in archive.namelist() if n.endswith(".jpg")][::200]
        archive.extractall(tmp_path / "folder", names)
    faces = read_source(tmp_path / "folder")
    assert len(faces) == len(names)
    with zipfile.ZipFile(tmp_path / "again.zip", "w") as archive:
        for name in names:
            archive.write(tmp_path / "folder" / name, f"deeper/{name}")
    assert (read_source(tmp_path / "again.zip").images == faces.images).all()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "9,1 2 3,Training\n",
            r"row 2: emotion must be a number \(0 angry, .*, 7 contempt\), got '9'",
        ),
        ("happy,1 2 3,Training\n", "row 2: emotion must be"),
        ("3,1 2 3,Training\n", "row 2: expected 2304 pixels, got 3"),
        ("3,,Training\n", "row 2: expected 2304 pixels"),
        (ROW.replace("7,", "300,"), r"row 2: pixels must be 0\.\.255, got 7\.\.300"),
        (ROW.replace("7,", "-1,"), r"row 2: pixels must be 0\.\.255"),
        (ROW.replace("7,", "seven,"), "row 2: pixels must be whole numbers"),
        (ROW.replace("Training", "Testing"), "row 2: Usage must be one of Training"),
        ("3\n", "row 2: a row with too few columns"),
    ],
)
def test_a_bad_row_is_named_and_skipped_on_request(row: str, message: str, tmp_path: Path) -> None:
    path = table(tmp_path, HEADER + ROW + row + ROW)
    with pytest.raises(DatasetError, match=rf"fer2013\.csv, {message}"):
        read_source(path)
    faces = read_source(path, skip_bad=True)
    assert faces.row.tolist() == [0, 2]
    assert len(faces.images) == len(faces.label) == 2


def test_columns_may_be_written_in_capitals_or_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    row = ROW.replace("Training", "PublicTest")
    for header in ("emotion,pixels,usage\n", "Emotion, Pixels, USAGE\n"):
        assert read_source(table(tmp_path, header + row)).split.tolist() == [1]
    assert caplog.text == ""


def test_other_columns_and_no_rows_are_errors(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="expected the columns emotion, pixels and"):
        read_source(table(tmp_path, "a,b\n1,2\n"))
    with pytest.raises(DatasetError, match="holds no faces"):
        read_source(table(tmp_path, HEADER))
    with pytest.raises(DatasetError, match="expected the columns"):
        read_source(table(tmp_path, ""))


def test_archives_cut_short_or_hostile_are_errors(tables: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.tar.gz"
    with tarfile.open(whole, "w:gz") as tar:
        tar.add(tables / "fer2013.csv", "fer2013/fer2013.csv")
    data = whole.read_bytes()
    for kept in (0, 5, 600, len(data) // 2):
        (tmp_path / "cut.tar.gz").write_bytes(data[:kept])
        with pytest.raises(DatasetError, match=r"cut\.tar\.gz"):
            read_source(tmp_path / "cut.tar.gz")
    with zipfile.ZipFile(tmp_path / "climbs.zip", "w") as archive:
        archive.writestr("../../fer2013.csv", HEADER + ROW)
    with pytest.raises(DatasetError, match="climbs out"):
        read_source(tmp_path / "climbs.zip")
    with tarfile.open(tmp_path / "empty.tar", "w") as tar:
        tar.add(tables / "fer2013new.csv", "votes.csv")
    with pytest.raises(DatasetError, match=r"holds no fer2013\.csv"):
        read_source(tmp_path / "empty.tar")
    (tmp_path / "lone.gz").write_bytes(gzip.compress(b"text"))
    with pytest.raises(DatasetError, match="of an unknown kind"):
        read_source(tmp_path / "lone.gz")
    with pytest.raises(DatasetError, match="does not exist"):
        read_source(tmp_path / "nothing")


def test_bad_pictures_of_a_folder_are_named(tmp_path: Path, portrait: Path) -> None:
    happy = tmp_path / "train" / "happy"
    happy.mkdir(parents=True)
    (happy / "Training_1.jpg").write_bytes(portrait.read_bytes())
    assert read_source(tmp_path).images.shape == (1, 48, 48, 1)
    (happy / "Training_2.jpg").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"train/happy/Training_2\.jpg: not a picture"):
        read_source(tmp_path)
    assert len(read_source(tmp_path, skip_bad=True)) == 1
    (tmp_path / "train" / "bored").mkdir()
    (tmp_path / "train" / "bored" / "Training_3.jpg").write_bytes(portrait.read_bytes())
    with pytest.raises(DatasetError, match="its folder must be one of angry"):
        read_source(tmp_path)


def test_a_folder_without_classes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no folders of pictures"):
        read_source(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=2000), st.booleans())
def test_any_bytes_are_a_dataset_error(tmp_path: Path, data: bytes, has_header: bool) -> None:
    path = tmp_path / "fer2013.csv"
    path.write_bytes(HEADER.encode() + data if has_header else data)
    with pytest.raises(DatasetError):
        read_source(path)


def test_votes_follow_the_rule_of_their_authors() -> None:
    # Columns: the seven emotions in FER2013's order, contempt, unknown, not a face.
    counts = np.array(
        [
            [0, 0, 0, 8, 1, 1, 0, 0, 0, 0],  # happy
            [0, 0, 0, 5, 0, 0, 5, 0, 0, 0],  # a tie
            [1, 1, 1, 2, 1, 1, 1, 1, 1, 0],  # single votes are dropped: happy
            [0, 0, 0, 2, 0, 0, 0, 8, 0, 0],  # contempt
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 10],  # not a face
            [3, 3, 0, 4, 0, 0, 0, 0, 0, 0],  # no more than half
        ]
    )
    assert majority(counts).tolist() == [3, -1, 3, -1, -1, -1]
    assert shares(counts)[0] == pytest.approx([0, 0, 0, 0.8, 0.1, 0.1, 0])
    assert shares(counts)[3].sum() == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("happiness", "joy"), "lacks the FER\\+ columns happiness"),
        ((",0,0,0,", ",0,x,0,"), "row 1"),
        ((",0,0,0,", ",0,77,0,"), r"row 1: a count of votes must be 0\.\.10, got '77'"),
        (("Training", "Testing"), "row 1: Usage must be one of Training, .*, got 'Testing'"),
        (("Training", "Training\nTraining"), "row 1: a count of votes must be .*, got nothing"),
    ],
)
def test_wrong_votes_are_named(
    change: tuple[str, str], message: str, tables: Path, tmp_path: Path
) -> None:
    text = (tables / "fer2013new.csv").read_text("utf-8").replace(*change, 1)
    (tmp_path / "votes.csv").write_text(text, "utf-8")
    with pytest.raises(DatasetError, match=message):
        read_votes(tmp_path / "votes.csv")


def test_votes_of_other_faces_are_refused(tables: Path, tmp_path: Path) -> None:
    faces = read_source(tables)
    lines = (tables / "fer2013new.csv").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "votes.csv").write_text("".join(lines[:100]), "utf-8")
    with pytest.raises(DatasetError, match="not of the same"):
        read_votes(tmp_path / "votes.csv").of(faces)
