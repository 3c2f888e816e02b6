"""What training hands to conversion is read back as it was written, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_edge.handover import DetectorHandover, EmotionHandover, HandoverError, TestFaces

PICTURES = np.arange(2 * 4 * 4, dtype=np.uint8).reshape(2, 4, 4, 1)
RIGHT = np.array([1, -1])


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    none = np.array([-1, -1])
    tests = {"PublicTest": TestFaces(PICTURES, {"fer2013": RIGHT, "ferplus": none})}
    EmotionHandover(PICTURES, tests).write(tmp_path / "faces.npz")
    found = EmotionHandover.read(tmp_path / "faces.npz")
    np.testing.assert_array_equal(found.calibration_images, PICTURES)
    assert set(found.tests) == {"PublicTest"}
    truths = found.tests["PublicTest"].truths
    assert set(truths) == {"fer2013"}, "an accuracy over no faces is no number"
    np.testing.assert_array_equal(truths["fer2013"], RIGHT)
    with np.load(tmp_path / "faces.npz") as arrays:
        assert set(arrays) == {
            *("calibration_images", "public_test_images"),
            *("public_test_fer2013", "public_test_ferplus"),
        }

    DetectorHandover(PICTURES, PICTURES[:1]).write(tmp_path / "scenes.npz")
    scenes = DetectorHandover.read(tmp_path / "scenes.npz")
    assert len(scenes.calibration_images) == 2
    assert len(scenes.test_images) == 1


def test_files_of_older_runs_are_read(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {
        "calibration": PICTURES,
        "PrivateTest.images": PICTURES,
        "PrivateTest.ferplus": RIGHT,
    }
    np.savez(tmp_path / "faces.npz", **arrays)
    found = EmotionHandover.read(tmp_path / "faces.npz")
    assert set(found.tests["PrivateTest"].truths) == {"ferplus"}
    np.savez(tmp_path / "scenes.npz", calibration=PICTURES, test=PICTURES)
    assert len(DetectorHandover.read(tmp_path / "scenes.npz").test_images) == 2


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "holds no calibration_images, only nothing"),
        ({"calibration_images": PICTURES.astype(float)}, "expected pictures .* of float64"),
        ({"calibration_images": PICTURES[..., 0]}, "expected pictures"),
        ({"calibration_images": PICTURES[:0]}, "expected pictures"),
        (
            {
                "calibration_images": PICTURES,
                "public_test_images": PICTURES,
                "public_test_fer2013": RIGHT[:1],
            },
            "PublicTest has not one answer a face",
        ),
    ],
)
def test_other_arrays_are_refused(arrays: dict[str, Any], message: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "faces.npz", **arrays)
    with pytest.raises(HandoverError, match=message):
        EmotionHandover.read(tmp_path / "faces.npz")


@pytest.mark.parametrize("content", [b"", b"{", b"PK\x03\x04 cut short"])
def test_damaged_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "faces.npz"
    with pytest.raises(HandoverError, match="is missing"):
        EmotionHandover.read(path)
    path.write_bytes(content)
    with pytest.raises(HandoverError, match=r"is damaged|no named arrays"):
        EmotionHandover.read(path)
    np.save(tmp_path / "lone.npy", PICTURES)
    (tmp_path / "lone.npy").rename(path)
    with pytest.raises(HandoverError, match="no named arrays"):
        EmotionHandover.read(path)
