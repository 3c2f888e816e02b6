"""`fer-edge bench` measures models, and `fer-edge info` shows their cards."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from fer_edge.models import DETECTOR_NAME, DETECTOR_NAMES, find_model, shipped_models
from fer_edge.models.card import ModelCard
from fer_edge.models.file import attach_card, read_model
from tests.runtime.command_line import fer_edge


def test_info_refuses_a_card_that_does_not_fit_its_model(tmp_path: Path) -> None:
    edge = read_model(find_model("edge"))
    assert isinstance(edge.card, ModelCard)
    card = dataclasses.replace(edge.card, labels=edge.card.labels[:-1], priors={}, priors_power=0.0)
    attach_card(edge.content, card, tmp_path / "six.tflite")
    done = fer_edge("info", tmp_path / "six.tflite")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the card belongs to another model" in done.stderr


def test_info_shows_the_card() -> None:
    told = fer_edge("info").stdout
    # Names and values stand in two columns, also beside the longest name.
    assert "origin: accuracy_as_trained  float32 " in told
    assert "angry, disgust, fear, happy, sad, surprise, neutral" in told
    assert "right (int8)" in told
    assert json.loads(fer_edge("info", "edge", "--json").stdout)["input"]["height"] == 48


def test_bench_measures_every_stage_within_its_bounds() -> None:
    done = fer_edge("bench", "--json", "--repeat", "5")
    assert done.returncode == 0
    assert all(line.startswith("camera: ") for line in done.stderr.splitlines())
    figures = json.loads(done.stdout)
    assert figures["threads"] == 1
    stages = figures["stages"]
    sizes = ("320x240", "160x120")
    assert {f"{name} at {size}" for name in DETECTOR_NAMES for size in sizes} <= set(stages)
    streams = figures["pipeline"].values()
    assert [(s["threads"], s["detect_every"]) for s in streams] == [
        (threads, every) for threads in (1, 2, 4) for every in (0.2, 0.0)
    ]
    assert all(s["fps"] > 0 and 0 < s["age_median"] <= s["age_p95"] for s in streams)
    assert all(0 < s["core"] < 4 for s in streams)
    assert all(0 < stage["median"] <= stage["p95"] for stage in stages.values())
    # Ten times what was seen, as a busy machine can take several times as long.
    bound = 3 if figures["interpreter"] == "litert" else 26
    assert stages["classification of one face"]["median"] <= bound


def test_bench_prints_no_control_characters_of_a_models_name(tmp_path: Path) -> None:
    odd = tmp_path / "na\n\x1b[31mno.tflite"
    odd.write_bytes(shipped_models()["nano"].read_bytes())
    done = fer_edge("bench", "--repeat", "1", "--model", odd)
    assert done.returncode == 0, done.stderr
    assert all(line.isprintable() for line in done.stdout.split("\n"))
    assert r"na\n\x1b[31mno.tflite" in done.stdout.splitlines()[0]


def test_bench_trusts_the_detectors_beside_if_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "odd.onnx").write_bytes(b"no model")
    words = ("bench", "--repeat", "1", "--model", "nano", "--beside", tmp_path / "odd.onnx")
    assert "If you trust it" in fer_edge(*words).stderr
    trusted = fer_edge(*words, "--trust-detector")
    assert trusted.returncode == 1
    assert "If you trust it" not in trusted.stderr


def test_bench_measures_each_of_the_detectors_beside(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "same.tflite" for folder in "ab"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(shipped_models()[DETECTOR_NAME].read_bytes())
    done = fer_edge("bench", "--json", "--repeat", "1", "--model", "nano", "--beside", *paths)
    stages = json.loads(done.stdout)["stages"]
    assert {f"{path} at 160x120" for path in paths} <= set(stages)
