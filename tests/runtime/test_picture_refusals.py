"""What is no picture file is refused by its name, and the error says why."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from fer_edge import PictureError, PictureFileError, read_picture
from fer_edge.errors import ArgumentError
from tests.runtime.picture_files import FILES, saved

HEIC = b"\0\0\0\x18ftyp%s\0\0\0\0mif1%s" + bytes(100)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (HEIC % (b"heic", b"heic"), "is a HEIC picture.*heif-convert.*sips"),
        (HEIC % (b"mif1", b"heic"), "is a HEIC picture"),
        (HEIC % (b"avif", b"miaf"), "is an AVIF picture.*avifdec.*sips"),
        (HEIC % (b"mif1", b"avif"), "is an AVIF picture"),
        (b"\0\0\0\x20ftypisom" + bytes(100), "is a video"),
        (b"\x76\x2f\x31\x01" + bytes(100), "is an OpenEXR picture"),
        (b"#?RADIANCE\n" + bytes(100), "is a Radiance HDR picture"),
        (b"\x59\xa6\x6a\x95" + bytes(100), "is a Sun raster picture"),
        (saved("JPEG2000"), "is a JPEG 2000 picture"),
        (saved("JPEG2000", no_jp2=True), "is a JPEG 2000 picture"),
        (b"P7\nWIDTH 4\n", "is a PAM picture"),
        (b"PF\n4 4\n-1.0\n", "is a PFM picture"),
        (b"%PDF-1.4", "is a PDF document"),
        (b"<html><body>404 Not Found</body></html>", "is a web page.*download failed"),
        (b"\0\x05\x16\x07\0\2\0\0Mac OS X        ", "is.*what macOS notes|holds what macOS"),
        (b"", "is empty"),
        (b"nothing", r"is not a picture: expected JPEG, .* it begins with b'nothing'"),
        (saved("TIFF", Pil.fromarray(np.zeros((9, 9), np.float32))), "holds numbers of 32 bits"),
        (saved("TIFF", tiffinfo={254: 1}), "is a camera's raw file.*or begins with a thumbnail"),
        (b"\0" * 4096, "is not a picture"),
    ],
)
def test_what_is_not_read_is_named(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(content)
    with pytest.raises(PictureError, match=f"x.jpg {told}") as caught:
        read_picture(tmp_path / "x.jpg")
    assert len(str(caught.value).splitlines()) == 1


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.jpg"))
    for name, told in (
        ("folder.jpg", "it is no file but a folder"),
        ("pipe.jpg", "it is no file but a pipe"),
        ("loop.jpg", "symbolic links"),
        ("s.jpg", "cannot be read"),
        ("missing.jpg", "No such file"),
        ("x" * 300 + ".jpg", "too long"),
        ("nul\0.jpg", "null"),
        ("latin\udce9.jpg", "No such file"),
        ("/dev/zero", "it is no file but a device"),
    ):
        with pytest.raises(PictureFileError, match=told) as caught:
            read_picture(tmp_path / name)
        assert isinstance(caught.value, OSError)
        assert caught.value.errno or "nul" in name
    for wrong in (None, 3, b"x.jpg"):
        with pytest.raises(ArgumentError, match="path"):
            read_picture(wrong)  # type: ignore[arg-type]


def test_a_file_without_permission_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(FILES["jpeg"])
    if os.geteuid() == 0:
        # Root may read everything, so the system's answer is played.
        def refuse(*_: object, **__: object) -> int:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "open", refuse)
    else:
        path.chmod(0)
    with pytest.raises(PictureFileError, match=r"secret.jpg cannot be read: Permission denied"):
        read_picture(path)
