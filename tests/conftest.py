"""What tests of several rooms need: real pictures, and the data beside the checkout."""

from __future__ import annotations

import contextlib
import fcntl
import io
import itertools
import os
import signal
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

import fer_edge
from fer_edge.cameras.sample import PORTRAIT_FILE
from fer_edge.frame import Frame

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
TAKEN = {"Training": 384, "PublicTest": 64, "PrivateTest": 64}

# A busy machine is slow to make examples and to run them, which says nothing of what is tested.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that runs the suite in its background has Ctrl-C ignored, and all that we start, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


LONGEST = (
    "tests/train/networks/test_zoo.py",
    "tests/train/detector/test_detector_run.py",
    "tests/runtime/test_live_flicker.py",
    "tests/runtime/test_stream_closing.py",
    "tests/runtime/test_waiting_cameras.py",
    "tests/runtime/test_stream_signals.py",
    "tests/runtime/test_cameras_under_fire.py",
    "tests/runtime/test_command_errors.py",
    "tests/runtime/test_command_bench.py",
    "tests/runtime/test_command_watch.py",
    "tests/runtime/test_command_streams.py",
    "tests/runtime/test_never_late.py",
    "tests/runtime/test_soak.py",
    "tests/runtime/test_stream_faults.py",
)
"""Files that take long begin first, so that at the end no core waits for another."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {str(ROOT / name): place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(str(item.path), len(LONGEST)))


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
def common_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of this run of the suite."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Of several processes that are to make the same files there, one goes first."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def portrait() -> Path:
    """The embedded portrait's file: one smiling face."""
    return PORTRAIT_FILE


@pytest.fixture(scope="session")
def frame() -> Frame:
    """The first frame of the embedded sample."""
    with fer_edge.open_camera("sample") as camera:
        return next(iter(camera))


@pytest.fixture(scope="session")
def recognizer() -> fer_edge.Recognizer:
    return fer_edge.Recognizer()


@pytest.fixture(scope="session")
def tables(shared: Callable[[str], Path], common_folder: Path) -> Path:
    """A folder with fer2013.csv and fer2013new.csv: the first rows of each real split."""
    folder = common_folder / "tables"
    with one_at_a_time(common_folder):
        if not folder.exists():
            folder.mkdir()
            _write_tables(shared, folder)
    return folder


def _write_tables(shared: Callable[[str], Path], folder: Path) -> None:
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
                if not any(left.values()):
                    break
    (folder / "fer2013.csv").write_text(header + "".join(rows), "utf-8")
    (folder / "fer2013new.csv").write_text("".join(kept), "utf-8")
