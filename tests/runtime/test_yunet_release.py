"""Only known releases of YuNet reach OpenCV, which would trust any file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import ModelError
from fer_edge.detectors import YuNetDetector, open_detector
from fer_edge.detectors.yunet import RELEASES
from fer_edge.errors import ArgumentError, ModelFileError
from fer_edge.pictures.image import Image

YUNET = "models/face_detection_yunet_2023mar.onnx"


@pytest.fixture
def other(shared: Callable[[str], Path], tmp_path: Path) -> Path:
    """The release, said to be made by another program: the same network, another file."""
    data = shared(YUNET).read_bytes()
    assert b"pytorch" in data
    path = tmp_path / "other.onnx"
    path.write_bytes(data.replace(b"pytorch", b"pitorch", 1))
    return path


def test_hashes_are_hashes() -> None:
    assert all(len(one) == 64 and set(one) <= set("0123456789abcdef") for one in RELEASES)


def test_a_release_is_known_under_any_name(
    shared: Callable[[str], Path], tmp_path: Path, portrait: Path
) -> None:
    path = tmp_path / "caf\udce9.ONNX"  # a name that is not UTF-8, on which OpenCV dies
    path.write_bytes(shared(YUNET).read_bytes())
    image: Image = cv2.imread(str(portrait))  # type: ignore[assignment]
    assert len(open_detector(path).detect(image)) == 1


def test_opencv_says_nothing_about_it(
    shared: Callable[[str], Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """OpenCV 5 warns of the release, and every OpenCV of a file that is none."""
    YuNetDetector(shared(YUNET)).detect(np.zeros((240, 320, 3), np.uint8))
    path = tmp_path / "none.onnx"
    path.write_bytes(b"none")
    with pytest.raises(ModelError):
        YuNetDetector(path, trust_unknown=True)
    assert capfd.readouterr() == ("", "")


def test_another_file_is_refused_unless_it_is_asked_for(other: Path, portrait: Path) -> None:
    for opener in (YuNetDetector, open_detector):
        with pytest.raises(ModelError, match=r"expected one of: 2023mar.*trust_unknown=True"):
            opener(other)
    image: Image = cv2.imread(str(portrait))  # type: ignore[assignment]
    assert len(open_detector(other, trust_unknown=True).detect(image)) == 1


def test_a_trusted_file_that_is_none_is_a_model_error(tmp_path: Path) -> None:
    path = tmp_path / "none.onnx"
    for content in (b"", b"none", bytes(1000)):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="damaged, or not YuNet"):
            YuNetDetector(path, trust_unknown=True)


@pytest.mark.parametrize("name", ["none.onnx", "a\0b.onnx", "\ud800.onnx", "a" * 5000 + ".onnx"])
def test_no_file_is_a_model_file_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError) as caught:
        open_detector(str(tmp_path / name))
    assert str(caught.value).isprintable()


def test_a_folder_is_a_model_file_error(tmp_path: Path) -> None:
    (tmp_path / "folder.onnx").mkdir()
    with pytest.raises(ModelFileError, match="a folder"):
        open_detector(tmp_path / "folder.onnx")


@pytest.mark.parametrize("name", [None, 7, b"face"])
def test_what_is_no_name_is_an_argument_error(name: object) -> None:
    with pytest.raises(ArgumentError):
        open_detector(name)  # type: ignore[arg-type]


def test_openssl_is_not_loaded_for_what_needs_no_hash() -> None:
    """What numpy and OpenCV load themselves (numpy 1 does) is theirs."""
    loaded = "print('_hashlib' in sys.modules)"
    code = f"import sys, numpy, cv2; {loaded}; import fer_edge; fer_edge.Recognizer(); {loaded}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = done.stdout.split()
    assert before == after
