"""How a run begins or goes on: its folder, its card, and what it was made with."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import platform
import time
from typing import Any

import keras
import numpy as np

from fer_edge.models.card import ModelCard
from fer_edge.version import __version__
from train.data.faces import SPLITS, Faces
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.settings import Settings
from train.errors import RunError
from train.networks import find_network
from train.run.command import command
from train.run.folder import RunFolder, read_json, write_json

log = logging.getLogger(__name__)


def begin(
    run: RunFolder,
    settings: Settings,
    data: Prepared,
    faces: Faces,
    votes: Votes | None,
    resume: bool,
) -> int:
    """Make or check the run folder.

    Returns:
        The number of epochs already done.

    Raises:
        RunError: it holds another run, or this one and `resume` is not asked for.
    """
    card = _card(settings, data, faces, votes)
    facts = {
        "settings": settings.to_json(),
        "data": data.sha256,
        "votes": votes.sha256 if votes else None,
    }
    if run.settings.exists():
        if not resume:
            raise RunError(f"{run.path} holds a run; add --resume to go on, or name another folder")
        _check_same(run, facts)
        return max(run.checkpoints(), default=0)
    run.path.mkdir(parents=True, exist_ok=True)
    started = time.strftime("%Y-%m-%d %H:%M:%S")
    write_json(run.card, card.to_json())
    made = {"command": command(), "started": started, "machine": machine()}
    write_json(run.settings, {**facts, **made})
    return 0


def machine() -> str:
    """The computer in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores of {platform.processor() or platform.machine()}, {platform.platform()}"


def resumed(run: RunFolder, done: int) -> keras.Model:
    """The model as it was after an epoch, with its optimizer.

    Raises:
        RunError: the checkpoint cannot be read.
    """
    log.info("%s: the state after epoch %d", run.path, done)
    try:
        return keras.saving.load_model(run.checkpoint(done))
    except (OSError, ValueError) as error:
        raise RunError(
            f"{run.checkpoint(done)} cannot be read ({error}); "
            "delete it to go on from the one before"
        ) from error


def _check_same(run: RunFolder, facts: dict[str, Any]) -> None:
    before = read_json(run.settings)
    known = {**before, "settings": Settings.from_json(before["settings"]).to_json()}
    changed = [key for key in facts if known.get(key) != facts[key]]
    if changed:
        raise RunError(
            f"{run.path} was begun with other {' and '.join(changed)}; "
            f"its command was: {before.get('command')}"
        )


def _card(settings: Settings, data: Prepared, faces: Faces, votes: Votes | None) -> ModelCard:
    split_sizes = dict(zip(SPLITS, np.bincount(faces.split, minlength=3).tolist(), strict=True))
    origin: dict[str, Any] = {
        "data": {"file": data.source, "sha256": data.sha256, "faces": split_sizes},
        "settings": settings.to_json(),
        "command": command(),
    }
    if votes is not None:
        origin["votes"] = {"file": votes.source, "sha256": votes.sha256}
    return ModelCard(
        name=settings.network,
        labels=faces.labels,
        input=find_network(settings.network).input,
        temperature=1.0,
        origin=origin,
        accuracy={},
        calibration_error={},
        versions={
            "fer_edge": __version__,
            "keras": keras.__version__,
            keras.backend.backend(): importlib.metadata.version(keras.backend.backend()),
        },
        minimum_runtime="0.1.0",
    )
