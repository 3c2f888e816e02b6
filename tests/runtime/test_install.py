"""What setup.cfg asks for, on the machines that it names."""

from __future__ import annotations

import configparser
import os
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.conftest import ROOT


def required(machine: str, python: str) -> dict[str, SpecifierSet]:
    """The packages that pip would look for, by name."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    lines = [line for line in config["options"]["install_requires"].splitlines() if line.strip()]
    wanted = [Requirement(line) for line in lines if not line.startswith("#")]
    place = {"platform_machine": machine, "python_version": python}
    chosen = [want for want in wanted if want.marker is None or want.marker.evaluate(place)]
    assert len({want.name for want in chosen}) == len(chosen), "a package is asked for twice"
    return {want.name: want.specifier for want in chosen}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
def test_64_bit_machines_get_litert(machine: str, python: str) -> None:
    assert set(required(machine, python)) == {
        *("numpy", "opencv-python-headless", "ai-edge-litert", "av")
    }


@pytest.mark.parametrize("machine", ["armv7l", "armv8l", "armv6l"])
def test_32_bit_arm_gets_tflite_runtime_and_numpy_1(machine: str) -> None:
    found = required(machine, "3.11")
    assert set(found) == {"numpy", "opencv-python-headless", "tflite-runtime"}
    assert "2.0.0" not in found["numpy"]
    assert "2.14.0" in found["tflite-runtime"]


def test_a_bookworm_pi_keeps_what_apts_picamera2_needs() -> None:
    found = required("aarch64", "3.11")
    assert "1.24.2" in found["numpy"]
    assert "2.0.0" not in found["numpy"]
    assert "4.11.0.86" in found["opencv-python-headless"]
    assert "4.12.0.88" not in found["opencv-python-headless"]


def test_a_trixie_pi_has_numpy_2_and_any_opencv() -> None:
    found = required("aarch64", "3.13")
    assert "2.2.4" in found["numpy"]
    assert "4.14.0.94" in found["opencv-python-headless"]
    assert "5.0.0.93" in found["opencv-python-headless"]


def made(*words: str, **environment: str) -> str:
    """What `make demo` would do, or says."""
    run = subprocess.run(
        ["make", "--no-print-directory", "demo", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    return run.stdout


def test_the_demo_s_environment_sees_the_system_s_picamera2(tmp_path: Path) -> None:
    assert "-m venv .venv\n" in made("--always-make", "--dry-run")
    (tmp_path / "picamera2.py").touch()
    with_it = made("--always-make", "--dry-run", PYTHONPATH=str(tmp_path))
    assert "-m venv --system-site-packages .venv\n" in with_it


@pytest.mark.parametrize(
    ("version", "works"), [((3, 11), True), ((3, 12), False), ((3, 13), False)]
)
def test_32_bit_trixie_is_told_in_the_first_line(
    version: tuple[int, int], works: bool, tmp_path: Path
) -> None:
    # A Python that says it were another: `sh` gives it make's question.
    told = f"sys.version_info = {version}; struct.calcsize = lambda _: 4"
    code = f"import platform, struct, sys; platform.machine = lambda: 'armv7l'; {told}"
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\nexec python3 -c "{code}; exec(sys.argv[2])" "$@"\n')
    python.chmod(0o755)
    printed = made(f"PYTHON={python}", "--always-make", "--dry-run" if works else "--silent")
    assert ("-m venv" in printed) is works
    assert printed.startswith("32-bit ARM has no TFLite interpreter") is not works
