"""What several tests of training need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from train.data.prepared import Prepared, prepare
from train.data.sources import Votes, read_votes
from train.detector.data.pictures import Picture, read_pictures


@pytest.fixture(scope="session")
def data(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A few real faces of FER2013: 384 to learn from, 64 of each test split."""
    return prepare(tables / "fer2013.csv", tmp_path_factory.mktemp("few"))


@pytest.fixture(scope="session")
def val(shared: Callable[[str], Path]) -> list[Picture]:
    """The 200 pictures that detectors are measured on."""
    return read_pictures(shared("data/faces_detection.zip"), "val")


@pytest.fixture(scope="session")
def learned(shared: Callable[[str], Path]) -> list[Picture]:
    """The 6,605 pictures that detectors learn from, as they are marked."""
    return read_pictures(shared("data/faces_detection.zip"), "train")


@pytest.fixture(scope="session")
def votes(tables: Path) -> Votes:
    """FER+'s, of the same faces."""
    return read_votes(tables / "fer2013new.csv")
