"""Another recording that lies behind the first in an MP4 is told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_edge import CameraError, open_camera
from tests.runtime.lost_frames import FRAMES, SMALL, lost
from tests.runtime.videos import pictures, write_video

FRAGMENTS = {
    "fragments": "frag_keyframe+empty_moov",
    "own base": "frag_keyframe+empty_moov+default_base_moof",
    "cmaf": "cmaf",
    "no trailer": "frag_keyframe+empty_moov+skip_trailer",
    "frames before": "frag_keyframe",
    "plain": "faststart",
}


def of_kind(kind: str, folder: Path, codec: str = "libx264") -> bytes:
    options = {"movflags": FRAGMENTS[kind]}
    path = folder / f"{kind}.mp4"
    return write_video(path, pictures(FRAMES, *SMALL), codec=codec, options=options).read_bytes()


@pytest.mark.parametrize("second", FRAGMENTS)
@pytest.mark.parametrize("first", [kind for kind in FRAGMENTS if kind != "plain"])
def test_fragments_of_another_recording_behind_the_first_are_told(
    first: str, second: str, tmp_path: Path
) -> None:
    path = tmp_path / "joined.mp4"
    path.write_bytes(of_kind(first, tmp_path) + 2 * of_kind(second, tmp_path))
    count, told = lost(path)
    assert count == FRAMES
    assert f"{2 * FRAMES} of another recording behind it in the file are not read" in told


def test_another_codec_behind_the_first_is_told(tmp_path: Path) -> None:
    path = tmp_path / "joined.mp4"
    one, other = (of_kind("fragments", tmp_path, codec) for codec in ("libx264", "mpeg4"))
    path.write_bytes(one + other)
    count, told = lost(path)
    assert count == FRAMES
    assert f"{FRAMES} of another recording" in told


def test_a_file_that_ffmpeg_refuses_for_what_lies_behind_says_so(tmp_path: Path) -> None:
    path = tmp_path / "joined.mp4"
    path.write_bytes(of_kind("plain", tmp_path) + of_kind("fragments", tmp_path))
    with pytest.raises(CameraError, match="another recording lies behind it in the file"):
        open_camera(path)


@pytest.mark.parametrize("kind", ["own base", "cmaf"])
def test_a_beginning_that_is_repeated_before_each_fragment_is_no_other_recording(
    kind: str, tmp_path: Path
) -> None:
    data, parts, at = of_kind(kind, tmp_path), list[bytes](), 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        parts.append(data[at : at + size])
        at += size
    beginning, fragments = b"".join(parts[:2]), parts[2:]
    ends = range(2, len(fragments) + 1, 2)
    joined = [beginning + b"".join(fragments[end - 2 : end]) for end in ends]
    assert len(joined) > 1
    path = tmp_path / "repeated.mp4"
    path.write_bytes(b"".join(joined))
    assert lost(path) == (FRAMES, "")
