"""Carrying a recipe out: each step a process; what is done is skipped, what was stopped goes on."""

from __future__ import annotations

import glob
import re
import shlex
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from train.emotion.settings import MIXED
from train.errors import DatasetError, RunError
from train.recipes.recipe import STEP_COMMANDS, Step, detector_settings
from train.run.files import read_json, write_json
from train.run.folder import RunFolder
from train.run.setting import told

_MIXES = dict(zip((None, "ferplus", "labels"), (MIXED[0], *MIXED), strict=True))
"""The head that a mix leaves, by the truth that its step names."""
DONE, BEGUN, NEW = "done", "begun", "to do"


@dataclass(frozen=True)
class Workplace:
    """Where a recipe is carried out."""

    runs_folder: Path
    """The folder of all runs; models are left in it, too."""
    data_folders: tuple[Path, ...]
    """Folders in which the data are looked for."""

    def run(self, step: Step) -> RunFolder:
        """The folder of a step's run."""
        return RunFolder(self.runs_folder / step.run)

    def record_file(self, step: Step) -> Path:
        """Where it stands that a step was begun or done."""
        return self.runs_folder / ".steps" / f"{re.sub('[ /]', '-', step.name)}.json"

    def words(self, step: Step, key: str) -> list[str]:
        """What a step says, as its command takes it.

        Raises:
            DatasetError: a file of the data is in none of the folders, or several are in one.
        """
        value = step.says[key]
        if key in ("network", "truth", "rule", "largest_loss"):
            return [value]
        if key == "set":
            return [f"{name}={told(one)}" for name, one in value.items()]
        if key in ("run", "out", "weights", "taught_by", "teachers", "runs"):
            names = value if isinstance(value, list) else [value]
            return [str(self.runs_folder / name) for name in names]
        for folder in self.data_folders:
            found = sorted(glob.glob(value, root_dir=folder))
            if len(found) > 1:
                raise DatasetError(
                    f"{value} can be {' or '.join(found)} in {folder}: leave one of them there"
                )
            if found:
                return [str(folder / found[0])]
        folders = ", ".join(map(str, self.data_folders))
        raise DatasetError(f"{value} is not in {folders}: add --files FOLDER")


def make(steps: list[Step], place: Workplace) -> None:
    """Do what is not done.

    Raises:
        RunError: a step failed, or see `state_of`.
        DatasetError: a file of the data is missing or not the only one; no step has begun then.
    """
    check_data(steps, place)
    for number, step in enumerate(steps, start=1):
        state, file = state_of(step, place), place.record_file(step)
        name = f"[{number}/{len(steps)}] {step.name}"
        if state == DONE:
            print(f"{name}: done before{_older_than(step, place)}", flush=True)
            continue
        words = command_of(step, place, resume=state == BEGUN)
        print(f"{name}: {shlex.join(words)}", flush=True)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_json(file, {"digest": step.digest, "state": BEGUN})
        code = subprocess.run([sys.executable, *words[1:]], check=False).returncode
        if code:
            raise RunError(f"{step.name} ended with {code}; make goes on from there")
        write_json(file, {"digest": step.digest, "state": DONE})


def plan(steps: list[Step], place: Workplace) -> list[str]:
    """A line for each step: its state, and how long it may take."""
    states = [state_of(step, place) for step in steps]
    return [
        f"{step.name}: {state}"
        + (_older_than(step, place) if state == DONE else f", {_estimate(step, place)}")
        for step, state in zip(steps, states, strict=True)
    ]


def check_data(steps: list[Step], place: Workplace) -> None:
    """Look for the files of all steps that are not done.

    Raises:
        DatasetError: one is missing, or several have its name.
    """
    for step in steps:
        if state_of(step, place) != DONE:
            command_of(step, place)


def state_of(step: Step, place: Workplace) -> str:
    """One of DONE, BEGUN, NEW.

    Raises:
        RunError: a run is in its place that this step has not made.
    """
    file, run = place.record_file(step), place.run(step)
    known = read_json(file) if file.exists() else None
    is_same = isinstance(known, dict) and known.get("digest") == step.digest
    is_done = _is_there(step, place) and known == {"digest": step.digest, "state": DONE}
    if step.trains and run.run_file.exists() and not is_same:
        raise RunError(
            f"{run.folder} was made by another recipe, an older one, or by hand: name another "
            "folder for runs (--runs), or remove this one if nothing in it is needed"
        )
    if step.trains:
        return DONE if is_done else BEGUN if run.run_file.exists() else NEW
    # What was done with a run before that was made anew is done again.
    is_done = is_done and all(_time(one, place) <= _time(step, place) for one in step.needs)
    return DONE if is_done else NEW


def _is_there(step: Step, place: Workplace) -> bool:
    """Whether what it leaves is there."""
    run = place.run(step)
    if step.do == "convert":
        if "out" in step.says:
            return bool((place.runs_folder / step.says["out"]).exists())
        # Each fold or head has its own model.
        parts = [card.parent for card in run.folder.glob("*/card.json")] or [run.folder]
        return all(any(part.glob("*.tflite")) for part in parts)
    left = RunFolder(run.folder / _MIXES[step.says.get("truth")]) if step.do == "mix" else run
    return left.model_file.exists() or any(run.folder.glob("fold-*/model.keras"))


def _older_than(step: Step, place: Workplace) -> str:
    """What it learned from and was made anew since. A training of hours is not repeated for that,
    but told."""
    newer = [one.run for one in step.needs if _time(one, place) > _time(step, place)]
    if not newer:
        return ""
    run = place.run(step)
    return f", but {', '.join(newer)} was made anew since: remove {run.folder} to train it again"


def _time(step: Step, place: Workplace) -> float:
    file = place.record_file(step)
    return file.stat().st_mtime if file.exists() else 0.0


def command_of(step: Step, place: Workplace, resume: bool = False) -> list[str]:
    """What a step calls, as it can be typed in the checkout.

    Raises:
        DatasetError: a file of the data is missing, or several have its name.
    """
    form = STEP_COMMANDS[step.do]
    if resume:
        form = re.sub(" ({network} )?--run.*", " --resume {run}", form)
    words = ["python", "-m"]
    for part in re.findall(r"\[.*?\]|\S+", form):
        *option, last = part.strip("[]").split()
        key = re.search(r"{(\w+)}", last)
        if not key:
            words.append(last)
        elif step.says.get(key[1]):
            words += [*option, *(last.replace(key[0], one) for one in place.words(step, key[1]))]
    return words


def _estimate(step: Step, place: Workplace) -> str:
    """By the last run of the same network and precision; what does not train takes minutes."""
    if not step.trains:
        return "some minutes"
    chosen, kind = step.says.get("set", {}), _kind_of_step(step)
    runs = [run for run in map(RunFolder, place.runs_folder.glob("*")) if _kind(run) == kind]
    known = {run.run_file.stat().st_mtime: rows for run in runs if (rows := _known_epochs(run))}
    if not known or "training.epochs" not in chosen:
        return "its time is unknown"
    epochs = chosen["training.epochs"] * max(1, chosen.get("data.folds", 0))
    left = max(0, epochs - len(_epochs(place.run(step))))
    minutes = left * statistics.median(row["seconds"] for row in known[max(known)]) / 60
    return f"about {minutes / 60:.1f} hours" if minutes >= 60 else f"about {minutes:.0f} minutes"


def _epochs(run: RunFolder) -> list[dict[str, float]]:
    """Their rows, those of all folds where there are folds."""
    runs = [run, *map(RunFolder, run.folder.glob("fold-*"))]
    return [row for one in runs if one.history_file.exists() for row in one.read_history()]


def _known_epochs(run: RunFolder) -> list[dict[str, float]]:
    """None of a run whose history is damaged: another run will do."""
    try:
        return _epochs(run)
    except RunError:
        return []


def _kind_of_step(step: Step) -> tuple[str, str]:
    """Network and precision."""
    chosen = step.says.get("set", {})
    if step.do == "detect":
        settings = detector_settings(step.says)
        return settings.network.name, settings.training.precision
    return step.says["network"], chosen.get("training.precision", "float32")


def _kind(run: RunFolder) -> tuple[Any, Any] | None:
    """Network and precision; None of a folder that cannot be read: another run will do."""
    try:
        settings = run.read_facts()["settings"]
        return settings["network"].get("name"), settings["training"]["precision"]
    except (RunError, LookupError, TypeError, AttributeError):
        return None
