"""`fer-edge photo`: every result that can be had, whatever one file does; nothing overwritten."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import read_picture
from tests.runtime.picture_files import HAS_GIF

FER_EDGE = [sys.executable, "-m", "fer_edge"]
NOBODY = 65534


def photo(*words: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [*FER_EDGE, "photo", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120)


def files(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [json.loads(line)["file"] for line in done.stdout.splitlines()]


def errors(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert "Traceback" not in done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("fer-edge: ")]


def test_it_reads_each_file_and_loses_none(tmp_path: Path, portrait: Path) -> None:
    (tmp_path / "cut.jpg").write_bytes(portrait.read_bytes()[:100])
    os.mkfifo(tmp_path / "fifo.jpg")
    (tmp_path / "link.jpg").symlink_to("link.jpg")
    sliver = np.zeros((1, 100_000, 3), np.uint8)
    assert cv2.imwrite(str(tmp_path / "sliver.png"), sliver)
    names = ["cut.jpg", "none.jpg", "a" * 300, "fifo.jpg", "link.jpg", "a\udce9.jpg", "sliver.png"]
    done = photo(*names, portrait, "--json", folder=tmp_path)
    assert done.returncode == 1
    assert files(done) == ["sliver.png", str(portrait)]
    assert json.loads(done.stdout.splitlines()[-1])["faces"][0]["emotion"] == "happy"
    assert len(errors(done)) == 6
    assert len(done.stderr.splitlines()) == 6


def test_a_folder_is_read_with_those_in_it(tmp_path: Path, portrait: Path) -> None:
    for name in ("b.jpg", "a.PNG", "z/c.jpeg", "c/d/e.jpg", ".hidden.jpg", ".hidden/f.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(portrait, tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "z" / "loop").symlink_to(tmp_path)
    done = photo(".", "--json", folder=tmp_path)
    assert done.returncode == 0
    assert files(done) == ["a.PNG", "b.jpg", "c/d/e.jpg", "z/c.jpeg"]
    assert done.stderr.splitlines() == [
        ".: left out, not named as pictures: 1 file",
        ".: left out, folders that are only linked to: 1, such as z/loop",
    ]


def test_a_folders_links_to_nowhere_and_pipes_cost_only_themselves(
    tmp_path: Path, portrait: Path
) -> None:
    shutil.copy(portrait, tmp_path / "a.jpg")
    (tmp_path / "gone.jpg").symlink_to("nowhere")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    done = photo(".", "--json", folder=tmp_path)
    assert done.returncode == 1
    assert files(done) == ["a.jpg"]
    assert [line.split()[1] for line in errors(done)] == ["gone.jpg", "loop.jpg", "pipe.jpg"]


def test_a_folder_without_pictures_is_an_error(tmp_path: Path, portrait: Path) -> None:
    done = photo(tmp_path, portrait, "--json")
    assert done.returncode == 1
    assert files(done) == [str(portrait)]
    (line,) = errors(done)
    assert "holds no pictures" in line


ADDRESSES = ("HTTP://me:secret@127.0.0.1:9/a.jpg", " ftp://me:secret@host")


@pytest.mark.parametrize("name", ["-", "sample", "0", "picamera", *ADDRESSES])
def test_what_only_watch_reads_is_told(name: str, tmp_path: Path, portrait: Path) -> None:
    done = photo(name, portrait, folder=tmp_path)
    assert done.returncode == 1
    (line,) = errors(done)
    assert "photo reads files and folders; fer-edge watch reads" in line
    assert "secret" not in line
    (tmp_path / "sample").write_bytes(portrait.read_bytes())
    assert photo("sample", folder=tmp_path).returncode == 0


@pytest.mark.skipif(not HAS_GIF, reason="this OpenCV reads no GIF")
def test_a_folder_of_gif_pictures_is_read(tmp_path: Path, portrait: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "a.gif"), read_picture(portrait))
    done = photo(tmp_path, "--json")
    assert (done.returncode, files(done)) == (0, [str(tmp_path / "a.gif")])


def test_a_folder_that_may_not_be_read_costs_only_itself(tmp_path: Path, portrait: Path) -> None:
    shutil.copy(portrait, tmp_path / "a.jpg")
    (tmp_path / "closed").mkdir()
    shutil.copy(portrait, tmp_path / "closed" / "b.jpg")
    os.chmod(tmp_path / "closed", 0)
    # Root may read everything, so the listing itself is done by a process that is nobody.
    code = (
        f"import os, pathlib; os.getuid() or os.setuid({NOBODY})\n"
        "from fer_edge.command.listing import listed\n"
        "failed = []; print(listed([pathlib.Path('.')], failed.append), failed)\n"
        "failed = []; print(listed([pathlib.Path('closed')], failed.append), failed)"
    )
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        os.chmod(folder, 0o755)
    done = subprocess.run(
        [sys.executable, "-c", "import fer_edge.command.listing\n" + code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )
    os.chmod(tmp_path / "closed", 0o700)
    refused = "['the folder closed cannot be read: Permission denied']"
    assert done.stdout.splitlines() == [
        f"[PosixPath('a.jpg')] {refused}",
        f"[] {refused}",
    ], done.stderr


def test_pictures_may_be_limited(portrait: Path) -> None:
    done = photo(portrait, "--max-pixels", "1000")
    assert done.returncode == 1
    assert not done.stdout
    assert len(errors(done)) == 1
    assert photo(portrait, "--max-pixels", "0").returncode == 2


def test_annotated_copies_never_replace_a_file(tmp_path: Path, portrait: Path) -> None:
    names = [tmp_path / camera / "IMG_0001.jpg" for camera in ("one", "two")]
    for name in names:
        name.parent.mkdir()
        shutil.copy(portrait, name)
    marks = tmp_path / "marks"
    marks.mkdir()
    (marks / "IMG_0001-read.jpg").write_bytes(b"mine")
    done = photo(*names, "--annotate", marks)
    assert done.returncode == 0
    assert "happy" in done.stdout
    written = ["IMG_0001-read-2.jpg", "IMG_0001-read-3.jpg"]
    assert done.stderr.splitlines() == [f"wrote {marks / name}" for name in written]
    assert sorted(path.name for path in marks.iterdir()) == sorted([*written, "IMG_0001-read.jpg"])
    assert (marks / "IMG_0001-read.jpg").read_bytes() == b"mine"
    assert all((marks / name).stat().st_size > 10_000 for name in written)


@pytest.mark.parametrize("place", ["/proc/no", "taken", "/dev/full"])
def test_copies_that_cannot_be_written_cost_no_results(
    place: str, tmp_path: Path, portrait: Path
) -> None:
    (tmp_path / "taken").write_bytes(b"a file")
    done = photo(portrait, portrait, "--json", "--annotate", place, folder=tmp_path)
    assert done.returncode == 1
    assert files(done) == [str(portrait)] * 2
    assert len(errors(done)) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_full_disk_costs_no_results_and_leaves_nothing(tmp_path: Path, portrait: Path) -> None:
    # A limit on the size of files is what can be had of a full disk without mounting one.
    line = f"ulimit -f 8; trap '' XFSZ; {' '.join(FER_EDGE)} photo {portrait} --json --annotate out"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert done.returncode == 1
    assert files(done) == [str(portrait)]
    assert len(errors(done)) == 1
    assert not list(tmp_path.rglob("*.jpg"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_picture_too_long_for_jpeg_gets_its_copy(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "wide.png"), np.zeros((1, 100_000), np.uint8))
    done = photo(tmp_path / "wide.png", "--annotate", tmp_path / "marks")
    assert done.returncode == 0, done.stderr
    copy = cv2.imread(str(tmp_path / "marks" / "wide-read.png"))
    assert copy is not None
    assert copy.shape == (1, 100_000, 3)


def test_a_long_name_gets_its_copy(tmp_path: Path, portrait: Path) -> None:
    long = "é" * 120 + ".jpg"
    shutil.copy(portrait, tmp_path / long)
    done = photo(long, "--annotate", "marks", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "marks").iterdir())) == 1


def test_many_files_have_a_bar_on_a_terminal_only(tmp_path: Path, portrait: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [*FER_EDGE, "photo", *[str(portrait)] * 5, "none.jpg", "--json"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        timeout=60,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            # The other end is closed.
            break
        shown += part
    os.close(ours)
    assert len(done.stdout.splitlines()) == 5
    assert b"] 0 of 6 pictures\r" in shown
    assert b"\r\n" in shown[shown.index(b"fer-edge: none.jpg") :]
    # The line is cleared before the end and before the error.
    assert shown.split(b"\r")[-1] in (b"", b"\n")
    assert not errors(photo(*[portrait] * 3))
    assert not photo(*[portrait] * 3).stderr
