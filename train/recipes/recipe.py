"""A recipe: steps in their order, and which of them need which.

docs/training.md says how one is written. A step needs the last step before it that changed a run
which it reads.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomllib

from train.detector.settings import PYRAMID_NETWORK, DetectorSettings
from train.emotion.settings import Settings, completed
from train.errors import RunError
from train.networks import NETWORKS
from train.run.setting import changed

RECIPES_FOLDER = Path(__file__).parent
_TRAINED = "--run {run} --data {data} [--set network.weights={weights}/model.keras] [--set {set}]"
_FITTED = "{run} --data {data} [--votes {votes}] [--truth {truth}]"
STEP_COMMANDS = {
    "fit": f"train fit {{network}} {_TRAINED} [--votes {{votes}}] [--teachers {{teachers}}] "
    "[--unlabelled {unlabelled}]",
    "detect": f"train detector fit {_TRAINED} [--teacher {{teacher}}] [--crops {{crops}}] "
    "[--set distillation.network={taught_by}/model.keras]",
    "refit": f"train refit {_FITTED}",
    "calibrate": f"train calibrate {_FITTED}",
    "mix": "train mix {run} --data {data} --votes {votes} [--truth {truth}] [--rule {rule}]",
    "average": "train average --replace {run} {runs}",
    "average_detectors": "train detector average --replace {run} {runs}",
    "refit_detector": "train detector refit {run} --data {data} [--teacher {teacher}]",
    "convert": "convert {run} [--out {out}] [--largest-loss {largest_loss}]",
}
"""What each kind of step calls. Its keys stand in braces, those that it may lack in brackets."""
_NAME = ("a name, or RUN/HEAD", str, r"\w[^/]*(/\w[^/]*)?")
_LIST = ("a list of runs", list, "")
VALUE_FORMS: dict[str, tuple[str, type, str]] = {
    "run": _NAME,
    "out": _NAME,
    "taught_by": ("a name", str, r"\w[^/]*"),
    "teachers": _LIST,
    "runs": _LIST,
    "network": (f"one of {', '.join(NETWORKS)}", str, "|".join(NETWORKS)),
    "truth": ("labels or ferplus", str, "labels|ferplus"),
    "rule": ("recall or accuracy", str, "recall|accuracy"),
    "set": ("a table", dict, ""),
    "largest_loss": ("a number in quotes", str, r"\d+(\.\d+)?"),
}
"""What the values of these keys are, their types, and what texts match: nothing is written outside
the folder of runs. The other keys have texts."""


FILE_SETTINGS = {"weights": "network.weights", "taught_by": "distillation.network"}
"""Settings that are files, by the keys that name a run instead."""


@dataclass(frozen=True)
class Step:
    """One step."""

    do: str
    """One of STEP_COMMANDS."""
    says: Mapping[str, Any]
    """Its other keys."""
    needs: tuple[Step, ...]
    """The last steps before it that changed a run which it reads or learns from."""

    @property
    def run(self) -> str:
        """The run folder's name, that of a head included."""
        return str(self.says["run"])

    @property
    def trains(self) -> bool:
        """Whether it begins a run, and can go on with it."""
        return "--run" in STEP_COMMANDS[self.do]

    @property
    def name(self) -> str:
        """Unique in a recipe."""
        words = [self.do, self.says.get("out", self.run), self.says.get("truth", "")]
        return " ".join(filter(None, words))

    @property
    def digest(self) -> str:
        """Changes when it, or a step that it needs, is changed."""
        parts = [self.do, dict(self.says), [step.digest for step in self.needs]]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def detector_settings(says: Mapping[str, Any]) -> DetectorSettings:
    """Of a step that trains a detector.

    Raises:
        RunError: a setting out of its range, or a teacher without what is learned from it.
    """
    taught = {"distillation.network": says["taught_by"]} if "taught_by" in says else {}
    return DetectorSettings.of({**says.get("set", {}), **taught})


def names() -> list[str]:
    """All recipes."""
    return sorted(path.stem for path in RECIPES_FOLDER.glob("*.toml"))


def read_recipe(name: str, inside: tuple[str, ...] = ()) -> list[Step]:
    """Its steps, after those of the recipes that it uses.

    Args:
        name: one of `names`, or the path of another file.
        inside: the recipes that use it.

    Raises:
        RunError: no such recipe, or one that is damaged, says what it may not, or has settings
            that training refuses.
    """
    path = Path(name) if name.endswith(".toml") else RECIPES_FOLDER / f"{name}.toml"
    if name in inside:
        raise RunError(f"{path} uses itself")
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RunError(f"no recipe is called {name}; there are: {', '.join(names())}") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    uses, own = tables.pop("uses", []), tables.pop("step", [])
    if tables or not _is_list_of(str, uses) or not _is_list_of(dict, own) or not own:
        raise RunError(f"{path}: expected uses, a list of recipes, and one [[step]] or more")
    steps: dict[str, Step] = {}
    for step in [one for used in uses for one in read_recipe(used, (*inside, name))]:
        if steps.setdefault(step.name, step) != step:
            raise RunError(f"{path} uses two recipes whose {step.name} differ")
    for number, table in enumerate(own, start=1):
        try:
            step = _step(dict(table), list(steps.values()))
        except RunError as error:
            raise RunError(f"{path}, step {number}: {error}") from error
        steps[step.name] = step
    return list(steps.values())


def _is_list_of(kind: type, value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


def _step(says: dict[str, Any], before: list[Step]) -> Step:
    do = says.pop("do", None)
    if do not in list(STEP_COMMANDS):
        raise RunError(f"do is one of {', '.join(STEP_COMMANDS)}, got {do!r}")
    known = re.findall(r"{(\w+)}", STEP_COMMANDS[do])
    needed = re.findall(r"{(\w+)}", re.sub(r"\[.*?\]", "", STEP_COMMANDS[do]))
    if not set(needed) <= set(says) <= set(known):
        keys = ", ".join(key if key in needed else f"[{key}]" for key in known)
        raise RunError(f"{do} has the keys {keys}; got {', '.join(says)}")
    for key, value in says.items():
        expected, kind, form = VALUE_FORMS.get(key, ("a text", str, ".+"))
        if not isinstance(value, kind) or (form and not re.fullmatch(form, str(value))):
            raise RunError(f"{key} is {expected}; got {value!r}")
    chosen = says.get("set", {})
    if do == "detect":
        detector_settings(says)
    if do == "fit":
        # Not `Settings.of`: for what a network is best trained with it needs Keras.
        given = completed(chosen, "votes" in says, tuple(says.get("teachers", ())))
        changed(Settings(), {**given, "network.name": says["network"]})
    for key, name in FILE_SETTINGS.items():
        if key in says and name in chosen:
            raise RunError(f"{key} and {name} say the same: give one of them")
        if name in chosen and not Path(file := chosen[name]).is_file():
            raise RunError(f"{name}: {file} does not exist, or is no file")
    if "taught_by" in says:
        _check_teacher(says["taught_by"], before)
    step = Step(do, says, _needs(do, says, before))
    if step.name in [one.name for one in before]:
        raise RunError(f"{step.name} stands there twice")
    return step


def _check_teacher(run: str, before: list[Step]) -> None:
    """Raises RunError if the run is trained, and not as the network that can teach."""
    trained = [one for one in before if one.run == run and one.trains]
    names = {
        detector_settings(one.says).network.name if one.do == "detect" else one.says["network"]
        for one in trained
    }
    if names - {PYRAMID_NETWORK}:
        raise RunError(f"taught_by is a run of {PYRAMID_NETWORK}; {run} is one of {names.pop()}")


def _needs(do: str, says: Mapping[str, Any], before: list[Step]) -> tuple[Step, ...]:
    begins_a_run = do in ("fit", "detect", "average", "average_detectors")
    named = [says.get("weights"), says.get("taught_by")]
    others = [*says.get("teachers", ()), *says.get("runs", ()), *named]
    needed = {}
    for run in filter(None, others if begins_a_run else [says["run"]]):
        folder = str(run).split("/")[0]
        on_it = [one for one in before if one.run.split("/")[0] == folder and one.do != "convert"]
        if not on_it:
            raise RunError(f"no step before it makes the run {run}")
        needed[on_it[-1].name] = on_it[-1]
    return tuple(needed.values())
