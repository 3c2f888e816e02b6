"""The house's rules: who may import whom."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import LONGEST, ROOT

FORBIDDEN = {
    "fer_edge": {
        *{"train", "convert", "tensorflow", "keras"},
        *{"matplotlib", "scipy", "sklearn", "PIL", "onnx"},
    },
    "train": {"convert", "tensorflow", "torch", "jax", "onnx"},
    "convert": {"train"},
    "examples": {"train", "convert"},
}
ONE_FILE_EACH = {
    "av": "fer_edge/cameras/pyav.py",
    "picamera2": "fer_edge/cameras/picamera.py",
    "ai_edge_litert": "fer_edge/tflite_backend.py",
    "tflite_runtime": "fer_edge/tflite_backend.py",
    "torch": "train/weights/pytorch_state.py",
    "tensorflow": "train/layers/fast_batch_norm.py",
    "onnx": "train/detector/yunet_network.py",
}

LEVELS: dict[str, tuple[set[str], ...]] = {
    "fer_edge": (
        {"command"},
        {"annotation"},
        {"live"},
        {"recognizer", "classifier_speed", "calibration_error"},
        {"classifier"},
        {"reading", "cameras"},
        {"detectors", "model_input", "frame"},
        {"pictures"},
        {"face"},
        {"interpreter", "priors", "emotion"},
        {"models", "handover", "tflite_backend"},
        {"number", "whole_file", "json_values", "native_logs"},
        {"printable", "forked", "process", "started"},
        {"errors", "version"},
    ),
    "fer_edge.live": (
        {"stream"},
        {"lifecycle"},
        {"loop"},
        {"frame_intake", "signals"},
        {"frames", "tracking", "delivery"},
        {"faces"},
        {"results"},
    ),
    "train": (
        {"commands"},
        {"recipes"},
        {"emotion", "detector"},
        {"report", "run"},
        {"weights", "layers", "networks"},
        {"data"},
        {"errors"},
    ),
}
"""The rooms of each package, from the roof down. A room imports itself and what lies below it."""


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


def modules(path: Path) -> set[str]:
    """All names of modules that a file imports, those inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("package", LEVELS)
def test_rooms_import_only_downwards(package: str) -> None:
    level_of = {room: level for level, rooms in enumerate(LEVELS[package]) for room in rooms}
    folder = ROOT.joinpath(*package.split("."))
    rooms = {path.stem for path in folder.iterdir() if path.name not in ("__pycache__", "py.typed")}
    assert rooms - {"__init__", "__main__"} == set(level_of)
    for path in folder.rglob("*.py"):
        room = path.relative_to(folder).parts[0].removesuffix(".py")
        if room in ("__init__", "__main__"):
            continue
        for name in modules(path):
            inside = name.startswith(f"{package}.")
            other = name.removeprefix(f"{package}.").split(".")[0] if inside else room
            allowed = other == room or level_of[other] > level_of[room]
            assert allowed, f"{path.relative_to(ROOT)} imports {name}"


def test_files_import_in_no_circle() -> None:
    packages = {package.split(".")[0] for package in LEVELS}
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in packages
        for path in (ROOT / package).rglob("*.py")
    }
    # `from fer_edge import x` needs x, which is named apart, and not what __init__ offers.
    needs = {n: (modules(path) & set(files)) - {n, *packages} for n, path in files.items()}
    while free := {name for name, others in needs.items() if not others}:
        needs = {name: others - free for name, others in needs.items() if name not in free}
    assert not needs


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


def test_the_files_that_begin_first_exist() -> None:
    assert [name for name in LONGEST if not (ROOT / name).is_file()] == []


def test_files_stay_small() -> None:
    long = [
        path
        for room in ("fer_edge", "train", "convert", "tests", "examples")
        for path in (ROOT / room).rglob("*.py")
        if len(path.read_text("utf-8").splitlines()) >= 250
    ]
    assert not long
