"""Damaged recordings: all that can be read is given, and what was lost is told at the end."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fer_edge import CameraError, open_camera
from tests.runtime.videos import cut, overwrite, write_video

FRAMES = 40


def read(path: Path) -> tuple[int, int, int]:
    """How many frames came, how many packets were skipped, and how many frames it says are lost."""
    count = lost = 0
    with open_camera(path) as camera:
        try:
            for count, frame in enumerate(camera, 1):  # noqa: B007 - the count is what is wanted
                assert frame.image.shape == (240, 320, 3)
        except CameraError as error:
            told = re.search(r"has lost about (\d+) frames", str(error))
            assert told, error
            lost = int(told[1])
        assert list(camera) == []
        return count, camera.skipped, lost


@pytest.mark.parametrize("name", ["a.mkv", "a.avi", "fast.mp4"])
def test_what_is_cut_off_is_told(name: str, tmp_path: Path) -> None:
    options = {"movflags": "faststart"} if name == "fast.mp4" else None
    codec = "mpeg4" if name == "a.avi" else "libx264"
    path = write_video(tmp_path / name, codec=codec, options=options)
    cut(path, 0.6)
    given, _, lost = read(path)
    assert 8 < given < FRAMES
    assert lost == pytest.approx(FRAMES - given, abs=2)


def test_a_cut_transport_stream_lost_at_least_one_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.ts")
    path.write_bytes(path.read_bytes()[: 188 * 200 + 77])
    given, _, lost = read(path)
    assert 8 < given < FRAMES
    assert lost >= 1


def test_a_transport_stream_that_is_cut_between_packets_is_told(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.ts")
    whole = path.read_bytes()
    assert read(path) == (FRAMES, 0, 0)
    told = 0
    for packets in range(200, 230):
        path.write_bytes(whole[: 188 * packets])
        told += read(path)[2] > 0
    # Some of these cuts lie where a frame ends.
    assert told >= 20


def test_a_cut_fragment_is_told(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", options={"movflags": "frag_keyframe+empty_moov"})
    cut(path, 0.55)
    given, _, lost = read(path)
    assert 8 < given < FRAMES
    assert lost >= 1


def test_an_index_that_is_cut_off_loses_no_frame(tmp_path: Path) -> None:
    for name, codec in (("a.mkv", "libx264"), ("a.avi", "mjpeg")):
        pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        path = write_video(tmp_path / name, codec=codec, pixels=pixels)
        path.write_bytes(path.read_bytes()[:-10])
        assert read(path) == (FRAMES, 0, 0)


def test_a_power_cut_before_the_index_leaves_nothing(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4")
    cut(path, 0.6)
    with pytest.raises(CameraError, match=r"has no index \(moov\), .* MKV and MPEG-TS need none"):
        open_camera(path)
    path.write_bytes(b"")
    with pytest.raises(CameraError, match=r"a\.mp4 is empty, 0 bytes"):
        open_camera(path)
    path.write_text("no video")
    with pytest.raises(CameraError, match="is not a video that can be read here"):
        open_camera(path)


def test_a_second_recording_in_one_file_is_told(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4")
    fast = write_video(tmp_path / "b.mp4", options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes() + fast.read_bytes())
    assert read(path) == (FRAMES, 0, FRAMES)
    with pytest.raises(CameraError, match="40 of another recording behind it in the file"):
        list(open_camera(path))


def test_a_second_index_alone_is_a_copy(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4")
    data = path.read_bytes()
    path.write_bytes(data + data[data.index(b"moov") - 4 :])
    assert read(path) == (FRAMES, 0, 0)


@pytest.mark.parametrize("seed", [0, None])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mkv", "libx264"),
        ("a.ts", "libx264"),
        ("a.avi", "mpeg4"),
    ],
)
def test_a_hole_is_passed_over(
    name: str, codec: str, share: float, seed: int | None, tmp_path: Path
) -> None:
    path = write_video(tmp_path / name, codec=codec)
    overwrite(path, share, 12_000, seed)
    given, skipped, lost = read(path)
    assert given > FRAMES // 3
    assert (lost > 0) == (given < FRAMES or skipped > 0)
    # AVI numbers its frames by an index that may point elsewhere after a hole.
    assert lost == pytest.approx(max(FRAMES - given, skipped), abs=10 if name == "a.avi" else 3)


def test_frames_that_are_missing_in_the_middle_are_told(tmp_path: Path) -> None:
    times = [n * 33 for n in range(FRAMES + 10) if not 20 <= n < 30]
    assert read(write_video(tmp_path / "gap.mkv", times=times)) == (FRAMES, 0, 10)


def test_nothing_is_printed(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", options={"movflags": "faststart"})
    overwrite(path, 0.2, 30_000)
    program = (
        "import sys, fer_edge\n"
        "camera = fer_edge.open_camera(sys.argv[1])\n"
        "try: list(camera)\nexcept OSError: print('told')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, path], capture_output=True, text=True, check=True
    )
    assert (ran.stdout, ran.stderr) == ("told\n", "")


def test_whole_files_that_declare_too_many_frames_are_whole(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    # Its container declares 98 frames, of which an edit list hides three.
    path = tmp_path / "clip.mp4"
    shutil.copy(shared("clips/no_face.mp4"), path)
    with open_camera(path) as camera:
        assert len(list(camera)) == 95


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_is_silent_and_none_kills(seed: int, tmp_path: Path) -> None:
    names = ["a.mp4", "a.mkv", "a.ts", "a.avi"]
    name = names[seed % 4]
    path = tmp_path / name
    write_video(path, codec="mpeg4" if name == "a.avi" else "libx264")
    share = 0.1 + 0.85 * (seed * 7919 % 100) / 100
    overwrite(path, share, [40, 400, 4000, 40_000][seed // 4 % 4], seed)
    try:
        given, skipped, lost = read(path)
    except CameraError as error:
        assert "is not a video" in str(error)
        return
    assert lost >= min(1, FRAMES - given)
    assert skipped <= max(lost, FRAMES)
