"""A recipe: steps in their order, and which of them need which.

A TOML file with an array of tables `step`. Each step does one thing to one run folder:

do = "fit"        trains `network` on `data`, with `votes`, `teachers`, `unlabelled`, `weights` and
                  `set` as the command `fit` takes them; leaves the folder `run`
do = "detect"     trains the face detector, likewise; with `teacher` and `crops`
do = "refit"      fits the last layers of `run` anew, to `truth`
do = "calibrate"  fits the temperature of `run`, to `truth`
do = "mix"        leaves RUN/mixed, which answers with a mean of both heads of `run`; it leaves
                  RUN/mixed-labels for the `truth` "fer2013"
do = "average"    leaves `run`, whose weights are the mean of those of `runs`
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
COMMANDS = {
    "fit": "train fit",
    "detect": "train detector fit",
    "refit": "train refit",
    "calibrate": "train calibrate",
    "mix": "train mix",
    "average": "train average",
    "convert": "convert",
}
"""The module and the command that does each kind of step."""
NEEDED = {
    "fit": {"run", "network", "data"},
    "mix": {"run", "data", "votes"},
    "average": {"run", "runs"},
    "convert": {"run"},
}
"""What such a step must say; any other: its run and its data."""
ALLOWED = {
    "fit": {"votes", "teachers", "unlabelled", "weights", "set"},
    "detect": {"teacher", "crops", "weights", "set"},
    "refit": {"votes", "truth"},
    "calibrate": {"votes", "truth"},
    "mix": {"truth"},
    "average": set[str](),
    "convert": {"out"},
}
"""What it may say beside that."""
MAKING = ("fit", "detect")
"""Steps that make a run folder; others change or read one."""
RUNS = ("teachers", "runs")
"""Keys whose values are lists of runs."""
DATA = ("data", "votes", "teacher", "crops", "unlabelled")
"""Keys whose values are names of FILES."""
NAMES = {"run": r"[\w-][\w.-]*(/[\w-][\w.-]*)?", "out": r"[\w-][\w.-]*\.tflite"}
"""Run folders, of a head also, and models: nothing outside the folder of runs."""


@dataclass(frozen=True)
class Step:
    """One step."""

    do: str
    """One of COMMANDS."""
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
        words = [self.do, self.says.get("out", self.run), self.says.get("truth", "")]
        return " ".join(filter(None, words))

    @property
    def makes_a_run(self) -> bool:
        """Whether it is one of MAKING."""
        return self.do in MAKING

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
    return list({one.name: one for step in own.values() for one in step.all_needed()}.values())


def _read(name: str, inside: tuple[str, ...]) -> tuple[dict[str, Step], dict[str, Step]]:
    """A recipe's own steps by their names; and these after all that it uses."""
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if name in inside:
        raise RunError(f"{path} uses itself")
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RunError(f"no recipe is called {name}; there are: {', '.join(names())}") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    uses, steps = tables.pop("uses", []), tables.pop("step", [])
    if tables:
        raise RunError(f"{path}: expected uses and steps, got {', '.join(sorted(tables))}")
    if not _is_list_of(str, uses) or not _is_list_of(dict, steps) or not steps:
        raise RunError(f"{path}: uses is a list of names, and one [[step]] or more come after it")
    known: dict[str, Step] = {}
    for used in uses:
        known |= _read(used, (*inside, name))[1]
    own: dict[str, Step] = {}
    for says in steps:
        step = _step(path, says, [*known.values(), *own.values()])
        if step.name in known | own:
            raise RunError(f"{path}: {step.name} stands there twice")
        own[step.name] = step
    return own, known | own


def _step(path: Path, says: dict[str, Any], before: list[Step]) -> Step:
    do, rest = says.get("do"), {key: value for key, value in says.items() if key != "do"}
    if not isinstance(do, str) or do not in COMMANDS:
        raise RunError(f"{path}: a step's do is one of {', '.join(COMMANDS)}, got {do!r}")
    needed = NEEDED.get(do, {"run", "data"})
    strange, missing = set(rest) - needed - ALLOWED[do], needed - set(rest)
    if strange or missing:
        raise RunError(
            f"{path}, {do} {rest.get('run', '')}: "
            f"missing {', '.join(sorted(missing)) or 'nothing'}, "
            f"unknown {', '.join(sorted(strange)) or 'nothing'}"
        )
    for key, value in rest.items():
        expected = _expected(key, value)
        if expected:
            raise RunError(f"{path}, {do}: {key} is {expected}, got {value!r}")
    reads = [*rest.get("teachers", []), *rest.get("runs", [])]
    reads += [rest["weights"]] if "weights" in rest else []
    # Of steps that make or change one run, each needs the one before it itself.
    needs = []
    for run in dict.fromkeys(reads if do in (*MAKING, "average") else [rest["run"]]):
        changing = [one for one in before if one.do != "convert" and _meet(one.run, run)]
        if not changing:
            raise RunError(f"{path}, {do} {rest['run']}: no step before it makes the run {run}")
        needs.append(changing[-1])
    return Step(do, rest, tuple(needs))


def _expected(key: str, value: Any) -> str:
    """What a step should have said instead of this value; nothing where it is right."""
    if key == "set":
        return "" if isinstance(value, dict) else "a table"
    if key in RUNS:
        return "" if _is_list_of(str, value) else "a list of runs"
    if not isinstance(value, str):
        return "a text"
    choices = FILES if key in DATA else ("fer2013", "ferplus") if key == "truth" else ()
    if choices and value not in choices:
        return f"one of {', '.join(choices)}"
    is_name = key not in NAMES or re.fullmatch(NAMES[key], value)
    return "" if is_name else "a name in the folder of runs"


def _is_list_of(kind: type, value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


def _meet(one: str, other: str) -> bool:
    """Whether two are the same run, or one is a head of the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
