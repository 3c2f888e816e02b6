"""The mean of the weights of several runs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from train.data.prepared import Prepared
from train.data.sources import Votes
from train.emotion.average import average
from train.emotion.fit import fit
from train.emotion.heads import leave_heads
from train.emotion.run import EmotionRun
from train.emotion.run_files import RunFiles
from train.emotion.settings import HEADS, Settings
from train.errors import RunError
from train.run.files import write_json
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
    assert len(out.read_card().origin["averaged"]) == 2
    with pytest.raises(RunError, match="cannot be resumed"):
        RunFiles.of_run(out.read_facts())
    for head in HEADS:
        assert out.head(head).read_settings().network.head == head
        assert len(load_network(out.head(head).model_file).outputs) == 1


def test_what_has_no_mean_is_refused(pair: list[EmotionRun], tmp_path: Path) -> None:
    with pytest.raises(RunError, match="two runs or more"):
        average(pair[:1], EmotionRun(tmp_path / "mean"))
    with pytest.raises(RunError, match="has another network than"):
        average([pair[0], pair[0].head(HEADS[0])], EmotionRun(tmp_path / "mean"))
    with pytest.raises(RunError, match="holds a run; name another folder"):
        average(pair, pair[1])
    assert not (tmp_path / "mean").exists()


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
