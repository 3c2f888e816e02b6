"""A damaged picture file gives a picture or an error of ours, and no decoder prints."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_edge import FerEdgeError, PictureError, read_picture
from fer_edge.command.peak_memory import peak_memory_mb
from fer_edge.pictures.decoding import decode_picture
from tests.runtime.leaks import peak_from_now_mb
from tests.runtime.picture_files import FILES, WHOLE, portrait, saved


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.95, 0.999])
def test_a_cut_file_is_said_to_be_cut(name: str, kept: float, tmp_path: Path) -> None:
    path = tmp_path / "half.jpg"
    path.write_bytes(FILES[name][: int(kept * len(FILES[name]))])
    with pytest.raises(PictureError, match=r"half\.jpg is cut short|half\.jpg is damaged, or cut"):
        read_picture(path)


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("jpeg")])
def test_a_half_jpeg_with_an_end_is_half_too(name: str) -> None:
    # libjpeg fills what is missing with grey, and tells it to stderr only.
    data = FILES[name]
    with pytest.raises(PictureError, match=r"is cut short or damaged.*the picture does"):
        decode_picture(data[: len(data) // 2] + b"\xff\xd9")
    with pytest.raises(PictureError, match="is cut short"):
        decode_picture(data[: len(data) // 2] + bytes(len(data) // 2))


def test_what_phones_append_to_a_jpeg_is_of_no_matter() -> None:
    thumbnail = saved("JPEG", portrait(side=32))
    exif = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 8) + b"Exif\0\0" + thumbnail
    data = FILES["jpeg"]
    for changed in (data + os.urandom(5000), data + thumbnail, data[:2] + exif + data[2:]):
        assert (decode_picture(changed) == decode_picture(data)).all()


def test_a_damaged_jpeg_that_can_be_read_is_told(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(FILES["jpeg"])
    data[-2:-2] = b"\x12\x34\x56" * 20
    decode_picture(bytes(data), name="odd.jpg")
    assert "odd.jpg is damaged, part of it may be wrong (Corrupt JPEG data" in caplog.text
    assert capfd.readouterr().err == ""


def test_decoders_say_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    for data in FILES.values():
        for kept in (0.3, 0.7, 0.99):
            damaged = bytearray(data[: int(kept * len(data))] + b"\xff\xd9")
            damaged[len(damaged) // 2] ^= 0x55
            for content in (bytes(damaged), data[:200] + bytes(20) + data[220:]):
                try:
                    decode_picture(content)
                except PictureError:
                    continue
    assert capfd.readouterr().err == ""


def test_what_others_print_meanwhile_is_not_lost() -> None:
    """Python, child processes and C++ print to descriptor 2, which is left alone."""
    code = (
        "import os, subprocess, sys, ctypes\n"
        "from fer_edge.native_logs.c_stderr import caught_c_stderr\n"
        "with caught_c_stderr() as lines:\n"
        "    print('python', file=sys.stderr, flush=True)\n"
        "    subprocess.run(['sh', '-c', 'echo child >&2'])\n"
        "    ctypes.CDLL(None).perror(b'from C')\n"
        "    if os.fork() == 0:\n"
        "        ctypes.CDLL(None).perror(b'forked'); os._exit(0)\n"
        "    os.wait()\n"
        "ctypes.CDLL(None).perror(b'afterwards')\n"
        "print(lines)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    printed = [line.split(":")[0] for line in done.stderr.splitlines()]
    assert printed == ["python", "child", "forked", "afterwards"]
    assert "from C" in done.stdout


def test_threads_decode_at_once_and_each_hears_of_its_own_picture() -> None:
    half = FILES["jpeg"][: len(FILES["jpeg"]) // 2] + b"\xff\xd9"
    right, wrong = decode_picture(FILES["jpeg"]), []

    def work(number: int) -> None:
        for turn in range(30):
            if (turn + number) % 2:
                if not (decode_picture(FILES["jpeg"]) == right).all():
                    wrong.append("another picture")
                continue
            try:
                decode_picture(half)
                wrong.append("a half picture was taken for a whole one")
            except PictureError:
                pass

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_file_gives_a_picture_or_an_error_of_ours(data: st.DataObject) -> None:
    content = bytearray(FILES[data.draw(st.sampled_from(sorted(FILES)))])
    for _ in range(data.draw(st.integers(1, 6))):
        # Headers decide how much memory is taken: most damage is done there.
        last = len(content) - 1
        at = data.draw(st.integers(0, min(last, 200)) | st.integers(0, last))
        what = data.draw(st.sampled_from(["set", "cut", "insert", "large"]))
        if what == "set":
            content[at] = data.draw(st.integers(0, 255))
        elif what == "cut":
            del content[at : at + data.draw(st.sampled_from([1, 2, 4, 50]))]
        elif what == "insert":
            content[at:at] = data.draw(st.binary(min_size=1, max_size=4))
        else:
            content[at : at + 4] = b"\xff\xff\xff\xff"
        if len(content) < 2:
            break
    before = peak_from_now_mb()
    try:
        image = decode_picture(bytes(content), max_pixels=1_000_000)
        assert image.dtype == np.uint8
        assert image.shape[2] == 3
    except FerEdgeError as error:
        assert len(str(error).splitlines()) == 1
    assert peak_memory_mb() - before < 200


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(FILES)))
def test_any_bytes_give_a_picture_or_an_error_of_ours(rest: bytes, name: str) -> None:
    for content in (rest, FILES[name][:12] + rest):
        try:
            decode_picture(content, max_pixels=1_000_000)
        except FerEdgeError:
            continue


def test_a_moment_without_descriptors_does_not_blind_it_for_good() -> None:
    code = (
        "import errno, os\n"
        "from fer_edge import PictureError\n"
        "from fer_edge.pictures.decoding import decode_picture\n"
        "from tests.runtime.picture_files import FILES\n"
        "pipe = os.pipe2\n"
        "def none_left(flags): raise OSError(errno.EMFILE, 'Too many open files')\n"
        "os.pipe2 = none_left\n"
        "decode_picture(FILES['jpeg'])\n"
        "os.pipe2 = pipe\n"
        "half = FILES['jpeg'][: len(FILES['jpeg']) // 2] + b'\\xff\\xd9'\n"
        "try: decode_picture(half)\n"
        "except PictureError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "is cut short or damaged" in done.stdout
    assert done.stderr == ""
