"""What a run learns from, and what it is validated on after each epoch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.utils.class_weight import compute_sample_weight

from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.dataset import TrainingSet
from train.emotion.settings import Settings
from train.emotion.targets import targets
from train.errors import DatasetError
from train.networks import find_network

Images = npt.NDArray[np.uint8]


def training_set(
    faces: Faces, settings: Settings, votes: Votes | None, unlabelled: Images | None = None
) -> TrainingSet:
    """Labelled faces, and behind them those without labels, whose targets are NaN.

    Args:
        faces: Training's.
        settings: of the run.
        votes: FER+'s, or none.
        unlabelled: (faces, height, width, channels), as large as the labelled ones.
    """
    weights: npt.NDArray[np.float32] | None = None
    if settings.targets.class_weights:
        weights = compute_sample_weight("balanced", faces.label).astype(np.float32)
    network = find_network(settings.network.name)
    wanted = _targets(faces, votes, settings, settings.targets.votes_weight)
    images = faces.images
    if unlabelled is not None:
        count = len(unlabelled)
        images = np.concatenate([images, unlabelled])
        wanted = tuple(_with(one, np.full((count, one.shape[1]), np.nan)) for one in wanted)
        weights = None if weights is None else _with(weights, np.ones(count))
    return TrainingSet(
        images,
        wanted,
        weights,
        network.input,
        mixup=settings.augmentation.mixup,
        in_pairs=settings.augmentation.consistency > 0,
    )


def _with(some: npt.NDArray[np.float32], more: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    return np.concatenate([some, more.astype(np.float32)])


def _targets(
    faces: Faces, votes: Votes | None, settings: Settings, votes_weight: float
) -> tuple[npt.NDArray[np.float32], ...]:
    """For each output of the network."""
    if settings.network.two_heads:
        return targets(faces, votes, 1.0), targets(faces, None, 0.0)
    return (targets(faces, votes, votes_weight),) * find_network(settings.network.name).heads


def validation_set(faces: Faces, votes: Votes | None, settings: Settings) -> TrainingSet | None:
    """PublicTest, by its labels (a head for the votes by these); PrivateTest has no say in anything
    that is chosen.
    """
    if not faces.has("PublicTest"):
        if settings.training.patience:
            raise DatasetError("stopping early needs PublicTest faces, and there are none")
        return None
    public = faces.only("PublicTest")
    if settings.data.sample:
        # All of it would take as long after each epoch as learning from the sample. Datasets are
        # in no order, or in that of their classes: one in so many has each class in its share.
        step = max(1, 4 * len(public) // settings.data.sample)
        public = public.where(np.arange(len(public)) % step == 0, "PublicTest")
    network = find_network(settings.network.name)
    return TrainingSet(public.images, _targets(public, votes, settings, 0.0), None, network.input)
