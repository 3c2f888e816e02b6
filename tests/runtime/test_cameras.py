"""Every kind of source that needs no hardware, for real; the others, where they are missing."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import BackendMissingError, CameraError, PictureError, open_camera
from fer_edge.cameras.sample import FRAMES

HAS_CAMERA = find_spec("picamera2") is not None or any(Path("/dev").glob("video*"))


@pytest.fixture
def folder(tmp_path: Path, portrait: Path) -> Path:
    """Two pictures, one broken one, and a file that is none."""
    (tmp_path / "b.jpg").write_bytes(portrait.read_bytes())
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((30, 40, 3), np.uint8))
    (tmp_path / "c.jpg").write_bytes(b"\xff\xd8\xff but not a picture")
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Ten frames at 25 a second, each brighter than the one before."""
    path = tmp_path / "ten.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    for level in range(0, 200, 20):
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    return path


def test_the_sample_moves_and_ends() -> None:
    with open_camera("sample") as camera:
        frames = list(camera)
    assert [frame.index for frame in frames] == list(range(FRAMES))
    assert all(frame.image.shape == (480, 640, 3) for frame in frames)
    steps = np.diff([frame.timestamp for frame in frames])
    assert np.allclose(steps, 1 / 30)
    assert (frames[0].image != frames[FRAMES // 2].image).mean() > 0.5


def test_a_folder_gives_its_pictures_and_counts_the_broken(folder: Path) -> None:
    with open_camera(folder) as camera:
        frames = list(camera)
    assert [frame.source for frame in frames] == ["a.png", "b.jpg"]
    assert [frame.index for frame in frames] == [0, 1]
    assert camera.skipped == 1


def test_a_list_keeps_its_order(folder: Path) -> None:
    with open_camera([folder / "b.jpg", str(folder / "a.png")]) as camera:
        assert [frame.source for frame in camera] == ["b.jpg", "a.png"]


def test_a_single_broken_picture_is_an_error(folder: Path) -> None:
    with (
        open_camera(folder / "c.jpg") as camera,
        pytest.raises(PictureError, match="not a picture"),
    ):
        list(camera)


def test_a_folder_without_a_readable_picture_is_an_error(folder: Path) -> None:
    (folder / "a.png").unlink()
    (folder / "b.jpg").write_bytes(b"")
    with open_camera(folder) as camera, pytest.raises(PictureError, match="none of the 2"):
        list(camera)


def test_an_empty_folder_or_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="holds no pictures"):
        open_camera(tmp_path)
    with pytest.raises(CameraError, match="list of pictures is empty"):
        open_camera([])


def test_a_video_gives_every_frame_in_its_own_time(video: Path) -> None:
    with open_camera(str(video)) as camera:
        frames = list(camera)
    assert len(frames) == 10
    levels = [float(frame.image.mean()) for frame in frames]
    assert levels == sorted(levels)
    assert np.allclose(np.diff([frame.timestamp for frame in frames]), 1 / 25, atol=0.002)
    assert {(frame.clock, frame.moment) for frame in frames} == {("recording", "position")}


def test_a_video_cut_short_gives_what_it_has_or_says_so(video: Path, tmp_path: Path) -> None:
    data = video.read_bytes()
    cut = tmp_path / "cut.avi"
    for kept in (0, 10, 200, len(data) // 2, len(data) - 10):
        cut.write_bytes(data[:kept])
        try:
            with open_camera(cut) as camera:
                assert 1 <= len(list(camera)) <= 10
        except CameraError as error:
            assert "cut short" in str(error)


@pytest.mark.parametrize(
    ("clip", "frames"),
    [("single_face.mp4", 72), ("asl_book.mkv", 109), ("face_noface.mov", 169)],
)
def test_real_clips_play(clip: str, frames: int, shared: Callable[[str], Path]) -> None:
    with open_camera(shared(f"clips/{clip}")) as camera:
        stamps = [frame.timestamp for frame in camera]
    assert len(stamps) == frames
    assert all(later > earlier for earlier, later in itertools.pairwise(stamps))


def test_closing_ends_the_frames_and_may_be_repeated(folder: Path, video: Path) -> None:
    for source in ("sample", folder, video):
        camera = open_camera(source)
        frames = iter(camera)
        next(frames)
        camera.close()
        camera.close()
        assert list(frames) == []


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="no camera or file"):
        open_camera(tmp_path / "missing.mp4")
    with pytest.raises(CameraError, match="cannot be opened"):
        open_camera(97)
    with pytest.raises(CameraError, match="cannot be opened"):
        open_camera("/dev/video97")
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(CameraError, match="not a video"):
        open_camera(tmp_path / "text.mp4")


@pytest.mark.skipif(find_spec("picamera2") is not None, reason="picamera2 is installed here")
def test_a_pi_camera_without_picamera2_says_what_to_install() -> None:
    with pytest.raises(BackendMissingError, match="sudo apt install python3-picamera2"):
        open_camera("picamera")


@pytest.mark.skipif(HAS_CAMERA, reason="this machine has a camera")
def test_without_a_camera_the_sample_plays_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), open_camera() as camera:
        assert "embedded sample" in camera.name
    assert "no camera found; playing the embedded sample" in caplog.text
