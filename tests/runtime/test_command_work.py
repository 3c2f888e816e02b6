"""`--detect-every`, `--read-every` and `--budget`: how much work `fer-edge watch` does."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import Recognizer, open_camera
from fer_edge.command.arguments import parsed
from fer_edge.command.main import main
from fer_edge.command.stream import stream_of


@pytest.mark.parametrize(
    ("words", "detect_every", "read_every"),
    [((), 0.2, 0.0), (("--detect-every", "1.5", "--read-every", "0.5"), 1.5, 0.5)],
)
def test_the_stream_does_so_much(
    words: tuple[str, ...], detect_every: float, read_every: float
) -> None:
    args = parsed(["watch", "sample", *words])
    with stream_of(args, open_camera("sample"), Recognizer("nano")) as stream:
        assert (stream.work.detect_every, stream.work.read_every) == (detect_every, read_every)


def test_a_budget_that_is_too_small_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "sample", "--budget", "0.001", "--frames", "100"]) == 0
    told = capsys.readouterr()
    assert "a budget of 0.001 of a core is too little" in told.err
    assert "appears" in told.out


@pytest.mark.parametrize("command", ["watch", "demo", "photo", "bench"])
def test_the_models_get_so_many_threads(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = [] if command == "bench" else ["sample"]
    assert main([command, *source, "--threads", "65"]) == 2
    assert (
        "threads must be 1 or more and at most 64, a whole number; got 65"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize("option", ["--detect-every", "--read-every", "--budget"])
def test_pictures_have_no_such_work(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((48, 48), 90, np.uint8))
    assert main(["watch", str(tmp_path / "grey.png"), option, "0.5"]) == 2
    told = capsys.readouterr()
    assert "of pictures, each is read whole" in told.err.splitlines()[-1]
    assert not told.out


@pytest.mark.parametrize("option", ["--detect-every", "--read-every", "--budget"])
@pytest.mark.parametrize("value", ["-1", "nan", "much"])
def test_a_wrong_value_is_one_line_before_a_camera_is_opened(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("watch", "demo"):
        assert main([command, "sample", f"{option}={value}"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert option.strip("-").replace("-", "_") in line.replace("-", "_")
