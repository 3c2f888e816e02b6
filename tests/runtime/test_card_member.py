"""The ZIP behind a model has one form; every trick with it is a ModelError that costs nothing."""

from __future__ import annotations

import contextlib
import io
import json
import os
import stat
import struct
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_edge import EmotionClassifier, ModelError
from fer_edge.errors import ArgumentError, ModelFileError
from fer_edge.models import find_model
from fer_edge.models.card_member import (
    CARD_FILE_NAME,
    CENTRAL_HEADER,
    END_RECORD,
    LARGEST_CARD_BYTES,
    LOCAL_HEADER,
    split,
)
from fer_edge.models.file import attach_card, read_model

EDGE = find_model("edge")
MODEL = read_model(EDGE)
CARD = json.dumps({**MODEL.card.to_json(), "model_crc32": zlib.crc32(MODEL.content)}).encode()
DATA = EDGE.read_bytes()
START = len(MODEL.content)
DIRECTORY = len(DATA) - END_RECORD.size - CENTRAL_HEADER.size - len(CARD_FILE_NAME)


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, **more: bytes) -> bytes:
    buffer = io.BytesIO(MODEL.content)
    buffer.seek(0, io.SEEK_END)
    with zipfile.ZipFile(buffer, "a", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
        archive.comment = more.get("comment", b"")
    return buffer.getvalue()


def patched(place: int, form: str, value: int) -> bytes:
    data = bytearray(DATA)
    struct.pack_into(form, data, place, value)
    return bytes(data)


def bomb(real: int) -> bytes:
    """A card that declares 1,000 bytes and unpacks to `real`."""
    stream = zlib.compressobj(9, wbits=-15)
    packed = b"".join(stream.compress(bytes(1 << 20)) for _ in range(real >> 20)) + stream.flush()
    sizes = (0, len(packed), 1000, len(CARD_FILE_NAME))
    local = (
        LOCAL_HEADER.pack(b"PK\3\4", 20, 0, 8, 0, 33, *sizes, 0) + CARD_FILE_NAME.encode() + packed
    )
    central = CENTRAL_HEADER.pack(b"PK\1\2", 20, 20, 0, 8, 0, 33, *sizes, 0, 0, 0, 0, 0, START)
    place = START + len(local)
    directory = central + CARD_FILE_NAME.encode()
    end = END_RECORD.pack(b"PK\5\6", 0, 0, 1, 1, len(directory), place, 0)
    return MODEL.content + local + directory + end


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return zipped((CARD_FILE_NAME, CARD), (CARD_FILE_NAME, CARD))


TRICKS: dict[str, Callable[[], bytes]] = {
    "two members": lambda: zipped((CARD_FILE_NAME, CARD), ("other", b"")),
    "another before": lambda: zipped(("labels.txt", b"happy"), (CARD_FILE_NAME, CARD)),
    "the same twice": twice,
    "another name": lambda: zipped(("../card.json", CARD)),
    "a path as name": lambda: zipped(("/etc/card.json", CARD)),
    "no member": lambda: zipped(),
    "a comment": lambda: zipped((CARD_FILE_NAME, CARD), comment=b"hello"),
    "bzip2": lambda: zipped((CARD_FILE_NAME, CARD), method=zipfile.ZIP_BZIP2),
    "lzma": lambda: zipped((CARD_FILE_NAME, CARD), method=zipfile.ZIP_LZMA),
    "bytes behind": lambda: DATA + b"\0",
    "a second end": lambda: DATA + DATA[-END_RECORD.size :],
    "encrypted": lambda: patched(DIRECTORY + 8, "<H", 1),
    "encrypted inside": lambda: patched(START + 6, "<H", 1),
    "sizes behind the data": lambda: patched(START + 6, "<H", 8),
    "starts inside the model": lambda: patched(DIRECTORY + 42, "<I", START - 100),
    "starts at 0": lambda: patched(DIRECTORY + 42, "<I", 0),
    "starts behind the end": lambda: patched(DIRECTORY + 42, "<I", len(DATA) + 5),
    "starts at the far end": lambda: patched(DIRECTORY + 42, "<I", 0xFFFFFFFF),
    "directory elsewhere": lambda: patched(len(DATA) - 6, "<I", 0),
    "directory behind the end": lambda: patched(len(DATA) - 6, "<I", 0xFFFFFFF0),
    "directory of another size": lambda: patched(len(DATA) - 10, "<I", 0xFFFFFFFF),
    "zip64": lambda: patched(len(DATA) - 14, "<H", 0xFFFF),
    "many disks": lambda: patched(len(DATA) - 18, "<H", 1),
    "another packed size": lambda: patched(DIRECTORY + 20, "<I", 5),
    "another real size": lambda: patched(DIRECTORY + 24, "<I", 5),
    "a huge real size": lambda: patched(DIRECTORY + 24, "<I", 0xFFFFFFFF),
    "another checksum": lambda: patched(DIRECTORY + 16, "<I", 5),
    "a longer name": lambda: patched(DIRECTORY + 28, "<H", 500),
    "an extra field": lambda: patched(DIRECTORY + 30, "<H", 4),
    "a huge extra field inside": lambda: patched(START + 28, "<H", 0xFFFF),
    "a large card": lambda: zipped((CARD_FILE_NAME, CARD[:-1] + b" " * LARGEST_CARD_BYTES + b"}")),
    "a bomb": lambda: bomb(64 << 20),
    "cut behind the model": lambda: MODEL.content + DATA[-END_RECORD.size :],
}


@pytest.mark.parametrize("name", TRICKS)
def test_a_tricky_zip_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(TRICKS[name]())
    with pytest.raises(ModelError) as caught:
        read_model(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_stored_card_is_as_good_as_a_deflated_one(method: int, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(zipped((CARD_FILE_NAME, CARD), method=method))
    assert read_model(path) == MODEL


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    """A card that declares 1,000 bytes and unpacks to gigabytes once took 6.3 GB."""
    path = tmp_path / "bomb.tflite"
    path.write_bytes(bomb(128 << 20))
    code = (
        "import sys, fer_edge.models.file as file\n"
        "from fer_edge.command.peak_memory import peak_memory_mb\n"
        "from pathlib import Path\n"
        "before = peak_memory_mb()\n"
        "try: file.read_model(Path(sys.argv[1]))\n"
        "except file.ModelError as error: print(error)\n"
        "print(peak_memory_mb() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    message, megabytes = done.stdout.splitlines()
    assert "larger than it says" in message
    assert float(megabytes) < 40


@settings(max_examples=300, deadline=None)
@given(st.integers(START, len(DATA) - 1), st.integers(0, 255))
def test_a_changed_byte_of_the_zip_is_refused_or_changes_nothing(place: int, value: int) -> None:
    data = bytearray(DATA)
    data[place] = value
    try:
        found = split(bytes(data))
    except ModelError:
        return
    assert found is None or found == split(DATA)


def test_other_files_are_not_thrown_away(tmp_path: Path) -> None:
    """A model of others may carry labels as TFLite's metadata has them."""
    with pytest.raises(ModelError, match="already carries files"):
        attach_card(zipped(("labels.txt", b"happy")), MODEL.card, tmp_path / "out.tflite")
    assert list(tmp_path.iterdir()) == []


ODD_NAMES: list[str] = ["", ".", "a\0b", "\ud800", "caf\udce9", "a" * 5000, "no/such/file", "\n"]


@pytest.mark.parametrize("name", ODD_NAMES, ids=lambda name: ascii(name[:12]))
def test_a_name_that_no_file_has_is_told_in_one_printable_line(name: str) -> None:
    for opener in (EmotionClassifier, read_model_at):
        with pytest.raises(ModelFileError) as caught:
            opener(name)
        assert isinstance(caught.value, OSError)
        assert str(caught.value).isprintable()


def read_model_at(name: str) -> None:
    read_model(Path(name))


@pytest.mark.parametrize("name", [None, 7, True, b"edge", 1.5, ["edge"]])
def test_what_is_no_name_is_an_argument_error(name: object) -> None:
    with pytest.raises(ArgumentError):
        find_model(name)  # type: ignore[arg-type]


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(ModelFileError, match="a folder, a pipe or a device"):
            EmotionClassifier(path)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_link_in_a_circle_is_a_model_file_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(ModelFileError):
        EmotionClassifier(tmp_path / "a")


def test_a_file_that_vanishes_and_comes_back_is_read_whole_or_refused(tmp_path: Path) -> None:
    path, other = tmp_path / "model.tflite", tmp_path / "other"
    path.write_bytes(DATA)
    done = threading.Event()

    def trouble() -> None:
        while not done.is_set():
            other.write_bytes(DATA)
            path.unlink(missing_ok=True)
            os.replace(other, path)
            # Else no reader would ever find it whole.
            time.sleep(0.002)
            os.truncate(path, len(DATA) // 2)

    thread = threading.Thread(target=trouble)
    thread.start()
    whole = refused = 0
    until = time.monotonic() + 60
    try:
        while time.monotonic() < until and not (whole > 10 and refused > 10):
            try:
                assert read_model(path) == MODEL
                whole += 1
            except ModelError:
                refused += 1
    finally:
        done.set()
        thread.join()


def test_reading_leaves_no_descriptor_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for path in (EDGE, tmp_path, tmp_path / "none", Path("/dev/zero")):
        with contextlib.suppress(ModelError):
            read_model(path)
    assert len(os.listdir("/proc/self/fd")) == before
