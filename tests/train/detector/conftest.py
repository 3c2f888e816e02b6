"""What several tests of the detector's training need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.train.detector.few_pictures import write_few


@pytest.fixture(scope="session")
def few(shared: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip of one in 75 of the pictures to learn from."""
    archive = shared("data/faces_detection.zip")
    return write_few(archive, 75, tmp_path_factory.mktemp("few") / "few.zip")


@pytest.fixture(scope="session")
def teacher(shared: Callable[[str], Path]) -> Path:
    """YuNet's file."""
    return shared("models/face_detection_yunet_2023mar.onnx")
