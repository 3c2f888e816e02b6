"""What several tests of training need."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.data.prepared import Prepared, prepare


@pytest.fixture(scope="session")
def data(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A few real faces of FER2013: 384 to learn from, 64 of each test split."""
    return prepare(tables / "fer2013.csv", tmp_path_factory.mktemp("few"))
