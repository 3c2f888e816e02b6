"""Carrying a recipe out: each step a process; what is done is skipped, what was stopped goes on."""

from __future__ import annotations

import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from train.errors import DatasetError, RunError
from train.recipes.recipe import FILES, Step
from train.run.files import read_json, write_json
from train.run.folder import RunFolder

DONE, BEGUN, NEW = "done", "begun", "new"


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
        for folder in self.data_folders:
            for file in FILES[name]:
                if (folder / file).exists():
                    return folder / file
        folders = ", ".join(map(str, self.data_folders))
        raise DatasetError(f"{' or '.join(FILES[name])} is not in {folders}: add --files FOLDER")


def make(steps: list[Step], place: Workplace) -> None:
    """Do what is not done.

    Raises:
        RunError: a step failed, or a run that no step has made is in its place.
        DatasetError: a file is missing.
    """
    for number, step in enumerate(steps, start=1):
        state = state_of(step, place)
        told = f"[{number}/{len(steps)}] {step.name}"
        if state == DONE:
            print(f"{told}: done before", flush=True)
            continue
        command = command_of(step, place, resume=state == BEGUN)
        print(f"{told}: {shlex.join(command)}", flush=True)
        place.record_file(step).parent.mkdir(parents=True, exist_ok=True)
        write_json(place.record_file(step), {"digest": step.digest, "state": BEGUN})
        began = time.monotonic()
        code = subprocess.run([sys.executable, *command[1:]], check=False).returncode
        if code:
            raise RunError(f"{step.name} ended with {code}; make goes on from there")
        seconds = round(time.monotonic() - began, 1)
        write_json(
            place.record_file(step), {"digest": step.digest, "state": DONE, "seconds": seconds}
        )


def plan(steps: list[Step], place: Workplace) -> list[str]:
    """A line for each step: its state, and how long it may take."""
    lines = []
    for step in steps:
        state = state_of(step, place)
        if state == DONE:
            lines.append(f"{step.name}: done")
            continue
        seconds = _seconds(step, place)
        told = "its time is unknown" if seconds is None else _told(seconds)
        lines.append(f"{step.name}: {'begun' if state == BEGUN else 'to do'}, {told}")
    return lines


def state_of(step: Step, place: Workplace) -> str:
    """One of DONE, BEGUN, NEW.

    Raises:
        RunError: a run is in its place that this step has not made.
    """
    known = _record(place.record_file(step))
    is_same = known.get("digest") == step.digest
    if step.do == "convert":
        is_there = all(path.exists() for path in _out(step, place))
        return DONE if is_same and known["state"] == DONE and is_there else NEW
    run = place.run(step.run)
    if step.do not in ("fit", "detect"):
        return DONE if is_same and known["state"] == DONE else NEW
    if not run.run_file.exists():
        return NEW
    if not is_same:
        raise RunError(
            f"{run.folder} was made by another recipe, an older one, or by hand: remove it, or "
            "name another folder for runs (--runs)"
        )
    return DONE if known["state"] == DONE and run.model_file.exists() else BEGUN


def _record(file: Path) -> dict[str, Any]:
    """What was written down of a step; nothing, where that is damaged: it is done again then."""
    if not file.exists():
        return {}
    known = read_json(file)
    is_whole = isinstance(known, dict) and {"digest", "state"} <= set(known)
    return known if is_whole else {}


def command_of(step: Step, place: Workplace, resume: bool = False) -> list[str]:
    """As it can be typed in the checkout.

    Raises:
        DatasetError: a file is missing.
    """
    run, says = str(place.run(step.run).folder), step.says
    if step.do == "convert":
        loss = says.get("set", {}).get("largest_loss")
        out = [word for path in _out(step, place) for word in ("--out", str(path))]
        bound = ["--largest-loss", str(loss)] if loss is not None else []
        return ["python", "-m", "convert", run, *out, *bound]
    words = {"fit": ["fit"], "detect": ["detector", "fit"]}.get(step.do, [step.do])
    if resume:
        return ["python", "-m", "train", *words, "--resume", run]
    if step.do == "fit":
        words.append(says["network"])
    elif step.do != "detect":
        words.append(run)
    for key in ("data", "votes", "teacher", "crops", "unlabelled"):
        if key in says:
            words += [f"--{key}", str(place.data_file(says[key]))]
    if "truth" in says:
        words += ["--truth", says["truth"]]
    if step.do in ("fit", "detect"):
        words += ["--run", run, *_settings(says, place)]
    return ["python", "-m", "train", *words]


def _settings(says: Mapping[str, Any], place: Workplace) -> list[str]:
    words = []
    if says.get("teachers"):
        words += ["--teachers", *(str(place.run(name).folder) for name in says["teachers"])]
    values = dict(says.get("set", {}))
    if "weights" in says:
        values["network.weights"] = place.run(says["weights"]).model_file
    for name, value in values.items():
        text = ",".join(value) if isinstance(value, list) else str(value)
        words += ["--set", f"{name}={text.lower() if isinstance(value, bool) else text}"]
    return words


def _out(step: Step, place: Workplace) -> list[Path]:
    """The model that a conversion makes; none where the run folders get theirs."""
    return [place.runs_folder / str(step.says["out"])] if "out" in step.says else []


def _seconds(step: Step, place: Workplace) -> float | None:
    """By the last run of the same network and precision; None where there is none."""
    if step.do not in ("fit", "detect"):
        return 60.0
    settings = step.says.get("set", {})
    if "training.epochs" not in settings:
        return None
    wanted = (step.says.get("network", "face"), settings.get("training.precision", "float32"))
    left = int(settings["training.epochs"]) - len(_epochs(place.run(step.run)))
    found = [
        run
        for run in map(RunFolder, place.runs_folder.glob("*"))
        if run.history_file.exists() and _kind(run) == wanted and _epochs(run)
    ]
    if not found:
        return None
    last = max(found, key=lambda run: run.history_file.stat().st_mtime)
    return left * statistics.median(row["seconds"] for row in _epochs(last))


def _epochs(run: RunFolder) -> list[dict[str, float]]:
    return read_json(run.history_file) if run.history_file.exists() else []


def _kind(run: RunFolder) -> tuple[str, str] | None:
    """Network and precision; None of a folder that cannot be read: another run will do."""
    try:
        settings = run.read_facts()["settings"]
    except RunError:
        return None
    network, training = settings.get("network", "face"), settings.get("training", settings)
    name = network.get("name", "face") if isinstance(network, dict) else network
    precision = training.get("precision", "float32") if isinstance(training, dict) else None
    return str(name), str(precision)


def _told(seconds: float) -> str:
    if seconds >= 3600:
        return f"about {seconds / 3600:.1f} hours"
    return f"about {seconds / 60:.0f} minutes"
