"""TFLite's news about itself stays out of stderr, and nobody else's lines do."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from fer_edge.native_logs.tflite_log import NEWS, without_news


def stderr_of(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stderr


def test_nothing_is_written_while_models_are_loaded_and_run() -> None:
    code = (
        "import fer_edge, numpy\n"
        "for _ in range(2): fer_edge.Recognizer()(numpy.zeros((240, 320, 3), numpy.uint8))"
    )
    assert stderr_of(code) == ""


def test_without_a_stderr_models_are_loaded_all_the_same() -> None:
    assert stderr_of("import os; os.close(2); import fer_edge; fer_edge.EmotionClassifier()") == ""


def test_what_others_write_meanwhile_comes_out_whole(capfd: pytest.CaptureFixture[str]) -> None:
    """By their own threads, by children, and by native code, which all write to descriptor 2."""

    def write(name: int) -> None:
        for count in range(50):
            os.write(2, b"thread %d, line %d\n" % (name, count))

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for backend in range(20):
        with without_news(f"one of {backend}"):
            os.write(2, NEWS)
            subprocess.run(
                [sys.executable, "-c", "import os; os.write(2, b'child\\n')"], check=True
            )
    for thread in threads:
        thread.join()
    lines = capfd.readouterr().err.splitlines()
    wanted = [f"thread {name}, line {count}" for name in range(4) for count in range(50)]
    assert sorted(lines) == sorted(wanted + ["child"] * 20)


def test_a_child_that_outlives_the_block_keeps_its_stderr(
    capfd: pytest.CaptureFixture[str],
) -> None:
    code = "import os, sys; sys.stdin.read(); os.write(2, b'child\\n')"
    with without_news("one that says nothing"):
        child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
        os.write(2, b"parent\n")
    child.communicate()
    for thread in threading.enumerate():
        if thread.name == "fer_edge-stderr":
            thread.join(10)
    assert capfd.readouterr().err == "parent\nchild\n"


def test_an_error_meanwhile_gives_stderr_back(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with without_news("broken"):
            os.write(2, b"before\n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "before\nafter\n"


def test_news_is_expected_once_a_process(capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        with without_news("told"):
            os.write(2, NEWS)
    assert capfd.readouterr().err.encode() == NEWS
