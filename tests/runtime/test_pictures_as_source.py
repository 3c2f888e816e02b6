"""Pictures and the sample as sources."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import ArgumentError, CameraError, PictureError, open_camera
from fer_edge.cameras.sample import FRAME_COUNT


@pytest.fixture
def folder(tmp_path: Path, portrait: Path) -> Path:
    """Two pictures, one broken one, and a file that is none."""
    (tmp_path / "b.jpg").write_bytes(portrait.read_bytes())
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((30, 40, 3), np.uint8))
    (tmp_path / "c.jpg").write_bytes(b"\xff\xd8\xff but not a picture")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "._a.png").write_bytes(b"\0\5\x16\7 what macOS notes beside a file")
    return tmp_path


def test_a_folder_gives_its_pictures_and_tells_at_the_end_what_it_skipped(folder: Path) -> None:
    seen: list[tuple[str, int]] = []
    with open_camera(folder) as camera:
        with pytest.raises(CameraError, match=r"1 of 3 pictures .* could not be read; .*c\.jpg"):
            seen.extend((frame.source, frame.index) for frame in camera)
        assert camera.skipped == 1
        assert list(camera) == []
    assert seen == [("a.png", 0), ("b.jpg", 1)]


def test_files_that_are_not_named_as_pictures_are_told_of(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "fer_edge")
    (folder / "c.jpg").unlink()
    (folder / "b.jpg").unlink()
    with open_camera(folder) as camera:
        assert camera.name == f"1 picture in {folder}"
    # The folder in it and the hidden file do not count.
    assert f"{folder}: left out, not named as pictures: 1 file\n" in caplog.text


def test_a_whole_folder_ends_quietly(folder: Path) -> None:
    (folder / "c.jpg").unlink()
    with open_camera(folder) as camera:
        assert [frame.source for frame in camera] == ["a.png", "b.jpg"]


def test_a_list_keeps_its_order_and_may_be_a_generator(folder: Path) -> None:
    for names in (["b.jpg", "a.png"], ["a.png", "b.jpg", "a.png"]):
        with open_camera(str(folder / name) for name in names) as camera:
            assert [frame.source for frame in camera] == names


def test_a_missing_picture_of_a_list_is_told(folder: Path) -> None:
    with open_camera([folder / "a.png", folder / "none.png"]) as camera:
        next(camera)
        with pytest.raises(CameraError, match=r"1 of 2 pictures could not be read; .*none\.png"):
            next(camera)


def test_a_single_broken_picture_is_an_error_at_once(folder: Path) -> None:
    with pytest.raises(PictureError, match="picture"):
        open_camera(folder / "c.jpg")
    with pytest.raises(PictureError):
        open_camera([folder / "c.jpg"])


def test_a_folder_without_a_readable_picture_is_an_error(folder: Path) -> None:
    (folder / "a.png").unlink()
    (folder / "b.jpg").write_bytes(b"")
    with open_camera(folder) as camera, pytest.raises(PictureError, match="none of the 2"):
        next(camera)


def test_an_empty_folder_or_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="holds no pictures"):
        open_camera(tmp_path)
    with pytest.raises(CameraError, match="list of pictures is empty"):
        open_camera([])


def test_a_picture_needs_no_ending(folder: Path) -> None:
    (folder / "a.png").rename(folder / "picture")
    with open_camera(folder / "picture") as camera:
        assert camera.size == (40, 30)
        frame = next(camera)
    assert (frame.clock, frame.moment) == ("monotonic", "arrival")
    assert frame.age is not None
    assert frame.age >= 0


def test_exif_turns_first_then_what_was_asked(folder: Path, tmp_path: Path) -> None:
    image = np.zeros((20, 40, 3), np.uint8)
    image[:, :10] = 255
    worked, jpeg = cv2.imencode(".jpg", image)
    assert worked
    # Orientation 6: turn by 90 degrees clockwise to see it upright; so the left side is on top.
    tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    exif = b"\xff\xe1" + (len(tiff) + 8).to_bytes(2, "big") + b"Exif\0\0" + tiff
    path = folder / "turned.jpg"
    path.write_bytes(jpeg.tobytes()[:2] + exif + jpeg.tobytes()[2:])
    with open_camera(path) as camera:
        assert camera.size == (20, 40)
        assert next(camera).image[:8].mean() > 250
    with open_camera(path, rotate=180, mirror=True) as camera:
        assert camera.size == (20, 40)
        assert next(camera).image[-8:].mean() > 250


def test_the_sample_moves_and_ends() -> None:
    with open_camera("sample") as camera:
        assert (camera.size, camera.fps) == ((640, 480), 30.0)
        frames = list(camera)
    assert [frame.index for frame in frames] == list(range(FRAME_COUNT))
    assert all(frame.image.shape == (480, 640, 3) for frame in frames)
    assert np.allclose(np.diff([frame.timestamp for frame in frames]), 1 / 30)
    assert {(frame.clock, frame.moment, frame.age) for frame in frames} == {
        ("recording", "position", None)
    }
    assert (frames[0].image != frames[FRAME_COUNT // 2].image).mean() > 0.5


def test_the_sample_is_turned_too() -> None:
    with open_camera("sample", rotate=90) as camera:
        assert camera.size == (480, 640)
        assert next(camera).image.shape == (640, 480, 3)


def test_pictures_have_no_speed_of_their_own(folder: Path) -> None:
    for source in (folder, [folder / "a.png", folder / "b.jpg"], folder / "a.png"):
        with pytest.raises(ArgumentError, match="realtime is asked of recordings"):
            open_camera(source, realtime=True)
    with open_camera(folder / "a.png", realtime=False) as camera:
        assert len(list(camera)) == 1
