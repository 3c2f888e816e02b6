"""A detector's training set, and the pictures that are held out from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from train.data.hashes import hash_of
from train.data.prepared import prepare
from train.detector.candidate_detectors import CandidateDetector, YuNet
from train.detector.data.hard_faces import is_hard
from train.detector.data.hard_negatives import mistakes
from train.detector.data.pictures import Picture, read_pictures, split_pictures
from train.detector.data.pseudo_labels import marked_crops, with_unmarked_faces
from train.detector.landmarks.bias import WithoutLandmarkBias
from train.errors import DatasetError, RunError

TIMES_SHOWN = {"portraits": 1, "news": 1, "indoor": 1, "masks": 2}
OTHER_TIMES_SHOWN = 4
"""How often pictures of other sources are shown for each portrait. Pictures of streets and things
are few, and most things in the data that only look like a face are in them."""
HARD_FACE_TIMES = 3
"""How often a hard face is there for each easy one."""


@dataclass(frozen=True)
class Sources:
    """Files that scenes are made of."""

    pictures_file: Path
    """A zip in COCO's form."""
    teacher_file: Path | None = None
    """YuNet's file: it marks faces that nobody marked, and those in `crops_file`."""
    crops_file: Path | None = None
    """FER2013, in any of its forms: its Training faces are pasted into scenes as small ones. Needs
    a teacher."""

    def files(self) -> dict[str, Path]:
        """Those that there are, by what they are for."""
        files = {"data": self.pictures_file, "teacher": self.teacher_file, "crops": self.crops_file}
        return {name: path for name, path in files.items() if path is not None}

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file that there is, in hexadecimal."""
        return {name: hash_of(path) for name, path in self.files().items()}

    def check_same(self, learned: Mapping[str, str], run: Path) -> None:
        """Raises:
        RunError: a file is missing, or is not the one that the run learned from by `learned`, its
            hashes.
        """
        for name, path in self.files().items():
            if not path.exists():
                raise RunError(f"{path} does not exist")
            if hash_of(path) != learned.get(name):
                raise RunError(f"{path} is not what {run} learned from")


@dataclass(frozen=True)
class Cutouts:
    """What is pasted besides parts of the pictures themselves."""

    faces: Sequence[Picture] = ()
    """Cut out closely, one each; mostly only an oval of them is pasted."""
    mistakes: Sequence[npt.NDArray[np.uint8]] = ()
    """False faces of a network, each (height, width)."""


@dataclass(frozen=True)
class TrainingData:
    """Pictures in memory."""

    training: list[Picture]
    """To learn from."""
    selection: list[Picture]
    """As they were marked, to choose the score threshold on."""
    reporting: list[Picture]
    """As they were marked, to report on."""
    cutouts: Cutouts
    """To be pasted; hard faces are several times in it."""

    def shown(self) -> list[Picture]:
        """`training`, with the pictures of rare sources more than once."""
        return [picture for picture in self.training for _ in range(_times(picture))]


def _times(picture: Picture) -> int:
    times = TIMES_SHOWN.get(picture.source, OTHER_TIMES_SHOWN)
    return times * HARD_FACE_TIMES if is_hard(picture) else times


def gather(
    sources: Sources, cache_folder: Path, detector: CandidateDetector | None = None
) -> TrainingData:
    """Read everything, and have the teacher mark what is unmarked.

    Args:
        sources: the files.
        cache_folder: for what is read of `crops_file`; see `train.data.prepared`.
        detector: the network that the training starts from: its mistakes are learned from too.

    Raises:
        DatasetError: a file cannot be read, or there are crops and no teacher.
        ModelError: the teacher is no YuNet.
    """
    if sources.crops_file and not sources.teacher_file:
        raise DatasetError("faces cut out need somebody to mark them: add --teacher")
    split = split_pictures(read_pictures(sources.pictures_file, "train"))
    learned = split.training
    crops: list[Picture] = []
    if sources.teacher_file:
        teacher = WithoutLandmarkBias(YuNet(sources.teacher_file), learned)
        learned = with_unmarked_faces(learned, teacher)
        if sources.crops_file:
            faces = prepare(sources.crops_file, cache_folder).faces.only("Training")
            crops = [
                crop
                for crop in marked_crops(faces.images[..., 0], teacher)
                for _ in range(HARD_FACE_TIMES if is_hard(crop) else 1)
            ]
    wrong = mistakes(learned, detector) if detector else []
    return TrainingData(learned, split.selection, split.reporting, Cutouts(crops, wrong))
