"""What a training that is stopped says of itself."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from train.commands.stopped import telling_how_it_goes_on
from train.emotion.run import EmotionRun
from train.run.begin import held
from train.run.files import write_json


@pytest.mark.parametrize("kept", [True, False])
def test_it_is_resumed_only_if_something_was_kept(kept: bool, tmp_path: Path) -> None:
    args, run = argparse.Namespace(goes_on_by=""), EmotionRun(tmp_path / "run")

    def stop() -> None:
        with telling_how_it_goes_on(args, run, "fit"), held(run):
            write_json(run.run_file, {})
            if kept:
                run.checkpoint_file(1).touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    what = f"fit --resume {run.folder} goes on" if kept else f"nothing of {run.folder} was kept"
    assert args.goes_on_by == f"; {what}"
    assert run.folder.exists() == kept


def test_what_ends_by_itself_says_nothing(tmp_path: Path) -> None:
    args = argparse.Namespace(goes_on_by="")
    with telling_how_it_goes_on(args, EmotionRun(tmp_path), "fit"):
        pass
    assert args.goes_on_by == ""
