"""What `fit` and `prepare` cannot do is told in one line, and what they read is described."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.train.emotion.train_command import train
from train.errors import RunError


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["fit", "edge", "--data", "DATA", "--run", "RUN", "--teachers", "nowhere"],
            "nowhere cannot teach",
        ),
        (["evaluate", "nowhere", "--data", "DATA"], "run.json is missing"),
        (["prepare", "--data", "nowhere.csv"], "nowhere.csv does not exist"),
        (
            ["fit", "edge", "--data", "DATA", "--run", "RUN", "--batch", "5000"],
            "do not fill a batch",
        ),
        (
            ["fit", "edge", "--data", "DATA", "--run", "RUN", "--votes", "x.csv"],
            "x.csv cannot be read",
        ),
    ],
)
def test_errors_are_one_line(words: list[str], message: str, tables: Path, tmp_path: Path) -> None:
    places = {"DATA": str(tables / "fer2013.csv"), "RUN": str(tmp_path / "run")}
    done = train(*[places.get(word, word) for word in words], "--cache", tmp_path / "cache")
    assert done.returncode == 1
    assert message in done.stderr
    told = [line for line in done.stderr.splitlines() if not line.startswith("reading ")]
    assert len(told) == 1, done.stderr
    assert not (tmp_path / "run").exists(), "a start that failed leaves no folder"


def test_prepare_describes_the_data(tables: Path, tmp_path: Path) -> None:
    words: list[str | Path] = ["--votes", tables / "fer2013new.csv", "--cache", tmp_path]
    done = train("prepare", "--data", tables / "fer2013.csv", *words)
    assert done.returncode == 0
    assert "512 faces of 48x48" in done.stdout
    assert "512 faces were voted on" in done.stdout


def test_data_without_a_test_split_are_told_of_before_the_training(
    tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: object) -> None:
        raise RunError("stopped here")

    monkeypatch.setattr("train.emotion.fit.last_state", stop)
    rows = (tables / "fer2013.csv").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "some.csv").write_text(
        "".join(row for row in rows if "Test" not in row), encoding="utf-8"
    )
    words: list[str | Path] = ["fit", "lenet", "--cache", tmp_path, "--run", tmp_path / "run"]
    for data, warnings in ((tables / "fer2013.csv", 0), (tmp_path / "some.csv", 1)):
        done = train(*words, "--data", data)
        assert "stopped here" in done.stderr
        assert done.stderr.count("no face is in PublicTest or PrivateTest") == warnings
