"""What several tests of the runtime need."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.faulty import Scripted

pytest.register_assert_rewrite("tests.runtime.leaks")


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """A pipe with a name, that nobody writes to yet."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


@pytest.fixture
def _nothing_is_left() -> Iterator[None]:
    """All threads that a test begins end soon after it."""
    before = threading.active_count()
    yield
    until = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before


@pytest.fixture
def _cameras_are_given_back() -> Iterator[None]:
    """Each scripted camera that a test opens is released by its end."""
    Scripted.opened = Scripted.released = 0
    yield
    assert Scripted.opened == Scripted.released
