"""Recognizers in a child that was forked while, or after, its parent used them."""

from __future__ import annotations

import subprocess
import sys

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


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_forked_child_may_use_its_parents_recognizer(threads: int, when: str) -> None:
    command = [sys.executable, "-c", PROGRAM, str(threads), when]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("7\n", "")
