"""What a training that is stopped says of itself."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from train.commands.stopped import telling_how_it_goes_on
from train.emotion.run import EmotionRun


@pytest.mark.parametrize("kept", [True, False])
def test_it_is_resumed_only_if_something_was_kept(kept: bool, tmp_path: Path) -> None:
    args, run = argparse.Namespace(goes_on_by=""), EmotionRun(tmp_path)
    if kept:
        run.run_file.touch()
    with pytest.raises(KeyboardInterrupt), telling_how_it_goes_on(args, run, "fit"):
        raise KeyboardInterrupt
    expected = f"; fit --resume {tmp_path} goes on" if kept else f"; nothing of {tmp_path} was kept"
    assert args.goes_on_by == expected


def test_what_ends_by_itself_says_nothing(tmp_path: Path) -> None:
    args = argparse.Namespace(goes_on_by="")
    with telling_how_it_goes_on(args, EmotionRun(tmp_path), "fit"):
        pass
    assert args.goes_on_by == ""
