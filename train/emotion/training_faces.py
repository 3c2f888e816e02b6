"""A run's training set, and the faces that it is validated on after each epoch."""

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
    """PublicTest, with its labels, or with the votes for a head that learns these. PrivateTest is
    never used to choose anything.

    Raises:
        DatasetError: there are no PublicTest faces, and the training should stop early by them.
    """
    if not faces.has("PublicTest"):
        if settings.training.patience:
            raise DatasetError("stopping early needs PublicTest faces, and there are none")
        return None
    public = faces.only("PublicTest")
    if settings.data.sample:
        # To validate on all of it would take as long as an epoch on the sample. Datasets have no
        # order, or are sorted by class. So every n-th face gives each class its share.
        step = max(1, 4 * len(public) // settings.data.sample)
        public = public.where(np.arange(len(public)) % step == 0, "PublicTest")
    network = find_network(settings.network.name)
    return TrainingSet(public.images, _targets(public, votes, settings, 0.0), None, network.input)
