"""A run that is the mean of other runs: where it may lie, and what it says of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from train.data.hashes import hash_of
from train.errors import RunError
from train.run.folder import RunFolder

log = logging.getLogger(__name__)


def said_of(run: RunFolder, data: str) -> dict[str, Any]:
    """For a card: the run's name and command, and the hashes of its network and its data.

    Args:
        run: a finished one.
        data: the key in `run.json` of its data's hash, or hashes.
    """
    facts = run.read_facts()
    return {
        "run": run.folder.name,
        "sha256": hash_of(run.model_file),
        "data": facts.get(data),
        "command": facts.get("command"),
    }


def check_several(runs: Sequence[RunFolder]) -> None:
    """Raise a RunError if there are fewer than two."""
    if len(runs) < 2:
        raise RunError(f"expected two runs or more to average, got {len(runs)}")


def check_free(out: RunFolder, replace: bool, runs: Sequence[RunFolder]) -> None:
    """Whether the folder holds no run, or a mean that may be replaced.

    Raises:
        RunError: it holds another run, or one of those that are averaged.
    """
    whole_paths = [run.folder.resolve() for run in runs]
    if any(out.folder.resolve() in (one, *one.parents) for one in whole_paths):
        raise RunError(f"{out.folder} holds a run that is averaged; name another folder")
    if not out.run_file.exists() and not out.has_results:
        return
    is_mean = out.run_file.exists() and "averaged" in out.read_facts() and not out.checkpoints()
    if is_mean and not out.model_file.exists():
        return  # An earlier call was stopped before it was complete.
    if not is_mean:
        raise RunError(f"{out.folder} holds a run; name another folder")
    if not replace:
        raise RunError(
            f"{out.folder} holds a run, an earlier mean: name another folder, or replace it with "
            "--replace"
        )
    log.info("%s: the mean that was there is replaced", out.folder)
