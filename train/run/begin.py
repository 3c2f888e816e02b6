"""How a run begins or goes on: its folder, and what it was made with."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras

from fer_edge.version import __version__
from train.errors import RunError
from train.run.command import command
from train.run.files import write_json
from train.run.folder import RunFolder
from train.run.lock import locked
from train.weights.keras_file import read_keras_file

log = logging.getLogger(__name__)


@contextlib.contextmanager
def held(run: RunFolder) -> Iterator[None]:
    """Make the folder and hold its lock meanwhile. A start that fails leaves nothing of it.

    Raises:
        RunError: another process holds the lock, or the folder cannot be made.
    """
    made = _make(run.folder)
    # What is there is looked at, and taken away again, under the lock alone: before, it may be
    # another process's.
    with locked(run.folder):
        is_new = not run.run_file.exists()
        try:
            yield
        except BaseException:
            if is_new and not run.has_results:
                for file in (run.run_file, run.card_file):
                    file.unlink(missing_ok=True)
                _take_away(made, run)
            raise


def _take_away(made: list[Path], run: RunFolder) -> None:
    """Folders that were made for a start. Other runs stay, and what lies beside the run's own
    folder; what else is in that goes with it."""
    if run.folder in made and not any(run.folder.rglob(run.run_file.name)):
        shutil.rmtree(run.folder, ignore_errors=True)
    for folder in made:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _make(folder: Path) -> list[Path]:
    """The folders that had to be made, the innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder} cannot be made: {error.strerror or error}") from error
    return missing


def begin(
    run: RunFolder,
    facts: Mapping[str, Any],
    files: Mapping[str, Any],
    resume: bool,
    same: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> bool:
    """Check the run in the folder, or write down a new one.

    Args:
        run: its folder, which exists.
        facts: what makes the run what it is: settings and hashes, as JSON has them.
        files: where its data lie, so that it can be resumed by its folder alone.
        resume: whether there may be a run already.
        same: what an older run wrote, as this version would have written it.

    Returns:
        Whether the run is new.

    Raises:
        RunError: the folder holds another run, or this one and `resume` is not asked for. Or it
            holds results that no `run.json` tells of.
    """
    if run.run_file.exists():
        before = run.read_facts()
        if not resume and run.model_file.exists():
            raise RunError(
                f"{run.folder} holds a finished run: name another folder; --set "
                f"network.weights={run.model_file} begins with its weights"
            )
        if not resume:
            raise RunError(
                f"{run.folder} holds a run; {run.made_by} --resume {run.folder} goes on "
                "with it, or name another folder"
            )
        known = same(before)
        changed = [key for key in facts if known.get(key) != facts[key]]
        if changed:
            raise RunError(
                f"{run.folder} was begun with other {' and '.join(changed)}; "
                f"its command was: {before.get('command')}"
            )
        return False
    if run.has_results:
        raise RunError(
            f"{run.folder} holds a network or the state of a training, and no run.json says of "
            "which: remove the folder, or name another one"
        )
    made = {
        "task": run.task,
        **facts,
        "files": dict(files),
        "command": command(),
        "started": time.strftime("%Y-%m-%d %H:%M:%S"),
        "machine": machine(),
    }
    write_json(run.run_file, made)
    return True


def machine() -> str:
    """The computer in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores of {platform.processor() or platform.machine()}, {platform.platform()}"


def versions() -> dict[str, str]:
    """The packages that train, as a model's card names them."""
    backend = keras.backend.backend()
    return {
        "fer_edge": __version__,
        "keras": keras.__version__,
        # Its package may have another name, such as tensorflow-cpu.
        backend: str(importlib.import_module(backend).__version__),
    }


def last_state(run: RunFolder) -> tuple[int, keras.Model | None]:
    """The epochs done and the model after them, with its optimizer; 0 and None at the beginning.

    Where the last checkpoint cannot be read, that is told, and the one before is taken.

    Raises:
        RunError: there are checkpoints, and none can be read.
    """
    found = run.checkpoints()
    for done in sorted(found, reverse=True):
        try:
            model = read_keras_file(found[done], compile=True)
        except RunError as error:
            log.warning("%s; going on from the one before", error)
            continue
        log.info("%s: the state after epoch %d", run.folder, done)
        return done, model
    if run.history_file.exists() and not found:
        log.warning("%s has a history and no checkpoint: it begins once more", run.folder)
    if found:
        raise RunError(
            f"{run.folder}: no checkpoint can be read; remove the folder to begin once more"
        )
    return 0, None


def state_after(run: RunFolder, epoch: int) -> keras.Model:
    """The model after an epoch, with its optimizer.

    Raises:
        RunError: its checkpoint is missing or cannot be read.
    """
    file = run.checkpoint_file(epoch)
    if not file.exists():
        raise RunError(
            f"{file} is missing: it holds the weights of the best epoch, which are the result; "
            "put it back, or train anew into another folder"
        )
    return read_keras_file(file, compile=True)
