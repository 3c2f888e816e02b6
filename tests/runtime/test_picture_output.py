"""Pictures are written whole, in the format of their name, and over nothing."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_edge import Box, Emotion, Face, OutputError, PictureError, Reading, annotate, read_picture
from fer_edge.annotation import COLOUR
from fer_edge.cameras.sample import PORTRAIT_FILE
from fer_edge.pictures.headers import read_header
from fer_edge.pictures.picture_output import SUFFIXES, write_picture

PICTURE = read_picture(PORTRAIT_FILE)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".PNG"])
def test_the_suffix_says_the_format(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / f"x{suffix}"
    write_picture(path, PICTURE)
    names = {".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WebP", ".tif": "TIFF"}
    expected = names.get(suffix, suffix[1:].upper())
    assert read_header(path.read_bytes()).format == expected
    assert np.abs(read_picture(path).astype(int) - PICTURE).mean() < 2
    assert left_in(path.parent) == [path.name]
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_grey_pictures_are_written_too(tmp_path: Path) -> None:
    write_picture(tmp_path / "grey.png", PICTURE[..., 0])
    assert (read_picture(tmp_path / "grey.png")[..., 2] == PICTURE[..., 0]).all()


@pytest.mark.parametrize("name", ["x.txt", "x", "x.heic", ".png", "x.jpg.part"])
def test_an_unknown_suffix_is_refused_by_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"ends in one of \.jpg, .*, got"):
        write_picture(tmp_path / name, PICTURE)
    assert left_in(tmp_path) == []


def test_an_existing_file_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(b"mine")
    with pytest.raises(OutputError, match="it exists already, and is not overwritten") as caught:
        write_picture(path, PICTURE)
    assert caught.value.errno == errno.EEXIST
    assert path.read_bytes() == b"mine"
    (tmp_path / "link.png").symlink_to("nowhere.png")
    with pytest.raises(OutputError, match="it exists already"):
        write_picture(tmp_path / "link.png", PICTURE)
    assert left_in(tmp_path) == ["link.png", "x.png"]
    write_picture(path, PICTURE, overwrite=True)
    assert (read_picture(path) == PICTURE).all()


@pytest.mark.parametrize("links", [True, False])
def test_of_many_who_write_one_name_one_wins_and_all_others_hear_of_it(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:
        # As on the FAT of a memory card.
        def refuse(*_: Any) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
    # All have seen that there is no such file.
    monkeypatch.setattr(os.path, "lexists", lambda _: False)
    start, won, refused = threading.Barrier(8), [], []

    def work(number: int) -> None:
        picture = np.full((40, 40, 3), number, np.uint8)
        start.wait()
        try:
            write_picture(tmp_path / "x.png", picture)
            won.append(number)
        except OutputError as error:
            refused.append(error.errno)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [errno.EEXIST] * 7
    assert (read_picture(tmp_path / "x.png") == won).all()
    assert left_in(tmp_path) == ["x.png"]


def test_what_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    for name, told, options in (
        ("x" * 300 + ".png", "File name too long", {}),
        ("file/x.png", "expected a folder, and .*file is none", {}),
        ("nul\0.png", "null", {}),
        ("folder.png", "exists already", {}),
        ("folder.png", "Is a directory", {"overwrite": True}),
        ("/proc/x.png", "cannot be written", {}),
    ):
        with pytest.raises(OutputError, match=told) as caught:
            write_picture(tmp_path / name, PICTURE, **options)
        assert caught.value.errno or "nul" in name
        assert len(str(caught.value).splitlines()) == 1
    assert left_in(tmp_path) == ["file", "folder.png"]

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"full.png cannot be written: No space left on device"):
        write_picture(tmp_path / "full.png", PICTURE)
    assert left_in(tmp_path) == ["file", "folder.png"]


def test_ctrl_c_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_picture(tmp_path / "x.png", PICTURE)
    assert left_in(tmp_path) == []


def test_what_a_format_cannot_hold_is_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    long = np.zeros((1, 100_000, 3), np.uint8)
    for name in ("x.jpg", "x.webp"):
        with pytest.raises(OutputError, match="cannot hold 100000x1 pixels"):
            write_picture(tmp_path / name, long)
    assert left_in(tmp_path) == []
    write_picture(tmp_path / "x.png", long)
    with pytest.raises(PictureError):
        write_picture(tmp_path / "y.png", np.zeros((4, 4), np.float32))
    assert capfd.readouterr().err == ""


HAPPY = Emotion("happy", 0.9, {"happy": 0.9, "sad": 0.1})


@pytest.mark.parametrize(
    "box",
    [
        Box(float("nan"), 0, 5, 5),
        Box(0, 0, float("inf"), 5),
        Box(-1e300, -1e300, 2e300, 2e300),
        Box(1e12, 1e12, 5, 5),
        Box(np.float32(3), np.float32(3), np.float32(9), np.float32(9)),  # type: ignore[arg-type]
    ],
)
@pytest.mark.parametrize("shape", [(1, 1, 3), (30, 40), (30, 40, 1), (1, 5000, 3), (5000, 1, 3)])
def test_whatever_a_detector_gives_is_drawn_or_left_out(box: Box, shape: tuple[int, ...]) -> None:
    image = np.zeros(shape, np.uint8)
    marked = annotate(image, Reading(0, 0.0, (Face(box, 0.9, HAPPY),), 0.0, 0.0))
    assert marked.shape == (*shape[:2], 3)
    with pytest.raises(PictureError):
        annotate(image.astype(np.float32), Reading(0, 0.0, (), 0.0, 0.0))


def test_a_label_is_whole_at_the_upper_edge_too() -> None:
    letters = []
    for top in (0, 3, 100):
        face = Face(Box(40, top, 160, 160), 0.9, HAPPY)
        # In a picture of the boxes' own colour, only letters are seen.
        image = np.full((480, 640, 3), COLOUR, np.uint8)
        marked = annotate(image, Reading(0, 0.0, (face,), 0.0, 0.0))
        letters.append((marked != image).any(axis=2).sum())
    assert letters[0] > 50
    assert letters == [letters[0]] * 3
