"""`python -m train`, called in this process."""

from __future__ import annotations

from pathlib import Path

from tests.called import Called, called
from train.__main__ import main


def train(*words: str | Path) -> Called:
    return called(main, *words)
