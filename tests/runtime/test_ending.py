"""Ctrl-C and SIGTERM end every command, in every state: real processes, real signals."""

from __future__ import annotations

import array
import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge.whole_file import remove_unfinished, unfinished

FER_EDGE = [sys.executable, "-m", "fer_edge"]
LIMIT = 6.0
"""Seconds; the command has one, a busy machine may take more to let it run."""
SIGNALS = [signal.SIGINT, signal.SIGTERM]
Process = subprocess.Popen[bytes]


def started(*words: str | Path, ctrl_c: str = "default") -> Process:
    # A suite that a shell runs in its background hands SIGINT on as ignored.
    command = ["env", f"--{ctrl_c}-signal=INT", *FER_EDGE, *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for(what: Callable[[], bool], process: Process) -> None:
    end = time.monotonic() + 60
    while not what():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)


def has_loaded(process: Process, library: str) -> bool:
    try:
        return library in Path(f"/proc/{process.pid}/maps").read_text("utf-8")
    except OSError:
        return False


def waiting_in(pipe: int) -> int:
    """Bytes in a pipe that nobody reads."""
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


def has_filled(pipe: int) -> Callable[[], bool]:
    def filled() -> bool:
        before = waiting_in(pipe)
        time.sleep(0.3)
        # The pipe's last page may stay open where a line does not fit in.
        return before > 50_000 and waiting_in(pipe) == before

    return filled


def ended(process: Process, number: int) -> tuple[int, bytes, bytes]:
    """Signal it; gives code, stdout and stderr, and has checked what holds of every end."""
    process.send_signal(number)
    try:
        process.wait(LIMIT)
    finally:
        process.kill()
        out, err = process.communicate()
    assert b"Traceback" not in err
    assert b"Exception ignored" not in err
    return process.returncode, out, err


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("library", ["numpy", "cv2"])
def test_while_libraries_load(library: str, number: int) -> None:
    process = started("info")
    wait_for(lambda: has_loaded(process, library), process)
    code, _, err = ended(process, number)
    # It may have come to its end first.
    assert code in (0, 128 + number)
    assert not err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", ["watch", "demo"])
def test_while_frames_come(command: str, number: int, code: int, tmp_path: Path) -> None:
    words = ["--picture", tmp_path / "seen.png"] if command == "demo" else ["--json"]
    process = started(command, "sample", *words)
    assert process.stdout is not None
    # The demonstration's first lines tell its source, who came and who changed; then, of a reading.
    for _ in range(4 if command == "demo" else 2):
        process.stdout.readline()
    found, out, _ = ended(process, number)
    assert found == code
    # What had been begun was brought to its end.
    assert not out or out.endswith(b"\n")
    if command == "demo":
        assert b"frames in" in out
        assert [path.name for path in tmp_path.iterdir()] == ["seen.png"]


def test_a_summary_that_fails_after_ctrl_c_is_told() -> None:
    process = started("demo", "sample", "--picture", "/proc/no/seen.png")
    assert process.stdout is not None
    for _ in range(4):
        process.stdout.readline()
    code, out, err = ended(process, signal.SIGINT)
    assert code == 130
    assert b"frames in" in out
    assert err.splitlines()[-1].startswith(b"fer-edge: /proc/no/seen.png cannot be written")


@pytest.mark.parametrize("number", SIGNALS)
def test_while_nobody_reads_the_results(number: int) -> None:
    process = started("watch", "sample", "--json")
    assert process.stdout is not None
    wait_for(has_filled(process.stdout.fileno()), process)
    code, _, _ = ended(process, number)
    assert code == 128 + number


@pytest.mark.parametrize("number", SIGNALS)
def test_while_nobody_reads_the_errors(number: int) -> None:
    process = started("photo", *(f"{'missing' * 20}{n}.jpg" for n in range(800)))
    assert process.stderr is not None
    wait_for(has_filled(process.stderr.fileno()), process)
    code, _, _ = ended(process, number)
    assert code == 128 + number


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """90 megapixels: a second or more in one native call."""
    path = tmp_path_factory.mktemp("large") / "large.png"
    black = np.zeros((9500, 9500), np.uint8)
    assert cv2.imwrite(str(path), black, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return path


@pytest.mark.parametrize("number", SIGNALS)
def test_while_a_large_picture_is_decoded(number: int, large: Path, tmp_path: Path) -> None:
    process = started("photo", *[large] * 50, "--annotate", tmp_path / "marks")
    wait_for(lambda: resident(process) > 300e6, process)
    code, _, _ = ended(process, number)
    assert code == 128 + number
    assert not list(tmp_path.rglob(".*"))


def resident(process: Process) -> float:
    """Bytes."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("number", SIGNALS)
def test_while_a_fifo_is_waited_for(number: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    process = started("watch", tmp_path / "fifo")
    wait_for(lambda: has_loaded(process, "cv2"), process)
    time.sleep(1.5)
    assert process.poll() is None, process.communicate()
    code, out, err = ended(process, number)
    assert (code, out) == (128 + number, b"")
    assert [line.split()[0] for line in err.splitlines()] == [b"camera:"]


@pytest.mark.parametrize("number", SIGNALS)
def test_while_it_measures(number: int) -> None:
    process = started("bench", "--repeat", "1000000")
    wait_for(lambda: has_loaded(process, "litert") or has_loaded(process, "tflite"), process)
    time.sleep(0.5)
    code, out, err = ended(process, number)
    assert code == 128 + number
    assert not out
    assert b"fer-edge:" not in err


def test_a_second_ctrl_c_is_not_needed_and_does_no_harm() -> None:
    process = started("watch", "sample", "--json")
    assert process.stdout is not None
    wait_for(has_filled(process.stdout.fileno()), process)
    process.send_signal(signal.SIGINT)
    code, _, _ = ended(process, signal.SIGINT)
    assert code == 130


def test_what_a_shell_told_to_ignore_ctrl_c_ignores_it() -> None:
    process = started("watch", "sample", "--json", ctrl_c="ignore")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert len(out.splitlines()) == 149


def test_unfinished_files_go(tmp_path: Path) -> None:
    with unfinished(tmp_path / "a"):
        (tmp_path / "a").write_bytes(b"half")
    (tmp_path / "b").write_bytes(b"whole")
    with unfinished(tmp_path / "c"):
        (tmp_path / "c").write_bytes(b"half")
        remove_unfinished()
        assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_signal_that_another_thread_gets_ends_it_too() -> None:
    # A wait for a lock is not broken off by it, nor by one that comes just before the wait.
    code = (
        "import os, signal, threading, time\n"
        "from fer_edge.command.stop import run_until_stopped\n"
        "def work(stop):\n"
        "    time.sleep(0.3)\n"
        "    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)\n"
        "    while stop.signal is None:\n"
        "        time.sleep(0.01)\n"
        "    return 9\n"
        "print(run_until_stopped(work))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert done.stdout == b"9\n", done.stderr
