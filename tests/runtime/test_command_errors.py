"""An error of `fer-edge` is one line and an exit code."""

from __future__ import annotations

import threading

import pytest

from fer_edge.command.main import main
from tests.runtime.command_line import fer_edge


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["watch", "nowhere.mp4"], 1, "no camera or file at 'nowhere.mp4'"),
        (["watch", "97"], 1, "cannot be opened"),
        (["info", "none.tflite"], 1, "no model at"),
        (["photo", "none.jpg"], 1, "cannot be read"),
        (["photo", "/dev/zero"], 1, "it is no file"),
        (["info", "/dev/zero"], 1, "is a folder, a pipe or a device"),
        (["watch", "/dev/null"], 1, "/dev/null"),
        (["watch", "sample", "--detector", "eyes"], 1, "no detector is called"),
        (
            ["demo", "sample", "--frames", "1", "--picture", "/proc/no/x.jpg"],
            1,
            "cannot be written",
        ),
        (["photo", "none.jpg", "--annotate", "/dev/full"], 1, "none.jpg cannot be read"),
        (
            ["demo", "sample", "--frames", "1", "--picture", "/dev/full/x.jpg"],
            1,
            "/dev/full/x.jpg cannot be written: expected a folder, and /dev/full is none",
        ),
        (
            ["demo", "sample", "--picture", "seen.txt"],
            1,
            "expected a name that ends in one of .jpg",
        ),
        (["photo", "a.png", "--trust-detector"], 2, "--trust-detector is for a detector's .onnx"),
        (["photo", "a.png", "--detection-side", "16"], 2, "detection_side must be 32 or more"),
        (["watch", "--frames", "0"], 2, "expected a whole number, 1 or more, got '0'"),
        (["watch", "--frames", "9" * 30], 2, "at most 9 digits, got one of 30"),
        (["watch", "--size", "640"], 2, "expected WIDTHxHEIGHT"),
        (["watch", "--fps", "many"], 2, "expected a number"),
        (["watch", "sample", "--fps", "nan"], 2, "fps must be"),
        (["watch", "sample", "--open-timeout", "-1"], 2, "open_timeout must be"),
        (["watch", "--rotate", "45"], 2, "invalid choice"),
        (["photo", ""], 2, "expected a name"),
        (["dance"], 2, "invalid choice"),
    ],
)
def test_errors_are_one_line_and_a_code(words: list[str], code: int, message: str) -> None:
    done = fer_edge(*words)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    if code == 1 or "must be" in message:
        assert done.stderr.splitlines()[-1].startswith("fer-edge: ")


@pytest.mark.parametrize(
    "words",
    [
        ["photo", "--bogus"],
        ["photo"],
        ["photo", ""],
        ["photo", "--max-pixels", "0", "a.png"],
        ["watch", "--size", "3"],
        ["watch", "--rotate", "45"],
        ["watch", "--fps", "fast\ndone"],
        ["bogus"],
        [],
    ],
)
def test_a_wrong_command_line_costs_one_line(words: list[str]) -> None:
    done = fer_edge(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("fer-edge: ")
    assert "--help shows what there is" in line


def test_a_system_without_threads_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", full)
    assert main(["info"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        "fer-edge: cannot begin (can't start new thread): end other programs, or allow more "
        "threads and memory\n"
    )
