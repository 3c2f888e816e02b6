"""Errors carry the system's error number, wherever it was in their causes."""

from __future__ import annotations

import copy
import errno
import pickle
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fer_edge import Recognizer, open_camera, read_picture
from fer_edge.errors import (
    CameraError,
    CameraTimeoutError,
    ModelFileError,
    OutputError,
    PictureFileError,
)
from fer_edge.pictures.picture_output import write_picture

SYSTEM_FAULTS = (CameraError, CameraTimeoutError, PictureFileError, ModelFileError, OutputError)
PICTURE = np.zeros((2, 2, 3), np.uint8)


def _too_long(use: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda folder: use(folder / ("x" * 300 + ".png"))


@pytest.mark.parametrize(
    ("kind", "attempt"),
    [
        (PictureFileError, _too_long(read_picture)),
        (OutputError, _too_long(lambda path: write_picture(path, PICTURE))),
        (ModelFileError, _too_long(lambda path: Recognizer(model=path))),
        (CameraError, _too_long(open_camera)),
    ],
)
def test_what_the_system_refuses_has_its_number(
    kind: type[OSError], attempt: Callable[[Path], object], tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="x") as caught:
        attempt(tmp_path)
    assert type(caught.value) is kind
    assert caught.value.errno == errno.ENAMETOOLONG


@pytest.mark.parametrize(
    "attempt", [read_picture, open_camera, lambda path: Recognizer(model=path)]
)
def test_a_missing_file_has_its_number(attempt: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none") as caught:
        attempt(tmp_path / "none")
    assert caught.value.errno == errno.ENOENT


def test_numbers_of_other_libraries_are_not_the_systems(tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(bytes(range(256)) * 16)
    with pytest.raises(CameraError) as caught:
        open_camera(tmp_path / "bad.mp4")
    assert caught.value.errno is None
    for cause in (ssl.SSLError(1, "wrong version"), socket.gaierror(-2, "not known")):
        assert caused(CameraError("no connection"), cause).errno is None


def test_a_camera_of_the_users_may_give_its_number() -> None:
    error = CameraError(errno.ENODEV, "gone")
    assert error.errno == errno.ENODEV
    assert pickle.loads(pickle.dumps(error)).errno == errno.ENODEV
    assert caused(CameraError("failed"), error).errno == errno.ENODEV


def test_causes_may_go_in_a_circle() -> None:
    one, other = CameraError("one"), CameraError("other")
    assert caused(one, caused(other, one)).errno is None


def caused(error: OSError, cause: Exception) -> OSError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("kind", SYSTEM_FAULTS)
def test_an_error_that_was_copied_or_sent_to_a_process_is_the_same(kind: type[OSError]) -> None:
    between = caused(CameraError("cannot be opened"), PermissionError(errno.EACCES, "no"))
    error = caused(kind("the camera cannot be opened"), between)
    for copied in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (type(copied), str(copied)) == (kind, "the camera cannot be opened")
        assert copied.errno == errno.EACCES


@pytest.mark.parametrize("kind", SYSTEM_FAULTS)
def test_an_error_that_no_system_caused_has_no_number(kind: type[OSError]) -> None:
    assert kind("the list is empty").errno is None
    assert caused(kind("a name with a NUL"), ValueError("null byte")).errno is None


def test_a_file_that_the_system_does_not_let_read_names_no_python_exception() -> None:
    with pytest.raises(CameraError, match=r"mem' cannot be opened: Input/output error$") as caught:
        open_camera("/proc/self/mem")
    assert caught.value.errno == errno.EIO
