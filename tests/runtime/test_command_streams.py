"""stdout and stderr of `fer-edge`: nothing but its own lines, also where one is closed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FER_EDGE = f"{sys.executable} -m fer_edge"
RESULTS = ["watch sample --json", "info", "demo sample --frames 3", "--version"]
RESULTS += ["--help", "photo --help"]
FULL, CLOSED = (">/dev/full", "No space left"), (">&-", "is closed")
# One of bench is enough: it measures for seconds. Else test_command_bench.py reads it.
UNPRINTABLE = [(words, *place) for words in RESULTS for place in (FULL, CLOSED)]
UNPRINTABLE += [("bench --model nano --repeat 1", *FULL)]
OURS = ("camera: ", "Playing ")
"""How lines begin that are no errors."""
CRASH = """
import sys
from fer_edge.command import info
from fer_edge.command.main import main
def run(args, stop):
    raise {error}
info.run = run
sys.exit(main(sys.argv[1:]))
"""


def shell(line: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=120,
    )


@pytest.mark.parametrize(("words", "place", "why"), UNPRINTABLE)
def test_results_that_cannot_be_printed_are_one_line(
    words: str, place: str, why: str, tmp_path: Path
) -> None:
    done = shell(f"{FER_EDGE} {words} {place}", tmp_path)
    assert done.returncode == 1
    assert not done.stdout
    *before, line = done.stderr.splitlines()
    assert line.startswith("fer-edge: ")
    assert why in line
    assert all(line.startswith(OURS) for line in before)


@pytest.mark.parametrize("words", ["--version", "--help"])
def test_help_that_cannot_be_printed_is_one_line_with_and_without_a_buffer(words: str) -> None:
    """With PYTHONUNBUFFERED a full stdout is met by who writes, else by who flushes."""
    for unbuffered in ("", "1"):
        done = shell(f"PYTHONUNBUFFERED={unbuffered} {FER_EDGE} {words} >/dev/full")
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert "No space left" in line


@pytest.mark.parametrize("place", ["2>/dev/full", "2>&-", "2>&- >/dev/full", "2>&- >&- <&-"])
def test_errors_that_cannot_be_printed_leave_the_code(place: str) -> None:
    done = shell(f"{FER_EDGE} photo none.jpg {place}")
    assert done.returncode == 1
    assert not done.stdout
    assert not done.stderr


def test_results_are_whole_without_stderr(tmp_path: Path, portrait: Path) -> None:
    """A file that is opened while stderr is closed must not get its number."""
    done = shell(
        f"{FER_EDGE} photo {portrait} {portrait} --json --annotate . 2>&-", folder=tmp_path
    )
    assert done.returncode == 0
    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == [str(portrait)] * 2


def test_a_reader_that_leaves_is_told_and_no_error() -> None:
    done = shell(f"{FER_EDGE} watch sample --json | head -n 2")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.splitlines()[1:] == ["fer-edge: nobody reads the results any more"]


@pytest.mark.parametrize("words", RESULTS)
def test_no_library_prints_among_our_lines(words: str, tmp_path: Path) -> None:
    done = shell(f"{FER_EDGE} {words}", tmp_path)
    assert done.returncode == 0
    assert all(line.startswith(OURS) for line in done.stderr.splitlines())


def test_no_library_prints_about_damaged_files(
    tmp_path: Path, portrait: Path, shared: Callable[[str], Path]
) -> None:
    (tmp_path / "a.jpg").write_bytes(portrait.read_bytes()[:9000])
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (tmp_path / "c.tif").write_bytes(b"II*\0\x08\0\0\0" + b"\xff" * 90)
    video = bytearray(shared("clips/single_face.mp4").read_bytes())
    video[len(video) // 2 : len(video) // 2 + 2000] = bytes(2000)
    (tmp_path / "d.mp4").write_bytes(video)
    for words in ("photo .", "watch d.mp4", "watch .", "photo d.mp4"):
        done = shell(f"{FER_EDGE} {words}", tmp_path)
        lines = done.stderr.splitlines()
        ours = [line for line in lines if line.startswith(("fer-edge: ", "camera: ", ".: "))]
        assert lines == ours


def test_each_name_can_be_printed_in_any_locale(tmp_path: Path, portrait: Path) -> None:
    name = b"\xe9\n\x1b[31m\xc3\xa9.jpg"
    Path(tmp_path, name.decode("utf-8", "surrogateescape")).write_bytes(portrait.read_bytes())
    for locale in ("LC_ALL=C.UTF-8", "LC_ALL=C PYTHONUTF8=0 PYTHONIOENCODING=ascii"):
        done = shell(f"{locale} {FER_EDGE} photo . nowhere-$'\\xff'.jpg", tmp_path)
        assert done.returncode == 1
        (line,) = done.stdout.splitlines()
        assert line.startswith("\\xe9\\n\\x1b[31m")
        assert "happy" in line
        assert done.stderr.startswith("fer-edge: nowhere-\\xff.jpg")
        done = shell(f"{locale} {FER_EDGE} photo --json .", tmp_path)
        assert json.loads(done.stdout)["file"].encode("utf-8") == b"\\xe9\n\x1b[31m\xc3\xa9.jpg"


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        ("KeyError('a\\nb')", 70, "unexpected KeyError: 'a\\nb'; this is a mistake in fer-edge"),
        ("RecursionError('too deep')", 70, "unexpected RecursionError: too deep"),
        ("MemoryError()", 1, "there is not enough memory"),
        ("OSError(5, 'Input/output error')", 70, "unexpected OSError"),
    ],
)
def test_what_nobody_expected_is_one_line(error: str, code: int, message: str) -> None:
    command = [sys.executable, "-c", CRASH.format(error=error), "info"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == code
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"fer-edge: {message}")
    done = subprocess.run([*command, "--verbose"], capture_output=True, text=True, timeout=60)
    assert done.returncode == code
    assert ("Traceback" in done.stderr) == (code == 70)


def test_a_crash_in_native_code_is_told() -> None:
    code = CRASH.format(error="SystemExit(__import__('os').abort())")
    done = subprocess.run(
        [sys.executable, "-c", code, "info"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode < 0
    assert "Fatal Python error: Aborted" in done.stderr
