"""What commands refuse, and what they say to do instead."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from convert.__main__ import main as convert
from fer_edge.classifier import EmotionClassifier
from fer_edge.detectors.grid import Candidates
from tests.called import called
from tests.conftest import ROOT
from tests.train.detector.test_near import PORTRAIT, SCENE, Told
from train.__main__ import main
from train.commands.data import read_transfer
from train.data.prepared import Prepared
from train.detector.data.pictures import read_pictures
from train.detector.measuring.gallery import TILE_SIDE_PIXELS, write_pictures
from train.detector.run import DetectorRun
from train.emotion.figures import read_results
from train.emotion.measuring.framing import measure_framing
from train.emotion.run import EmotionRun
from train.errors import DatasetError, RunError
from train.run.files import write_text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("detector near face-detector --data x --sides 320 0", "--sides: expected .* 32 to 8192"),
        ("detector near face-detector --data x --portraits -1", "--portraits: expected .* from 1"),
        ("framing --data x --faces 0", "--faces: expected a whole number from 1"),
        ("framing --data x --seed -1", "--seed: expected a whole number from 0 .*, got '-1'"),
    ],
)
def test_numbers_that_measure_nothing_are_refused(words: str, expected: str) -> None:
    done = called(main, *words.split())
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert re.search(expected, line), line


def test_a_resumed_detector_takes_no_other_cache(tmp_path: Path) -> None:
    done = called(main, "detector", "fit", "--resume", tmp_path, "--cache", tmp_path)
    assert "--resume needs nothing else, got cache" in done.stderr


def test_what_is_missing_is_made_by_its_own_command(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=f"python -m train evaluate {tmp_path} writes it"):
        read_results(EmotionRun(tmp_path))
    with pytest.raises(RunError, match="a folder made by python -m train detector fit"):
        DetectorRun(tmp_path).read_settings()


def test_a_name_that_is_too_long_is_one_line() -> None:
    done = called(convert, "a" * 300)
    assert done.returncode == 1
    assert "File name too long" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("module", ["train", "convert"])
def test_a_name_that_is_not_utf8_can_be_told(module: str) -> None:
    words = ["predict", b"/no/\xff", "x.jpg"] if module == "train" else [b"/no/\xff"]
    # The error goes to stdout, which does not escape what it cannot write.
    done = subprocess.run(
        [sys.executable, "-c", TO_STDOUT, module, *words],
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
        cwd=ROOT,
        timeout=300,
        check=False,
    )
    assert b"Traceback" not in done.stdout + done.stderr
    assert b"/no/\\udcff" in done.stdout


TO_STDOUT = """
import runpy, sys
sys.argv = sys.argv[1:]
sys.stderr = sys.stdout
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def test_a_page_may_name_such_a_file(tmp_path: Path) -> None:
    write_text(tmp_path / "page.html", "fit --data \udcff.csv")
    assert (tmp_path / "page.html").read_text("utf-8") == "fit --data \\udcff.csv"


class Nothing:
    """Finds no face."""

    def find(self, image: npt.NDArray[np.uint8], score_threshold: float) -> Candidates:
        empty = np.zeros((0, 10), np.float32)
        return Candidates(empty[:, 0], empty[:, :4], empty.reshape(0, 5, 2))


@pytest.mark.parametrize(("pictures", "rows"), [(1, 1), (5, 2), (12, 3), (30, 3)])
def test_few_pictures_are_drawn_too(pictures: int, rows: int, tmp_path: Path) -> None:
    shown = [PORTRAIT, SCENE] * 15
    write_pictures(Nothing(), shown[:pictures], 0.5, tmp_path)
    drawn = cv2.imread(str(tmp_path / "found.jpg"))
    assert drawn is not None
    assert drawn.shape == (rows * TILE_SIDE_PIXELS, 4 * TILE_SIDE_PIXELS, 3)


def test_no_pictures_have_no_average_precision(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        table = json.dumps({"images": [], "annotations": []})
        archive.writestr("annotations/val.json", table)
    with pytest.raises(DatasetError, match=r"names no picture in annotations/val\.json"):
        read_pictures(tmp_path / "none.zip", "val")


def test_framing_is_measured_on_the_models_own_classes(data: Prepared) -> None:
    label = data.faces.label.copy()
    label[0] = len(data.faces.labels)
    faces = dataclasses.replace(data.faces, label=label, labels=(*data.faces.labels, "contempt"))
    told = r"the model knows angry, .*, and some faces are contempt: leave"
    with pytest.raises(DatasetError, match=told):
        measure_framing(faces, None, Told([]), EmotionClassifier("nano"), seed=1)


def faces_in(folder: Path, *places: str) -> Path:
    """One grey picture in each of the places."""
    for place in places:
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        shade = np.full((48, 48), 10 * len(place), np.uint8)
        path.write_bytes(cv2.imencode(".png", shade)[1].tobytes())
    return folder


def test_a_test_split_of_another_dataset_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    args = argparse.Namespace(cache=tmp_path / "cache", skip_bad=False)
    both = faces_in(tmp_path / "both", "val/happy/a.png", "val/sad/b.png", "test/sad/c.png")
    faces = read_transfer(args, both)
    assert len(faces) == 2
    assert not faces.has("PrivateTest")
    assert "both: the faces of its test split (1) are left out" in caplog.text
    tested = faces_in(tmp_path / "tested", "test/happy/a.png")
    with pytest.raises(DatasetError, match="tested without its test split has no faces"):
        read_transfer(args, tested)
    caplog.clear()
    assert len(read_transfer(args, faces_in(tmp_path / "plain", "happy/a.png"))) == 1
    assert not caplog.text
