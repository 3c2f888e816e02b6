"""A program with a stream ends at once on Ctrl-C, on SIGTERM and at its own end."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.runtime.stream_states import AT_ONCE

PROGRAM = """
import sys, threading, time
import fer_edge
from fer_edge.live.stream import Stream
from tests.runtime.painted import Believing
from tests.runtime.stream_states import sources
from pathlib import Path

source = sources(Path(sys.argv[1]))[sys.argv[2]]
retry = fer_edge.live.Retry(initial=60, maximum=60)
stream = Stream(source, Believing(), retry=retry, frame_timeout=0.2)
stream.on("leave")(lambda event: print("left", flush=True))
threading.Timer(0.6, lambda: print("ready", flush=True)).start()
if sys.argv[3] == "run":
    stream.run()
elif "events" in sys.argv[3]:
    if "SIGTERM" in sys.argv[3]:
        # As docs/live.md shows.
        import signal
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with stream:
        for event in stream.events():
            pass
elif sys.argv[3] == "falls off the end":
    stream.start()
    time.sleep(0.7)
print("over", flush=True)
"""


def program(folder: Path, state: str, how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-X", "faulthandler", "-c", PROGRAM, str(folder), state, how]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str], number: int) -> tuple[float, str, str]:
    """Seconds from the signal to the end, and what it wrote meanwhile."""
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    assert "ready\n" in itertools.takewhile(lambda line: line != "", lines)
    began = time.monotonic()
    process.send_signal(number)
    out, error = process.communicate(timeout=60)
    return time.monotonic() - began, out, error


@pytest.mark.parametrize("state", ["camera", "frozen", "nobody writes", "failing"])
def test_ctrl_c_ends_run_in_order(state: str, tmp_path: Path) -> None:
    process = program(tmp_path, state, "run")
    seconds, out, error = ended(process, signal.SIGINT)
    assert seconds < AT_ONCE
    assert process.returncode == 0, error
    assert out.endswith("over\n")
    if state == "camera":
        assert "left" in out
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("state", "way"),
    [
        *((state, "run") for state in ("camera", "frozen", "nobody writes")),
        *((state, "events, SIGTERM") for state in ("camera", "frozen")),
    ],
)
def test_sigterm_ends_run_or_a_program_that_says_so_in_order(
    state: str, way: str, tmp_path: Path
) -> None:
    process = program(tmp_path, state, way)
    seconds, out, error = ended(process, signal.SIGTERM)
    assert seconds < AT_ONCE
    assert process.returncode == 128 + signal.SIGTERM, error
    if state == "camera":
        assert "left" in out
    assert error == ""


@pytest.mark.parametrize("state", ["camera", "frozen"])
def test_ctrl_c_in_a_loop_over_events_is_an_interrupt_at_once(state: str, tmp_path: Path) -> None:
    process = program(tmp_path, state, "events")
    seconds, _, error = ended(process, signal.SIGINT)
    assert seconds < AT_ONCE
    assert process.returncode == -signal.SIGINT
    assert error.rstrip().endswith("KeyboardInterrupt")


@pytest.mark.parametrize("state", ["camera", "frozen", "recording"])
def test_a_program_may_end_without_closing(state: str, tmp_path: Path) -> None:
    process = program(tmp_path, state, "falls off the end")
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    assert "over" in out
    assert error == ""
