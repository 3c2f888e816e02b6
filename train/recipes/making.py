"""Carrying a recipe out: each step a process; what is done is skipped, what was stopped goes on."""

from __future__ import annotations

import shlex
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from train.errors import DatasetError, RunError
from train.recipes.recipe import COMMANDS, DATA, FILES, RUNS, Step
from train.run.files import read_json, write_json
from train.run.folder import RunFolder

DONE, BEGUN, NEW = "done", "begun", "to do"


@dataclass(frozen=True)
class Workplace:
    """Where a recipe is carried out."""

    runs_folder: Path
    """The folder of all runs; models are left in it, too."""
    data_folders: tuple[Path, ...]
    """Folders in which the data are looked for."""

    def run(self, name: str) -> RunFolder:
        """The folder of a run."""
        return RunFolder(self.runs_folder / name)

    def record_file(self, step: Step) -> Path:
        """Where it stands that a step was begun or done."""
        return self.runs_folder / ".steps" / f"{step.name.replace(' ', '-').replace('/', '-')}.json"

    def data_file(self, name: str) -> Path:
        """A file by its name in recipes.

        Raises:
            DatasetError: it is in none of the folders.
        """
        for file in (folder / file for folder in self.data_folders for file in FILES[name]):
            if file.exists():
                return file
        folders = ", ".join(map(str, self.data_folders))
        raise DatasetError(f"{' or '.join(FILES[name])} is not in {folders}: add --files FOLDER")


def make(steps: list[Step], place: Workplace) -> None:
    """Do what is not done.

    Raises:
        RunError: a step failed, or a run that no step has made is in its place.
        DatasetError: a file is missing.
    """
    for number, step in enumerate(steps, start=1):
        state, file = state_of(step, place), place.record_file(step)
        told = f"[{number}/{len(steps)}] {step.name}"
        if state == DONE:
            print(f"{told}: done before", flush=True)
            continue
        command = command_of(step, place, resume=state == BEGUN)
        print(f"{told}: {shlex.join(command)}", flush=True)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_json(file, {"digest": step.digest, "state": BEGUN})
        code = subprocess.run([sys.executable, *command[1:]], check=False).returncode
        if code:
            raise RunError(f"{step.name} ended with {code}; make goes on from there")
        write_json(file, {"digest": step.digest, "state": DONE})


def plan(steps: list[Step], place: Workplace) -> list[str]:
    """A line for each step: its state, and how long it may take."""
    lines = []
    for step in steps:
        state = state_of(step, place)
        left = "" if state == DONE else f", {_estimate(step, place)}"
        lines.append(f"{step.name}: {state}{left}")
    return lines


def state_of(step: Step, place: Workplace) -> str:
    """One of DONE, BEGUN, NEW.

    Raises:
        RunError: a run is in its place that this step has not made.
    """
    file, run = place.record_file(step), place.run(step.run)
    known = read_json(file) if file.exists() else {}
    # A damaged record says nothing: the step is done again then.
    is_same = isinstance(known, dict) and known.get("digest") == step.digest
    is_done = is_same and known.get("state") == DONE
    if not step.makes_a_run:
        is_there = "out" not in step.says or (place.runs_folder / step.says["out"]).exists()
        return DONE if is_done and is_there else NEW
    if not run.run_file.exists():
        return NEW
    if not is_same:
        raise RunError(
            f"{run.folder} was made by another recipe, an older one, or by hand: remove it, or "
            "name another folder for runs (--runs)"
        )
    has_model = run.model_file.exists() or any(run.folder.glob("fold-*/model.keras"))
    return DONE if is_done and has_model else BEGUN


def command_of(step: Step, place: Workplace, resume: bool = False) -> list[str]:
    """As it can be typed in the checkout.

    Raises:
        DatasetError: a file is missing.
    """
    run, settings = str(place.run(step.run).folder), dict(step.says.get("set", {}))
    words = ["python", "-m", *COMMANDS[step.do].split()]
    if resume:
        return [*words, "--resume", run]
    if "network" in step.says:
        words.append(step.says["network"])
    words += ["--run", run] if step.makes_a_run else [run]
    for key, value in step.says.items():
        if key in DATA:
            words += [f"--{key}", str(place.data_file(value))]
        elif key == "truth":
            words += ["--truth", value]
        elif key == "out":
            words += ["--out", str(place.runs_folder / value)]
        elif key in RUNS:
            option = ["--teachers"] if key == "teachers" else []
            words += [*option, *(str(place.run(name).folder) for name in value)]
        elif key == "weights":
            settings["network.weights"] = place.run(value).model_file
    for name, value in settings.items():
        text = ",".join(value) if isinstance(value, list) else str(value)
        words += ["--set", f"{name}={text.lower() if isinstance(value, bool) else text}"]
    return words


def _estimate(step: Step, place: Workplace) -> str:
    """By the last run of the same network and precision; a minute for what does not train."""
    if not step.makes_a_run:
        return "about 1 minute"
    settings = step.says.get("set", {})
    wanted = step.says.get("network"), settings.get("training.precision", "float32")
    runs = [run for run in map(RunFolder, place.runs_folder.glob("*")) if _kind(run) == wanted]
    known = {run: rows for run in runs if (rows := _epochs(run))}
    if not known or "training.epochs" not in settings:
        return "its time is unknown"
    last = max(known, key=lambda run: run.run_file.stat().st_mtime)
    epochs = settings["training.epochs"] * settings.get("data.folds", 1)
    left = max(0, epochs - len(_epochs(place.run(step.run))))
    minutes = left * statistics.median(row["seconds"] for row in known[last]) / 60
    return f"about {minutes / 60:.1f} hours" if minutes >= 60 else f"about {minutes:.0f} minutes"


def _epochs(run: RunFolder) -> list[dict[str, float]]:
    """Their rows, those of all folds where there are folds."""
    files = [run.history_file, *run.folder.glob("fold-*/history.json")]
    return [row for file in files if file.exists() for row in read_json(file)]


def _kind(run: RunFolder) -> tuple[Any, Any] | None:
    """Network and precision; None of a folder that cannot be read: another run will do."""
    try:
        settings = run.read_facts()["settings"]
        network = settings["network"]["name"] if "network" in settings else None
        return network, settings["training"]["precision"]
    except (RunError, LookupError, TypeError):
        return None
