"""What a run is begun with: what is refused, and what is written before the first epoch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from train.data.faces import Faces
from train.data.hashes import hash_of
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.card import new_card
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.selection import check_folds
from train.emotion.settings import Settings
from train.errors import DatasetError
from train.run.begin import begin
from train.run.files import write_json


def check_takes_votes(settings: Settings, votes: Votes | None) -> None:
    """Refuse votes where faces are in other splits than the votes.

    Raises:
        DatasetError: there are votes, and the run has folds or learns from PublicTest.
    """
    for name, value in (
        ("data.folds", settings.data.folds),
        ("data.also_public", settings.data.also_public),
    ):
        if votes and value:
            raise DatasetError(
                f"{name} learns from the dataset's labels alone: leave --votes or {name} out"
            )


def begin_run(
    run: EmotionRun,
    settings: Settings,
    data: Prepared,
    faces: Faces,
    votes: Votes | None,
    files: RunFiles,
    resume: bool,
) -> None:
    """Check the run in the folder, or write its `run.json` and card.

    Raises:
        RunError: the folder holds another run, or this one and `resume` is not asked for. Or its
            folds are of an older version.
    """
    if run.run_file.exists() and run.card_file.exists():
        check_folds(run, faces)
    unlabelled = hash_of(files.unlabelled_file) if files.unlabelled_file else None
    card = new_card(settings, data, faces, votes)
    if files.unlabelled_file:
        beside = {"file": files.unlabelled_file.name, "sha256": unlabelled}
        card = dataclasses.replace(card, origin={**card.origin, "unlabelled": beside})
    facts = {
        "settings": settings.to_json(),
        "data": data.sha256,
        "votes": votes.sha256 if votes else None,
        "unlabelled": unlabelled,
    }

    def same(before: Mapping[str, Any]) -> dict[str, Any]:
        return {**before, "settings": Settings.from_json(before["settings"]).to_json()}

    if begin(run, facts, files.to_json(), resume, same):
        write_json(run.card_file, card.to_json())
