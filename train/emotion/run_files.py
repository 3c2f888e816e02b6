"""Where a run's data lie, kept in `run.json`, so that its folder alone is enough to resume it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from train.errors import RunError

DEFAULT_CACHE = Path("runs/cache")


@dataclass(frozen=True)
class RunFiles:
    """What `fit` was given."""

    data: Path | None = None
    """The dataset."""
    votes: Path | None = None
    """FER+'s."""
    weights: Path | None = None
    """What the network starts from."""
    teachers: tuple[Path, ...] = ()
    """Folders of finished runs."""
    cache: Path = DEFAULT_CACHE
    """For what is read of the dataset."""
    skip_bad: bool = False
    """Whether bad rows and pictures are left out."""

    def to_json(self) -> dict[str, Any]:
        """As `run.json` keeps them: whole paths."""
        return {
            "data": _whole(self.data),
            "votes": _whole(self.votes),
            "weights": _whole(self.weights),
            "teachers": [_whole(path) for path in self.teachers],
            "cache": _whole(self.cache),
            "skip_bad": self.skip_bad,
        }

    @classmethod
    def of_run(cls, facts: Mapping[str, Any]) -> RunFiles:
        """Out of `run.json`; of an older run, out of the command in it.

        Raises:
            RunError: it does not say where the dataset is.
        """
        files = facts.get("files") or _of_command(str(facts.get("command", "")))
        if not files.get("data"):
            raise RunError("the run does not say where its dataset is: it cannot be resumed")
        return cls(
            data=Path(files["data"]),
            votes=_path(files.get("votes")),
            weights=_path(files.get("weights")),
            teachers=tuple(Path(one) for one in files.get("teachers") or ()),
            cache=Path(files.get("cache") or DEFAULT_CACHE),
            skip_bad=bool(files.get("skip_bad")),
        )


NO_FILES = RunFiles()
"""Of a training whose data were given in memory."""


def _whole(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _of_command(command: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False, add_help=False)
    for name in ("--data", "--votes", "--weights", "--cache"):
        parser.add_argument(name)
    parser.add_argument("--teachers", nargs="+")
    parser.add_argument("--skip-bad", action="store_true")
    try:
        found, _ = parser.parse_known_args(shlex.split(command))
    except (ValueError, argparse.ArgumentError) as error:
        raise RunError(f"the run's command cannot be read: {error}") from error
    return vars(found)
