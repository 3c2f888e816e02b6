"""The first card of an emotion network; `convert` completes it and puts it into the .tflite."""

from __future__ import annotations

from typing import Any

import numpy as np

from fer_edge.models.card import ModelCard
from train.data.faces import SPLITS, Faces
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.measuring.priors import learned_shares
from train.emotion.selection import FOLDS_VERSION
from train.emotion.settings import Settings
from train.emotion.truths import truths_asked
from train.networks import find_network
from train.run.begin import versions
from train.run.command import command


def _learned(settings: Settings, faces: Faces, votes: Votes | None) -> dict[str, float]:
    (truth,) = truths_asked(settings, votes, None)
    return learned_shares(faces, votes, truth, settings.targets.class_weights)


def new_card(settings: Settings, data: Prepared, faces: Faces, votes: Votes | None) -> ModelCard:
    """A card that says where the network comes from, without figures.

    Args:
        settings: of the run.
        data: what the faces were read from.
        faces: those that the run learns from and is tested on.
        votes: FER+'s, or none.
    """
    split_sizes = dict(zip(SPLITS, np.bincount(faces.split, minlength=3).tolist(), strict=True))
    source: dict[str, Any] = {"file": data.source, "sha256": data.sha256, "faces": split_sizes}
    if settings.data.folds:
        source["persons_known"] = bool((faces.person >= 0).all())
        source["folds_version"] = FOLDS_VERSION
    origin: dict[str, Any] = {
        "data": source,
        "settings": settings.to_json(),
        "command": command(),
    }
    if votes is not None:
        origin["votes"] = {"file": votes.source, "sha256": votes.sha256}
    return ModelCard(
        name=settings.network.name,
        labels=faces.labels,
        input=find_network(settings.network.name).input,
        temperature=1.0,
        origin=origin,
        accuracy={},
        calibration_error={},
        versions=versions(),
        minimum_runtime="0.1.0",
        # Two heads have different shares, so `calibrate` writes them.
        priors={} if settings.network.two_heads else _learned(settings, faces, votes),
    )
