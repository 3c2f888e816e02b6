"""What is told when a training is stopped: how it goes on, or that nothing of it was kept."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator

from train.run.folder import RunFolder


@contextlib.contextmanager
def telling_how_it_goes_on(
    args: argparse.Namespace, run: RunFolder, command: str
) -> Iterator[None]:
    """Leave in `args.goes_on_by` what is to be told after Ctrl-C.

    Args:
        args: of the command line.
        run: the training's folder; before its first checkpoint it goes with a stop.
        command: what resumes such a run.
    """
    try:
        yield
    except KeyboardInterrupt:
        kept = run.run_file.exists()
        goes_on = f"; {command} --resume {run.folder} goes on"
        args.goes_on_by = goes_on if kept else f"; nothing of {run.folder} was kept"
        raise
