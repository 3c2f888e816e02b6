"""The house's rules: who may import whom."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

FORBIDDEN = {
    "fer_edge": {"train", "convert", "tensorflow", "keras", "matplotlib", "scipy", "sklearn"},
    "train": {"convert", "tensorflow", "torch", "jax"},
    "convert": {"train"},
    "examples": {"train", "convert"},
}
ONE_FILE_EACH = {
    "picamera2": "fer_edge/cameras/picamera.py",
    "ai_edge_litert": "fer_edge/interpreter.py",
    "tflite_runtime": "fer_edge/interpreter.py",
    "torch": "train/weights/pytorch_state.py",
    "tensorflow": "train/layers/fast_batch_norm.py",
}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        allowed = {b for b, file in ONE_FILE_EACH.items() if ROOT / file == path}
        assert not imported(path) & (FORBIDDEN[room] - allowed), path


@pytest.mark.parametrize("backend", ONE_FILE_EACH)
def test_each_optional_backend_is_named_in_one_file(backend: str) -> None:
    word = re.compile(rf"(import |\"){backend}\b")
    room = ROOT / ONE_FILE_EACH[backend].split("/")[0]
    files = [
        path
        for path in room.rglob("*.py")
        # Training asks Keras which backend it has, by name: there only imports count.
        if (
            word.search(path.read_text("utf-8"))
            if room.name == "fer_edge"
            else backend in imported(path)
        )
    ]
    assert [path.relative_to(ROOT).as_posix() for path in files] == [ONE_FILE_EACH[backend]]


def test_files_stay_small() -> None:
    long = [
        path
        for room in ("fer_edge", "train", "convert")
        for path in (ROOT / room).rglob("*.py")
        if len(path.read_text("utf-8").splitlines()) > 250
    ]
    assert not long
