"""Recordings of other writers, whole and damaged where a container hides it."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from fer_edge import CameraError, open_camera
from fer_edge.cameras.recording.rotation import turned_by
from fer_edge.pictures.decoding import decode_picture
from tests.runtime.lost_frames import SMALL, lost
from tests.runtime.senders import PICTURES
from tests.runtime.test_jpeg_stream import QUARTERS, turned_jpeg
from tests.runtime.test_mp4_boxes import box
from tests.runtime.videos import cut, pictures, write_video


@pytest.mark.parametrize("codec", ["cinepak", "asv1", "snow", "zmbv"])
def test_decoders_that_are_not_listed_are_not_reached(codec: str, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "old.avi"
    try:
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=30, options={"strict": "-2"})
            stream.width, stream.height = SMALL
            stream.pix_fmt = {"cinepak": "rgb24", "zmbv": "bgr0"}.get(codec, "yuv420p")
            for image in pictures(2, *SMALL):
                frame = av.VideoFrame.from_ndarray(image, format="bgr24")
                frame.time_base = Fraction(1, 30)
                for packet in stream.encode(frame):
                    container.mux(packet)
    except (av.error.FFmpegError, ValueError):
        pytest.skip(f"this FFmpeg does not write {codec}")
    with pytest.raises(CameraError, match=f"holds a video of {codec}, which is not read"):
        open_camera(path)


@pytest.mark.parametrize("name", ["a.avi", "a.asf"])
@pytest.mark.parametrize("count", [1, 2, 24])
def test_two_frames_of_one_time_are_no_loss(name: str, count: int, tmp_path: Path) -> None:
    # FFmpeg guesses the times of B-frames here: the last two frames have the same.
    path = write_video(tmp_path / name, pictures(count, *SMALL))
    assert lost(path) == (count, "")


def test_an_animation_that_rests_on_its_last_picture_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    write_video(
        path, pictures(8, *SMALL), codec="gif", pixels="rgb8", options={"final_delay": "300"}
    )
    assert lost(path) == (8, "")


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "form"),
    [
        ("a.gif", "gif", "rgb8", None),
        ("a.flv", "flv", "yuv420p", None),
        ("a.asf", "wmv2", "yuv420p", "asf"),
        ("a.mpg", "libx264", "yuv420p", "vob"),
    ],
)
@pytest.mark.parametrize("share", [0.35, 0.72])
def test_a_cut_is_told_where_only_the_parts_tell(
    name: str, codec: str, pixels: str, form: str | None, share: float, tmp_path: Path
) -> None:
    images = pictures(24, *SMALL)
    path = write_video(tmp_path / name, images, codec=codec, pixels=pixels, form=form)
    assert lost(path) == (24, "")
    cut(path, share)
    count, told = lost(path)
    assert 0 < count < 24
    assert "cut short" in told


@pytest.mark.parametrize(
    ("name", "codec", "at"),
    [
        ("a.avi", "mpeg4", b"movi"),
        ("a.avi", "libx264", b"movi"),
        ("a.mkv", "libx264", b"\x1f\x43\xb6\x75"),
        ("a.webm", "libvpx", b"\x1f\x43\xb6\x75"),
    ],
)
def test_a_hole_before_the_first_frame_is_told(
    name: str, codec: str, at: bytes, tmp_path: Path
) -> None:
    path = write_video(tmp_path / name, pictures(24, *SMALL), codec=codec)
    data = bytearray(path.read_bytes())
    start = data.index(at) + 4
    data[start : start + 700] = bytes(700)
    path.write_bytes(data)
    count, told = lost(path)
    assert 0 < count < 24
    number = re.search(r"has lost about (\d+) frames", told)
    assert number
    assert int(number[1]) == pytest.approx(24 - count, abs=1)


def test_a_stream_of_no_known_kind_is_no_video(tmp_path: Path) -> None:
    # PyAV 12 crashes when it is asked for such a stream's type.
    path = write_video(tmp_path / "a.avi", pictures(4, *SMALL), codec="mpeg4")
    path.write_bytes(path.read_bytes().replace(b"strh8\0\0\0vids", b"strh8\0\0\0what"))
    with pytest.raises(CameraError, match="holds no video"):
        open_camera(path)


def test_a_cover_that_comes_before_the_video_is_not_taken_for_it(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    if not hasattr(av.video.stream.VideoStream, "disposition"):
        pytest.skip("this PyAV does not tell covers from videos")
    path = write_video(tmp_path / "a.mp4", pictures(24, *SMALL))
    picture = box(b"data", (13).to_bytes(4, "big") + bytes(4) + PICTURES[5])
    kind = box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    told = box(b"meta", bytes(4) + kind + box(b"ilst", box(b"covr", picture)))
    data = path.read_bytes()
    start = data.index(b"moov") - 4
    index = data[start + 8 : start + int.from_bytes(data[start : start + 4], "big")]
    path.write_bytes(data[:start] + box(b"moov", box(b"udta", told) + index))
    with av.open(str(path)) as container:
        assert [stream.height for stream in container.streams.video] == [48, SMALL[1]]
    with open_camera(path) as camera:
        assert camera.size == SMALL
    assert lost(path) == (24, "")


@pytest.mark.parametrize(("degrees", "quarters"), [(0, 0), (90, 1), (180, 2), (-180, 2), (-90, 3)])
def test_the_turn_is_known_where_pyav_refuses_other_data(degrees: int, quarters: int) -> None:
    class Refused:
        rotation = degrees

        @property
        def side_data(self) -> None:
            raise ValueError("31 is not a valid Type")

    image = np.arange(24, dtype=np.uint8).reshape(4, 6)
    turn = turned_by(Refused())
    assert np.array_equal(turn.of(image), np.rot90(image, quarters))
    assert turn.size(6, 4) == ((4, 6) if quarters % 2 else (6, 4))


@pytest.mark.parametrize("name", ["a.avi", "a.mov", "a.mkv"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_jpeg_pictures_in_a_recording_are_turned_and_mirrored_as_those_of_files(
    turn: int, name: str, tmp_path: Path
) -> None:
    av = pytest.importorskip("av")
    picture, path = turned_jpeg(turn), tmp_path / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=30)
        stream.height, stream.width = QUARTERS.shape
        stream.pix_fmt = "yuvj420p"
        for number in range(3):
            packet = av.Packet(picture)
            packet.stream, packet.time_base = stream, Fraction(1, 30)
            packet.pts = packet.dts = number
            container.mux(packet)
    wanted = decode_picture(picture)
    with open_camera(path) as camera:
        assert camera.size == wanted.shape[1::-1]
        seen = [frame.image for frame in camera]
    assert len(seen) == 3
    for image in seen:
        assert image.shape == wanted.shape
        assert np.abs(image.astype(int) - wanted).mean() < 5


def test_bare_jpeg_pictures_are_told_from_a_damaged_video(tmp_path: Path) -> None:
    path = tmp_path / "camera.mjpeg"
    path.write_bytes(b"\xff\xd8\xff\xe0\0\x10JFIF" * 20)
    with pytest.raises(CameraError, match=r"JPEG pictures without a container: .* as a stream"):
        open_camera(path)


def _raw_video(path: Path, codec: str, rate: int) -> Path:
    """Twelve pictures without a container."""
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height = SMALL
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for image in pictures(12, *SMALL):
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


@pytest.mark.parametrize(("name", "codec"), [("a.h264", "libx264"), ("a.m2v", "mpeg2video")])
@pytest.mark.parametrize("rate", [25, 30, 50])
def test_without_a_container_the_codecs_own_rate_counts(
    rate: int, name: str, codec: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_camera(_raw_video(tmp_path / name, codec, rate)) as camera:
        assert camera.fps == rate
        times = [frame.timestamp for frame in camera]
    assert np.diff(times) == pytest.approx(1 / rate)
    assert len(times) == 12
    assert caplog.records == []


def test_a_recording_without_times_and_rate_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_camera(_raw_video(tmp_path / "a.mjpeg", "mjpeg", 25)) as camera:
        assert camera.fps is None
        times = [frame.timestamp for frame in camera]
    assert np.diff(times) == pytest.approx(1 / 30)
    (told,) = caplog.records
    assert "holds no times and declares no rate" in told.getMessage()


def test_raw_mpeg4_keeps_its_own_times(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    times = [66 * number for number in range(12)]
    path = tmp_path / "a.m4v"
    write_video(path, pictures(12, *SMALL), codec="mpeg4", times=times, form="m4v")
    with open_camera(path) as camera:
        assert camera.fps is None
        assert [frame.timestamp for frame in camera] == pytest.approx([at / 1000 for at in times])
    assert caplog.records == []
