"""The mean of the weights of several runs."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from train.data.hashes import hash_of
from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.average import average
from train.emotion.fit import fit
from train.emotion.heads import leave_heads
from train.emotion.measuring.calibration import calibrate
from train.emotion.mix import mix
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.settings import HEADS, Settings
from train.errors import RunError
from train.run.files import read_json, write_json
from train.run.network_file import load_network, save_network


@pytest.fixture(scope="module")
def pair(
    data: Prepared, votes: Votes, tmp_path_factory: pytest.TempPathFactory
) -> list[EmotionRun]:
    """A short training, and the same with weights three times as large."""
    runs = [EmotionRun(tmp_path_factory.mktemp("runs") / name) for name in ("one", "other")]
    choices = {"training.batch": 32, "training.epochs": 1, "network.two_heads": True}
    fit(Settings.of("lenet", choices), data, votes, runs[0])
    shutil.copytree(runs[0].folder, runs[1].folder)
    network = load_network(runs[0].model_file)
    network.set_weights([3 * part for part in network.get_weights()])
    save_network(network, runs[1].model_file)
    return runs


def test_it_is_the_mean_and_a_run_like_any_other(pair: list[EmotionRun], tmp_path: Path) -> None:
    out = EmotionRun(tmp_path / "mean")
    average(pair, out)
    before, after = (load_network(run.model_file).get_weights() for run in (pair[0], out))
    assert all(np.allclose(2 * one, other) for one, other in zip(before, after, strict=True))
    assert out.read_settings() == pair[0].read_settings()
    told = out.read_card().origin["averaged"]
    assert [one["command"] for one in told] == [run.read_facts()["command"] for run in pair]
    assert [one["sha256"] for one in told] == [hash_of(run.model_file) for run in pair]
    with pytest.raises(RunError, match="cannot be resumed"):
        RunFiles.of_run(out.read_facts())
    for head in HEADS:
        assert out.head(head).read_settings().network.head == head
        assert len(load_network(out.head(head).model_file).outputs) == 1


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("run.json", [], r"run\.json has no settings"),
        ("history.json", {"epoch": 1}, r"history\.json has no row for each epoch"),
        ("card.json", {}, r"card\.json: "),
    ],
)
def test_a_damaged_run_is_named_before_anything_is_written(
    pair: list[EmotionRun], tmp_path: Path, file: str, content: Any, message: str
) -> None:
    run, out = EmotionRun(tmp_path / "one"), EmotionRun(tmp_path / "mean")
    shutil.copytree(pair[0].folder, run.folder)
    for name in HEADS:
        shutil.rmtree(run.head(name).folder)
    write_json(run.folder / file, content)
    network, settings = load_network(run.model_file), pair[0].read_settings()
    with pytest.raises(RunError, match=message) as told:
        average([run, pair[1]], out)
    with pytest.raises(RunError, match=message):
        leave_heads(run, network, settings)
    assert len(str(told.value).splitlines()) == 1
    assert not out.folder.exists()
    assert not any(run.head(name).folder.exists() for name in HEADS)


def test_what_has_no_mean_is_refused(
    pair: list[EmotionRun], data: Prepared, votes: Votes, tmp_path: Path
) -> None:
    mean = EmotionRun(tmp_path / "mean")
    people, labels = map(pair[0].head, HEADS)
    for runs, message in (
        (pair[:1], "two runs or more"),
        ([pair[0], people], "has another head than"),
        ([people, labels], "has another head than"),
        ([pair[0], EmotionRun(tmp_path / "nowhere")], r"run\.json is missing"),
        ([mix(pair[0], data.faces, votes)] * 2, "average the runs of both heads, then mix"),
    ):
        with pytest.raises(RunError, match=message):
            average(runs, mean)
    assert not mean.folder.exists()


def changed(run: EmotionRun, folder: Path, **groups: dict[str, object]) -> EmotionRun:
    """A copy of a run, with other settings."""
    copy = EmotionRun(folder)
    shutil.copytree(run.folder, copy.folder)
    facts = read_json(copy.run_file)
    for group, values in groups.items():
        facts["settings"][group] |= values
    write_json(copy.run_file, facts)
    return copy


def test_runs_that_hold_out_different_parts_have_no_mean(
    pair: list[EmotionRun], tmp_path: Path
) -> None:
    """It would have learned from all faces, and count as one that held the first part out."""
    parts = [
        changed(pair[0], tmp_path / str(part), data={"hold_out": part, "parts": 2})
        for part in (1, 2)
    ]
    for runs, message in (
        (parts, r"data\.hold_out is 2, expected 1"),
        ([parts[0], pair[0]], r"data\.hold_out is 0, expected 1"),
        ([changed(pair[0], tmp_path / "x", data={"sample": 200}), pair[0]], "sample is"),
    ):
        with pytest.raises(RunError, match=message):
            average(runs, EmotionRun(tmp_path / "mean"))
    other = changed(parts[0], tmp_path / "other")
    write_json(other.run_file, {**read_json(other.run_file), "data": "0" * 64})
    whole = changed(other, tmp_path / "whole", data={"hold_out": 0, "parts": 0})
    for first, second in ((parts[0], other), (pair[0], whole)):
        with pytest.raises(RunError, match=r"other data than|other faces than"):
            average([first, second], EmotionRun(tmp_path / "mean"))
    average([parts[0], parts[0]], EmotionRun(tmp_path / "mean"))


def test_no_run_is_lost(
    pair: list[EmotionRun], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether it is finished or not; an earlier mean is replaced on request alone."""
    unfinished = changed(pair[0], tmp_path / "unfinished")
    unfinished.model_file.unlink()
    before = unfinished.run_file.read_text()
    for out in (pair[1], unfinished):
        for replace in (False, True):
            with pytest.raises(RunError, match="name another folder"):
                average(pair, out, replace=replace)
    assert unfinished.run_file.read_text() == before
    out = EmotionRun(tmp_path / "mean")
    average(pair, out)
    out.head("people").int8_file.write_text("{}")
    with pytest.raises(RunError, match="replace it with --replace"):
        average(pair, out)
    with pytest.raises(RunError, match="a run that is averaged"):
        average([out, pair[0]], out, replace=True)
    with caplog.at_level(logging.INFO):
        average([pair[0]] * 2, out, replace=True)
    assert "the mean that was there is replaced" in caplog.text
    assert not out.head("people").int8_file.exists(), "it is of the mean before"
    before_after = [load_network(run.model_file).get_weights() for run in (pair[0], out)]
    assert all(map(np.allclose, *before_after))
    # One that was stopped before it was complete is no mean that could be lost.
    out.model_file.unlink()
    average(pair, out)
    assert out.model_file.exists()


def test_a_mean_is_not_calibrated(
    pair: list[EmotionRun], data: Prepared, votes: Votes, tmp_path: Path
) -> None:
    one, other = (changed(run, tmp_path / run.folder.name) for run in pair)
    for run in (one, other):
        calibrate(run.head("people"), data.faces, votes, None)
    out = EmotionRun(tmp_path / "mean")
    average([one.head("people"), other.head("people")], out)
    card = out.read_card()
    assert (card.temperature, card.priors_power) == (1.0, 0.0)
    assert card.priors == one.head("people").read_card().priors
    assert "calibration" not in card.origin
    assert "averaged" in card.origin
