"""What tests of several rooms need: real pictures, and the data beside the checkout."""

from __future__ import annotations

import io
import itertools
import os
import signal
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

import fer_edge
from fer_edge.cameras.sample import PORTRAIT
from fer_edge.frame import Frame

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
TAKEN = {"Training": 384, "PublicTest": 64, "PrivateTest": 64}

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that runs the suite in its background has Ctrl-C ignored, and all that we start, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for what is read of the real datasets, which takes ten seconds each time."""
    return tmp_path_factory.mktemp("cache")


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


@pytest.fixture(scope="session")
def tables(shared: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with fer2013.csv and fer2013new.csv: the first rows of each real split."""
    folder = tmp_path_factory.mktemp("tables")
    votes = shared("data/fer2013new.csv").read_text("utf-8").splitlines(keepends=True)
    left, rows, kept = dict(TAKEN), [], [votes[0]]
    with tarfile.open(shared("data/fer2013.tar.xz")) as tar:
        member = next(member for member in tar if member.name.endswith("fer2013.csv"))
        file = tar.extractfile(member)
        assert file is not None
        with io.TextIOWrapper(file, "utf-8") as text:
            header = next(text)
            for line, vote in zip(text, itertools.islice(votes, 1, None), strict=True):
                usage = line.rsplit(",", 1)[1].strip()
                if left[usage]:
                    left[usage] -= 1
                    rows.append(line)
                    kept.append(vote)
    (folder / "fer2013.csv").write_text(header + "".join(rows), "utf-8")
    (folder / "fer2013new.csv").write_text("".join(kept), "utf-8")
    return folder
