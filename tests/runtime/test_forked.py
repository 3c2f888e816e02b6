"""Recognizers in a child that was forked while, or after, its parent used them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os, signal, sys, threading
import numpy as np
from fer_edge import Recognizer

picture = np.zeros((48, 64, 3), np.uint8)
recognizer = Recognizer("nano", threads=int(sys.argv[1]))
classifier = recognizer.classifier
faces = np.zeros((1, *classifier.interpreter.input_shape[1:]), np.uint8)

def read():
    recognizer(picture)
    classifier.probabilities(faces)

read()
if sys.argv[2] == "meanwhile":
    # A thread holds the locks for the whole time, as one does that is inside a model.
    def hold():
        models = classifier.interpreter, recognizer.detector.interpreter
        with recognizer._lock, models[0]._lock, models[1]._lock:
            held.set()
            threading.Event().wait()
    held = threading.Event()
    threading.Thread(target=hold, daemon=True).start()
    held.wait()
if os.fork() == 0:
    signal.alarm(30)
    read()
    # Python deletes all at its end.
    sys.exit(7)
print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
os._exit(0)
"""


OF_LIVE = """
import os, signal, sys, threading
import fer_edge

{prepared}
if os.fork() == 0:
    signal.alarm(30)
    try:
        {child}
    except fer_edge.FerEdgeError as error:
        print(error, flush=True)
    {ending}
    sys.exit(7)
print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
print({parent}, flush=True)
os._exit(0)
"""
TRACKER = """
tracker, held = fer_edge.Tracker(), threading.Event()
picture = fer_edge.read_picture(sys.argv[1])
def hold():
    with tracker._turn.lock:
        held.set()
        ending.wait()
ending = threading.Event()
threading.Thread(target=hold, daemon=True).start()
held.wait()
"""
OWN_CAMERA = """
import numpy as np, subprocess
class Device:
    def __del__(self):
        os.write(1, b"deleted")
class Own(fer_edge.Camera):
    name = "own"
    def __init__(self):
        super().__init__(None)
        self._process, self._device = subprocess.Popen(["true"]), Device()
        self._process.wait()
    def _read(self):
        return fer_edge.Frame(np.zeros((4, 4), np.uint8), 0.0)
    def _release(self):
        os.write(1, b"released")
camera = Own()
next(camera)
"""
CAMERA = """
os.mkfifo(sys.argv[2])
def send():
    with open(sys.argv[2], "wb") as fifo:
        for _ in range(200):
            fifo.write(open(sys.argv[1], "rb").read())
threading.Thread(target=send, daemon=True).start()
camera = fer_edge.open_camera(sys.argv[2])
next(camera)
"""


def _forked(program: str, portrait: Path, tmp_path: Path) -> list[str]:
    command = [sys.executable, "-c", program, str(portrait), str(tmp_path / "fifo")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_a_tracker_that_is_at_work_is_its_parents(portrait: Path, tmp_path: Path) -> None:
    parent = "ending.set() or len(tracker(picture)[0].faces)"
    program = OF_LIVE.format(
        prepared=TRACKER, child="tracker(picture)", ending="pass", parent=parent
    )
    told, code, faces = _forked(program, portrait, tmp_path)
    assert told == "the tracker was at work when this process was forked: make a new one here"
    assert (code, faces) == ("7", "0")


@pytest.mark.parametrize("ending", ["camera.close()", "del camera", "pass"])
def test_a_childs_camera_is_its_parents(ending: str, portrait: Path, tmp_path: Path) -> None:
    program = OF_LIVE.format(
        prepared=CAMERA, child="next(camera)", ending=ending, parent="next(camera).index"
    )
    told, code, index = _forked(program, portrait, tmp_path)
    assert told.endswith("by the process that this one was forked from: open it again here")
    assert (code, index) == ("7", "1")


@pytest.mark.parametrize("ending", ["camera.close()", "del camera", "pass"])
def test_a_child_does_not_delete_what_a_camera_of_ones_own_holds(
    ending: str, portrait: Path, tmp_path: Path
) -> None:
    program = OF_LIVE.format(
        prepared=OWN_CAMERA, child="next(camera)", ending=ending, parent="next(camera).index"
    )
    told, code, index = _forked(program, portrait, tmp_path)
    assert told.startswith("own was opened by the process")
    assert (code, index) == ("7", "1")


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_forked_child_may_use_its_parents_recognizer(threads: int, when: str) -> None:
    command = [sys.executable, "-c", PROGRAM, str(threads), when]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("7\n", "")
