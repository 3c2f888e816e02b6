"""What tests of several rooms need: real pictures, and the data beside the checkout."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import fer_edge
from fer_edge.cameras.sample import PORTRAIT
from fer_edge.frame import Frame

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Gives a file of the data beside the checkout; where it is absent, the test is skipped."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            if os.environ.get("CI"):
                pytest.fail(f"{path} is missing, and CI must not skip what needs it")
            pytest.skip(f"needs {path}, which is not part of the project")
        return path

    return find


@pytest.fixture(scope="session")
def portrait() -> Path:
    """The embedded portrait's file: one smiling face."""
    return PORTRAIT


@pytest.fixture(scope="session")
def frame() -> Frame:
    """The first frame of the embedded sample."""
    with fer_edge.open_camera("sample") as camera:
        return next(iter(camera))


@pytest.fixture(scope="session")
def recognizer() -> fer_edge.Recognizer:
    return fer_edge.Recognizer()
