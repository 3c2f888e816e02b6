"""A recipe: steps in their order, and which of them need which.

A TOML file with an array of tables `step`. Each step does one thing to one run folder:

do = "fit"        trains `network` on `data`, with `votes`, `teachers`, `unlabelled`, `weights` and
                  `set` as the command `fit` takes them; leaves the folder `run`
do = "detect"     trains the face detector, likewise; with `teacher` and `crops`
do = "refit"      fits the last layers of `run` anew, to `truth`
do = "calibrate"  fits the temperature of `run`, to `truth`
do = "mix"        leaves RUN/mixed, which answers with a mean of both heads of `run`
do = "convert"    makes `out` of `run`; without `out`, the models lie in the run folders

Runs are named by their folders; of two heads each is RUN/people and RUN/labels. Data are named by
FILES. `uses` names recipes whose steps come before. A step needs those before it that make or
change a run that it reads.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomllib

from train.errors import RunError

FOLDER = Path(__file__).parent
FILES = {
    "fer2013": ("fer2013.tar.xz", "fer2013.tar.gz", "fer2013.csv"),
    "ferplus": ("fer2013new.csv",),
    "ckplus": ("ckplus48.zip",),
    "fer2013-folders": ("fer2013_folders.zip",),
    "faces": ("faces_detection.zip",),
    "yunet": ("face_detection_yunet_2023mar.onnx",),
}
"""What data are called in recipes, and the files that they may lie in."""
KEYS = {
    "fit": {"run", "network", "data", "votes", "teachers", "unlabelled", "weights", "set"},
    "detect": {"run", "data", "teacher", "crops", "weights", "set"},
    "refit": {"run", "data", "votes", "truth"},
    "calibrate": {"run", "data", "votes", "truth"},
    "mix": {"run", "data", "votes"},
    "convert": {"run", "out", "set"},
}
"""What each kind of step may say."""
NEEDED = {
    "fit": {"run", "network", "data"},
    "detect": {"run", "data"},
    "refit": {"run", "data"},
    "calibrate": {"run", "data"},
    "mix": {"run", "data", "votes"},
    "convert": {"run"},
}
"""What it must say."""
NAMES = {"run": r"[\w-][\w.-]*(/[\w-][\w.-]*)?", "out": r"[\w-][\w.-]*\.tflite"}
"""Run folders, of a head also, and models: nothing outside the folder of runs."""


@dataclass(frozen=True)
class Step:
    """One step."""

    do: str
    """One of KEYS."""
    says: Mapping[str, Any]
    """Its other keys."""
    needs: tuple[Step, ...]
    """The steps that come before it."""

    @property
    def run(self) -> str:
        """The run folder's name, that of a head included."""
        return str(self.says["run"])

    @property
    def name(self) -> str:
        """Unique in a recipe."""
        return f"{self.do} {self.says.get('out', self.run)}"

    @property
    def digest(self) -> str:
        """Changes when it, or a step that it needs, is changed."""
        parts = [self.do, dict(self.says), [step.digest for step in self.needs]]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def all_needed(self) -> Iterator[Step]:
        """The steps before it, the first ones first, and itself; some more than once."""
        for step in self.needs:
            yield from step.all_needed()
        yield self


def names() -> list[str]:
    """All recipes."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_recipe(name: str) -> list[Step]:
    """What is to be done for a recipe, in this order, each step once.

    Args:
        name: one of `names`, or the path of another file.

    Raises:
        RunError: no such recipe, or one that is damaged or names what it may not.
    """
    own, _ = _read(name, ())
    steps: dict[str, Step] = {}
    for step in own:
        for needed in step.all_needed():
            steps.setdefault(needed.name, needed)
    return list(steps.values())


def _read(name: str, inside: tuple[str, ...]) -> tuple[list[Step], list[Step]]:
    """A recipe's own steps; and these after all that it uses."""
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RunError(f"no recipe is called {name}; there are: {', '.join(names())}") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    if name in inside:
        raise RunError(f"{path} uses itself")
    _check_tables(path, tables)
    known: list[Step] = []
    for used in tables.get("uses", []):
        for step in _read(str(used), (*inside, name))[1]:
            if step.name not in {one.name for one in known}:
                known.append(step)
    own: list[Step] = []
    for says in tables.get("step", []):
        step = _step(path, says, [*known, *own])
        if step.name in {one.name for one in [*known, *own]}:
            raise RunError(f"{path}: {step.name} stands there twice")
        own.append(step)
    if not own:
        raise RunError(f"{path} has no steps")
    return own, [*known, *own]


def _check_tables(path: Path, tables: Mapping[str, Any]) -> None:
    """Whether all values are of the kinds that they should be."""
    strange = set(tables) - {"uses", "step"}
    if strange:
        raise RunError(f"{path}: expected uses and steps, got {', '.join(sorted(strange))}")
    if not _is_list_of(str, tables.get("uses", [])) or not _is_list_of(
        dict, tables.get("step", [])
    ):
        raise RunError(f"{path}: uses is a list of names, and each step begins with [[step]]")
    known = {"do"}.union(*KEYS.values())
    for says in tables.get("step", []):
        for key in sorted(known & set(says)):
            value = says[key]
            if key == "set":
                is_right = isinstance(value, dict)
            else:
                is_right = _is_list_of(str, value) if key == "teachers" else isinstance(value, str)
            if not is_right:
                kind = {"set": "a table", "teachers": "a list of runs"}.get(key, "a text")
                raise RunError(f"{path}: {key} is {kind}, got {value!r}")
        for key in ("run", "out"):
            if key in says and not re.fullmatch(NAMES[key], says[key]):
                raise RunError(f"{path}: {key} is a name in the folder of runs, got {says[key]!r}")


def _is_list_of(kind: type, value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


def _step(path: Path, says: Mapping[str, Any], before: list[Step]) -> Step:
    do = says.get("do")
    if do not in KEYS:
        raise RunError(f"{path}: a step's do is one of {', '.join(KEYS)}, got {do!r}")
    rest = {key: value for key, value in says.items() if key != "do"}
    strange, missing = set(rest) - KEYS[do], NEEDED[do] - set(rest)
    if strange or missing:
        raise RunError(
            f"{path}, {do} {rest.get('run', '')}: "
            f"missing {', '.join(sorted(missing)) or 'nothing'}, "
            f"unknown {', '.join(sorted(strange)) or 'nothing'}"
        )
    for key in ("data", "votes", "teacher", "crops", "unlabelled"):
        if key in rest and rest[key] not in FILES:
            raise RunError(f"{path}: {key} is one of {', '.join(FILES)}, got {rest[key]!r}")
    read = [*rest.get("teachers", []), *([rest["weights"]] if "weights" in rest else [])]
    if do not in ("fit", "detect"):
        read.append(rest["run"])
    made = {_folder(step.run) for step in before if step.do in ("fit", "detect")}
    for run in read:
        if _folder(run) not in made:
            raise RunError(f"{path}, {do} {rest['run']}: no step before it makes the run {run}")
    return Step(do, rest, tuple(_needed(read, before)))


def _needed(read: list[str], before: list[Step]) -> Iterator[Step]:
    """Of steps that make or change one run, each needs the one before it itself."""
    for run in dict.fromkeys(read):
        changing = [
            step
            for step in before
            if step.do != "convert" and _folder(step.run) == _folder(run) and _meet(step.run, run)
        ]
        yield changing[-1]


def _folder(run: str) -> str:
    return run.split("/")[0]


def _meet(one: str, other: str) -> bool:
    """Whether two are the same run, or one is a head of the other."""
    return one == other or "/" not in one or "/" not in other
