"""`import fer_edge` is light."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("tensorflow", "keras", "torch", "jax", "matplotlib", "sklearn", "picamera2")
LAZY = ("ai_edge_litert", "tflite_runtime", "av", "asyncio")


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


def test_it_brings_nothing_heavy() -> None:
    loaded = set(run("import sys, fer_edge; print(*sys.modules)").split())
    assert {"fer_edge", "numpy", "cv2"} <= loaded
    assert not loaded & {*HEAVY, *LAZY}


def test_it_takes_less_than_a_quarter_of_a_second() -> None:
    # Of a processor. Even that grows while the machine does other things, so one run of many
    # decides: an import that is heavy itself is never so quick.
    code = "import time; t = time.process_time(); import fer_edge; print(time.process_time() - t)"
    assert any(float(run(code)) < 0.25 for _ in range(20))


def test_the_loop_of_the_docstring_runs() -> None:
    import fer_edge

    assert fer_edge.__doc__
    lines = [line[4:] for line in fer_edge.__doc__.splitlines() if line.startswith("    ")]
    assert len(lines) == 5
    printed = run("\n".join(lines).replace("Stream()", "Stream('sample')"))
    assert printed.split()[:3] == ["1", "unsure", "happy"]


MISSING_LIBRARY = "libGL.so.1: cannot open shared object file: No such file or directory"


@pytest.mark.parametrize("module", ["fer_edge", "train", "convert"])
def test_a_broken_opencv_is_told_in_one_line(module: str, tmp_path: Path) -> None:
    (tmp_path / "cv2.py").write_text(f"raise ImportError({MISSING_LIBRARY!r})")
    checkout = Path(__file__).parents[2]
    search = os.pathsep.join([str(tmp_path), str(checkout)])
    ended = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        env={**os.environ, "PYTHONPATH": search},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert MISSING_LIBRARY in line
    assert "pip install opencv-python-headless" in line


def test_of_a_page_of_advice_its_cause_is_told(tmp_path: Path) -> None:
    """As numpy raises it."""
    (tmp_path / "numpy.py").write_text(
        f"try:\n    raise ImportError({MISSING_LIBRARY!r})\n"
        "except ImportError as error:\n    raise ImportError('IMPORTANT:\\n' * 20) from error"
    )
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "try:\n    import fer_edge\n"
        "except ImportError as error:\n    print(error)"
    )
    assert run(code) == (
        f"fer_edge needs numpy, and it cannot be imported ({MISSING_LIBRARY}): pip install numpy\n"
    )


def test_a_broken_opencv_is_an_import_error(tmp_path: Path) -> None:
    (tmp_path / "cv2.py").write_text("raise AttributeError('_ARRAY_API not found')")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "try:\n    import fer_edge\n"
        "except ImportError as error:\n    print(type(error).__name__, error)"
    )
    assert run(code).startswith("BackendMissingError fer_edge needs opencv-python-headless")
