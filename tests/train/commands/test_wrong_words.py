"""Command lines that say too little, too much, or something that there is not."""

from __future__ import annotations

import pytest

from tests.called import called
from train.__main__ import main


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fit", "lenet"], "expected a network and --data, or --resume"),
        (["fit", "lenet", "--data", "x", "--set", "data.sampel=3"], "did you mean data.sample?"),
        (
            ["fit", "lenet", "--data", "x", "--set", "data.sample"],
            "expected --set group.name=value",
        ),
        (["fit", "--resume", "x", "--epochs", "5"], "--resume needs nothing else, got epochs"),
        (["fit", "--resume", "x", "--cache", "y"], "--resume needs nothing else, got cache"),
        (["fit", "mine", "--data", "x"], "no network is called 'mine'"),
        (
            ["fit", "edge", "--data", "x", "--set", "optimizer.speed=1"],
            "is called 'optimizer.speed'",
        ),
        (
            ["fit", "edge", "--data", "x", "--epochs", "2", "--set", "training.epochs=3"],
            "--epochs and --set training.epochs say the same",
        ),
        (["fit", "edge", "--data", "x", "--set", "data.folds=2", "data.folds=3"], "twice"),
        (
            ["fit", "edge", "--data", "x", "--epochs", "0"],
            "training.epochs must be 1..100000, got 0",
        ),
        (["fit", "edge", "--data", "x", "--precision", "half"], "must be one of float32"),
        (["fit", "edge", "--data", "x", "--set", "training.epochs=a"], "must be a number like 60"),
        (
            ["fit", "edge", "--data", "x", "--set", "data.folds=3", "data.also_public=0.5"],
            "choose data.also_public or data.folds",
        ),
        (["detector", "fit", "--data", "x", "--batch", "0"], "training.batch must be"),
        (["detector", "fit"], "expected --data, or --resume"),
        (["detector", "fit", "--resume", "x", "--crops", "y"], "needs nothing else, got crops"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line_with_code_2(
    words: list[str], message: str
) -> None:
    done = called(main, *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
