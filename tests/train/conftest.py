"""What several tests of training need."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, one_at_a_time
from train.data.prepared import Prepared, prepare
from train.data.sources import Votes, read_votes
from train.detector.data.pictures import Picture, read_pictures

READ = """
import pathlib, sys, time
from fer_edge.command.peak_memory import peak_memory_mb
from train.data.prepared import prepare
began = time.process_time()
data = prepare(*map(pathlib.Path, sys.argv[1:]))
print(time.process_time() - began)
print(peak_memory_mb())
"""


@dataclass(frozen=True)
class WholeFer2013:
    """The real dataset, which a process of its own has read for all tests that need it."""

    data: Prepared
    """Out of that process's cache."""
    seconds: float
    """Of a processor, that it took."""
    megabytes: float
    """Of memory, at most."""


@pytest.fixture(scope="session")
def whole(shared: Callable[[str], Path], common_folder: Path) -> WholeFer2013:
    source, cache = shared("data/fer2013.tar.xz"), common_folder / "cache"
    cache.mkdir(exist_ok=True)
    told = cache / "told"
    with one_at_a_time(cache):
        if not told.exists():
            command = [sys.executable, "-c", READ, str(source), str(cache)]
            done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
            told.write_text(done.stdout)
    seconds, megabytes = map(float, told.read_text().split())
    return WholeFer2013(prepare(source, cache), seconds, megabytes)


@pytest.fixture(scope="session")
def data(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A few real faces of FER2013: 384 to learn from, 64 of each test split."""
    return prepare(tables / "fer2013.csv", tmp_path_factory.mktemp("few"))


@pytest.fixture(scope="session")
def val(shared: Callable[[str], Path]) -> list[Picture]:
    """The 200 pictures that detectors are measured on."""
    return read_pictures(shared("data/faces_detection.zip"), "val")


@pytest.fixture(scope="session")
def learned(shared: Callable[[str], Path], common_folder: Path) -> list[Picture]:
    """The 6,605 pictures that detectors learn from, as they are marked; decoded once for all."""
    folder = common_folder / "pictures"
    folder.mkdir(exist_ok=True)
    decoded = folder / "learned"
    with one_at_a_time(folder):
        if not decoded.exists():
            pictures = read_pictures(shared("data/faces_detection.zip"), "train")
            with decoded.open("wb") as file:
                pickle.dump(pictures, file, pickle.HIGHEST_PROTOCOL)
            return pictures
    with decoded.open("rb") as file:
        read: list[Picture] = pickle.load(file)
    return read


@pytest.fixture(scope="session")
def votes(tables: Path) -> Votes:
    """FER+'s, of the same faces."""
    return read_votes(tables / "fer2013new.csv")
