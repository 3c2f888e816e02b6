"""Recordings: every frame in its time, seen as it was meant to be, of any kind."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import CameraError, Frame, open_camera
from fer_edge.pictures.image import Image
from tests.runtime.videos import STEP, pictures, turn_track, write_video

KINDS = [
    ("a.mp4", "libx264", "yuv420p"),
    ("a.mov", "libx264", "yuv420p"),
    ("a.mkv", "libx264", "yuv420p"),
    ("a.ts", "libx264", "yuv420p"),
    ("a.avi", "mjpeg", "yuvj420p"),
    ("a.avi", "mpeg4", "yuv420p"),
    ("a.flv", "flv", "yuv420p"),
    ("a.webm", "libvpx", "yuv420p"),
    ("a.gif", "gif", "rgb8"),
    ("grey.mkv", "ffv1", "gray"),
    ("ten_bits.mkv", "ffv1", "yuv420p10le"),
    ("alpha.mov", "qtrle", "argb"),
]


def read(path: Path, **options: bool | int) -> list[Frame]:
    with open_camera(path, **options) as camera:  # type: ignore[arg-type]
        return list(camera)


def distance(one: Image, other: Image) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize(("name", "codec", "pixels"), KINDS)
def test_each_kind_gives_every_frame_in_its_time(
    name: str, codec: str, pixels: str, tmp_path: Path
) -> None:
    shown = pictures(40)
    frames = read(write_video(tmp_path / name, shown, codec=codec, pixels=pixels))
    assert [frame.index for frame in frames] == list(range(40))
    assert {(frame.clock, frame.moment, frame.source) for frame in frames} == {
        ("recording", "position", name)
    }
    assert frames[0].age is None
    times = [frame.timestamp for frame in frames]
    # Where they end is where they were put; GIF counts hundredths of a second.
    assert times[-1] - times[0] == pytest.approx(39 * STEP / 1000, abs=0.02)
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
    for frame, image in zip(frames, shown, strict=True):
        assert frame.image.shape == (240, 320, 3)
        assert frame.image.dtype == np.uint8
        if pixels == "gray":
            luma = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
            assert distance(frame.image[:, :, 1], np.asarray(luma, np.uint8)) < 16
        else:
            assert distance(frame.image, image) < 16


@pytest.mark.parametrize(
    ("clip", "frames"),
    [
        ("single_face.mp4", 72),
        ("asl_book.mkv", 109),
        ("face_noface.mov", 169),
        ("no_face.mp4", 95),
        ("WolfgangLanger_Pexels.mp4", 472),
    ],
)
def test_whole_clips_play_to_their_end_without_complaint(
    clip: str, frames: int, shared: Callable[[str], Path]
) -> None:
    with open_camera(shared(f"clips/{clip}")) as camera:
        stamps = [frame.timestamp for frame in camera]
        assert camera.skipped == 0
    assert len(stamps) == frames
    assert all(later > earlier for earlier, later in itertools.pairwise(stamps))


def test_a_clip_looks_as_opencv_reads_it(shared: Callable[[str], Path]) -> None:
    path = shared("clips/single_face.mp4")
    capture = cv2.VideoCapture(str(path))
    for frame in itertools.islice(read(path), 5):
        worked, image = capture.read()
        assert worked
        assert distance(frame.image, np.asarray(image, np.uint8)) < 1
    capture.release()


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_what_a_telephone_turned_is_turned_back(degrees: int, tmp_path: Path) -> None:
    codes = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}
    upright = pictures(12)
    lying = [np.asarray(cv2.rotate(image, codes[degrees]), np.uint8) for image in upright]
    path = write_video(tmp_path / "phone.mp4", lying)
    turn_track(path, degrees)
    with open_camera(path) as camera:
        assert camera.size == (320, 240)
        for frame, image in zip(camera, upright, strict=True):
            assert distance(frame.image, image) < 16


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_frames_are_turned_then_mirrored(rotate: int, mirror: bool, tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", pictures(3))
    plain = read(path)
    with open_camera(path, rotate=rotate, mirror=mirror) as camera:
        seen = list(camera)
        assert camera.size == (seen[0].image.shape[1], seen[0].image.shape[0])
    for before, after in zip(plain, seen, strict=True):
        expected = np.rot90(before.image, -rotate // 90)
        expected = expected[:, ::-1] if mirror else expected
        assert np.array_equal(after.image, expected)


def test_a_rate_that_varies_keeps_its_times_and_is_no_damage(tmp_path: Path) -> None:
    times = [n * 33 if n < 20 else 660 + (n - 20) * 200 for n in range(40)]
    for name in ("vfr.mp4", "vfr.mkv"):
        frames = read(write_video(tmp_path / name, times=times))
        stamps = [frame.timestamp * 1000 for frame in frames]
        assert stamps == pytest.approx(times, abs=1)


def test_pauses_of_a_screen_recording_are_no_damage(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    steps = random.choice([16, 33, 50, 400, 3000], 39, p=[0.4, 0.2, 0.2, 0.1, 0.1])
    times = [0, *np.cumsum(steps).tolist()]
    for name in ("screen.mp4", "screen.mkv"):
        assert len(read(write_video(tmp_path / name, times=times))) == 40


def test_size_and_rate_are_told(tmp_path: Path) -> None:
    with open_camera(write_video(tmp_path / "a.mkv")) as camera:
        assert camera.size == (320, 240)
        assert camera.fps == pytest.approx(30, abs=1)


def test_frames_of_another_size_in_the_middle_come_as_they_are(tmp_path: Path) -> None:
    one = write_video(tmp_path / "1.ts", pictures(8))
    two = write_video(tmp_path / "2.ts", pictures(8, 160, 120))
    joined = tmp_path / "joined.ts"
    joined.write_bytes(one.read_bytes() + two.read_bytes())
    with open_camera(joined) as camera:
        frames = list(camera)
        assert camera.size is None
    assert [frame.image.shape[1] for frame in frames] == [320] * 8 + [160] * 8
    times = [frame.timestamp for frame in frames]
    assert times == sorted(times)


def test_a_song_is_no_video(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "song.m4a"), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44100)
        sound = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        sound.sample_rate = 44100
        for packet in [*stream.encode(sound), *stream.encode()]:
            container.mux(packet)
    with pytest.raises(CameraError, match=r"holds no video .* audio"):
        open_camera(tmp_path / "song.m4a")


@pytest.mark.parametrize("content", [b"no video\n" * 50, bytes(100_000)])
def test_what_is_no_video_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "strange.mp4").write_bytes(content)
    with pytest.raises(CameraError, match=r"strange\.mp4 is not a video"):
        open_camera(tmp_path / "strange.mp4")
