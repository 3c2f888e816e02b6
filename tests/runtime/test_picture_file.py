"""Pictures from files: what is read, what is refused by name, and in how much memory."""

from __future__ import annotations

import errno
import io
import logging
import os
import socket
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pil

from fer_edge import FerEdgeError, PictureError, PictureFileError, read_picture
from fer_edge.cameras.sample import PORTRAIT_FILE
from fer_edge.command.timing import peak_memory_mb
from fer_edge.errors import ArgumentError
from fer_edge.pictures.decoding import decode_picture
from tests.runtime.leaks import peak_from_now_mb

HAS_GIF = cv2.haveImageWriter("a.gif")


def portrait(mode: str = "RGB", side: int = 160) -> Pil.Image:
    return Pil.open(PORTRAIT_FILE).convert("RGB").resize((side, side)).convert(mode)


def saved(form: str, picture: Pil.Image | None = None, **options: object) -> bytes:
    file = io.BytesIO()
    (picture or portrait()).save(file, form, **options)
    return file.getvalue()


def bgr(picture: Pil.Image) -> npt.NDArray[np.int32]:
    return np.asarray(picture.convert("RGB"))[..., ::-1].astype(np.int32)


FRAMES = [portrait().rotate(angle) for angle in (5, 10)]
FILES = {
    "jpeg": saved("JPEG"),
    "jpeg grey": saved("JPEG", portrait("L")),
    "jpeg progressive": saved("JPEG", progressive=True),
    "jpeg cmyk": saved("JPEG", portrait("CMYK")),
    "jpeg with restarts": saved("JPEG", restart_marker_blocks=4),
    "png": saved("PNG"),
    "png palette": saved("PNG", portrait().quantize(64)),
    "png 1 bit": saved("PNG", portrait("1")),
    "png alpha": saved("PNG", portrait("RGBA")),
    "png animated": saved("PNG", save_all=True, append_images=FRAMES),
    "bmp": saved("BMP"),
    "bmp palette": saved("BMP", portrait().quantize(64)),
    "webp": saved("WEBP"),
    "webp lossless": saved("WEBP", lossless=True),
    "webp alpha": saved("WEBP", portrait("RGBA")),
    "webp animated": saved("WEBP", save_all=True, append_images=FRAMES),
    "tiff": saved("TIFF"),
    "tiff lzw": saved("TIFF", compression="tiff_lzw"),
    "tiff fax": saved("TIFF", portrait("1"), compression="group4"),
    "tiff alpha": saved("TIFF", portrait("RGBA")),
    "tiff pages": saved("TIFF", save_all=True, append_images=FRAMES),
    "bigtiff": saved("TIFF", big_tiff=True),
    "ppm": saved("PPM"),
    "pgm": saved("PPM", portrait("L")),
    "pbm": saved("PPM", portrait("1")),
    **({"gif": saved("GIF")} if HAS_GIF else {}),
    **({"gif animated": saved("GIF", save_all=True, append_images=FRAMES)} if HAS_GIF else {}),
}
OF_SEVERAL = [name for name in FILES if "animated" in name or "pages" in name]
WHOLE = [name for name in FILES if name not in OF_SEVERAL]


@pytest.mark.parametrize("name", FILES)
def test_every_kind_is_read_as_pillow_reads_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / "no suffix tells"
    path.write_bytes(FILES[name])
    image = read_picture(path)
    assert image.dtype == np.uint8
    with Pil.open(path) as expected:
        assert np.abs(image - bgr(expected)).mean() < 1.5


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_their_exif_data_say(form: str, orientation: int) -> None:
    undo = {
        2: Pil.Transpose.FLIP_LEFT_RIGHT,
        3: Pil.Transpose.ROTATE_180,
        4: Pil.Transpose.FLIP_TOP_BOTTOM,
        5: Pil.Transpose.TRANSPOSE,
        6: Pil.Transpose.ROTATE_90,
        7: Pil.Transpose.TRANSVERSE,
        8: Pil.Transpose.ROTATE_270,
    }.get(orientation)
    picture = portrait().resize((160, 120))
    exif = Pil.Exif()
    exif[0x0112] = orientation
    data = saved(form, picture if undo is None else picture.transpose(undo), exif=exif, quality=95)
    image = decode_picture(data)
    assert image.shape == (120, 160, 3)
    assert np.abs(image - bgr(picture)).mean() < 5
    if form in ("PNG", "WEBP"):
        # With an alpha channel they are decoded on another way.
        rgba = picture.convert("RGBA") if undo is None else picture.convert("RGBA").transpose(undo)
        image = decode_picture(saved(form, rgba, exif=exif, quality=95))
        assert np.abs(image - bgr(picture)).mean() < 5


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["H", "I"])
def test_a_jpeg_is_turned_also_where_other_notes_come_first(order: str, kind: str) -> None:
    entry = struct.pack(f"{order}HHI", 0x0112, {"H": 3, "I": 4}[kind], 1)
    tiff = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}IH", 8, 1) + entry
    exif = b"Exif\0\0" + tiff + struct.pack(order + kind, 6).ljust(4, b"\0") + bytes(4)
    notes = (b"http://ns.adobe.com/xap/1.0/\0<x/>", exif)
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(one) + 2) + one for one in notes)
    data = saved("JPEG", portrait().resize((160, 120)))
    assert decode_picture(data[:2] + segments + data[2:]).shape == (160, 120, 3)


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    deep = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    for suffix in (".png", ".tif", ".pgm"):
        path = tmp_path / f"deep{suffix}"
        cv2.imwrite(str(path), deep)
        assert (read_picture(path)[..., 0] == deep >> 8).all()
    colours = np.dstack([deep, deep.T, deep, deep[::-1]])
    cv2.imwrite(str(tmp_path / "alpha.png"), colours)
    image = read_picture(tmp_path / "alpha.png").astype(float)
    shares = (colours[..., 3:] >> 8) / 255.0
    assert np.abs(image - ((colours[..., :3] >> 8) * shares + 255 * (1 - shares))).max() <= 1


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_what_is_transparent_is_white(form: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 4), np.uint8)
    noise[..., 3] = 0
    noise[10:30, 20:40] = (10, 200, 90, 255)
    options = {"lossless": True, "exact": True} if form == "WEBP" else {}
    image = decode_picture(saved(form, Pil.fromarray(noise), **options))
    assert (image[10:30, 20:40] == (90, 200, 10)).all()
    image[10:30, 20:40] = 255
    assert (image == 255).all()


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_what_is_half_transparent_is_half_white(form: str) -> None:
    half = np.full((40, 60, 4), (200, 100, 50, 128), np.uint8)
    options = {"lossless": True} if form == "WEBP" else {}
    image = decode_picture(saved(form, Pil.fromarray(half), **options))
    assert np.abs(image - np.array([152.3, 177.2, 227.4])).max() <= 1


def test_a_transparent_colour_of_a_palette_is_white() -> None:
    picture = portrait().quantize(16)
    data = saved("PNG", picture, transparency=3)
    expected = bgr(picture)
    expected[np.asarray(picture) == 3] = 255
    assert np.abs(decode_picture(data) - expected).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "I;16"])
def test_a_transparent_grey_is_white(mode: str) -> None:
    levels = np.tile(np.array([[0, 50, 100, 255]], np.uint8), (4, 1))
    deep = levels.astype(np.uint16) * 257
    picture = Pil.fromarray(deep if mode == "I;16" else levels).convert(mode)
    given = np.asarray(picture.convert("L"), np.int32) if mode != "I;16" else levels
    hidden = 50 * 257 if mode == "I;16" else 50 if mode == "L" else 0
    shown = np.where(given == (hidden if mode != "I;16" else 50), 255, given)
    read = decode_picture(saved("PNG", picture, transparency=hidden))
    assert (read == shown[:, :, None]).all()


@pytest.mark.parametrize("white", [1, 15, 100, 254, 255, 256, 1023, 4095, 65534, 65535])
@pytest.mark.parametrize("kind", [2, 3, 5, 6])
def test_a_pnm_is_as_bright_as_its_white_says(kind: int, white: int) -> None:
    levels = [0, white // 3, white // 2, white - 1, white, white]
    sides = "6 1" if kind in (2, 5) else "2 1"
    form = ">6H" if white > 255 else "6B"
    body = struct.pack(form, *levels) if kind > 4 else f"{' '.join(map(str, levels))}\n".encode()
    read = decode_picture(f"P{kind} {sides} {white}\n".encode() + body)
    found = read[0, :, 0] if kind in (2, 5) else read[0, :, ::-1].ravel()
    assert np.abs(found - np.array(levels) * 255 / white).max() < 1


def bmp_of(pixel: bytes, masks: tuple[int, ...], header: int) -> bytes:
    """One pixel of 32 bits; the masks are in the header, or follow it."""
    start = 14 + max(header, 52)
    fields = struct.pack("<IiiHHIIiiII", header, 1, 1, 1, 32, 3, 4, 0, 0, 0, 0)
    told = (fields + struct.pack(f"<{len(masks)}I", *masks)).ljust(start - 14, b"\0")
    return b"BM" + struct.pack("<IHHI", start + 4, 0, 0, start) + told + pixel


@pytest.mark.parametrize("header", [40, 52, 56, 108, 124])
def test_a_bmp_has_its_own_order_of_colours_or_is_refused(header: int) -> None:
    usual = bmp_of(bytes([1, 2, 3, 255]), (0xFF0000, 0xFF00, 0xFF), header)
    assert decode_picture(usual)[0, 0].tolist() == [1, 2, 3]
    others = [
        bmp_of(bytes([3, 2, 1, 255]), (0xFF, 0xFF00, 0xFF0000), header),
        bmp_of(bytes([255, 1, 2, 3]), (0xFF000000, 0xFF0000, 0xFF00), header),
    ]
    for other in others:
        if header < 56:
            with pytest.raises(PictureError, match="an order of colours that OpenCV does not"):
                decode_picture(other)
        else:
            assert decode_picture(other)[0, 0].tolist() == [1, 2, 3]


def test_a_grey_tiff_with_alpha_is_refused() -> None:
    with pytest.raises(PictureError, match="is a grey TIFF with transparency"):
        decode_picture(saved("TIFF", Pil.new("LA", (8, 8), (90, 0))))


@pytest.mark.parametrize("name", OF_SEVERAL)
def test_of_several_pictures_the_first_is_read_and_that_is_told(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "several").write_bytes(FILES[name])
    with caplog.at_level(logging.INFO):
        read_picture(tmp_path / "several")
    assert "several holds several pictures: the first is read" in caplog.text


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


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, data: bytes) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def enormous(name: str) -> bytes:
    """A small file of each kind that declares 20000x20000 pixels."""
    data, side = bytearray(FILES[name]), 20000
    if name == "png":
        return png_of(side, side, zlib.compress(bytes(100_000)))
    if name == "jpeg":
        at = data.index(b"\xff\xc0")
        data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    elif name == "bmp":
        # Run-length coded: the file's length says nothing.
        data[18:26] = struct.pack("<ii", side, -side)
        data[28:34] = struct.pack("<HI", 8, 1)
    elif name == "webp animated":
        at = data.index(b"VP8X")
        data[at + 12 : at + 18] = 2 * (side - 1).to_bytes(3, "little")
    elif name == "tiff":
        place = int.from_bytes(data[4:8], "little") + 2
        for at in range(place, place + 24, 12):
            if bytes(data[at : at + 2]) in (b"\0\x01", b"\x01\x01"):
                data[at + 2 : at + 12] = struct.pack("<HII", 4, 1, side)
    elif name == "gif":
        data[6:10] = struct.pack("<HH", side, side)
    return bytes(data)


@pytest.mark.parametrize(
    "name", ["png", "jpeg", "bmp", "webp animated", "tiff", *(["gif"] if HAS_GIF else [])]
)
def test_an_enormous_picture_is_refused_before_memory_is_taken(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(enormous(name))
    before = peak_from_now_mb()
    with pytest.raises(PictureError, match="declares 20000x20000 = 400,000,000 pixels, at most"):
        read_picture(path)
    assert peak_memory_mb() - before < 50


def test_a_tiff_of_endless_lists_takes_no_memory() -> None:
    """60,000 entries that all point at the same million numbers."""
    entries = b"".join(struct.pack("<HHII", tag, 4, 500_000, 8) for tag in range(60_000))
    start = 8 + 2_000_000
    data = b"II*\0" + struct.pack("<I", start) + bytes(2_000_000)
    data += struct.pack("<H", 60_000) + entries + bytes(4)
    before = peak_from_now_mb()
    with pytest.raises(PictureError, match="is damaged: its TIFF entry 254 has 500,000 numbers"):
        decode_picture(data)
    assert peak_memory_mb() - before < 50


def test_max_pixels_is_exact_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(FILES["png"])
    assert read_picture(path, 160 * 160).shape == (160, 160, 3)
    assert read_picture(str(path), np.int64(160 * 160)).shape == (160, 160, 3)  # type: ignore[arg-type]
    told = "160x160 = 25,600 pixels, at most 25,599 .* or fer-edge photo --max-pixels"
    with pytest.raises(PictureError, match=told):
        read_picture(path, max_pixels=160 * 160 - 1)
    for wrong in (0, -1, True, 1.5, "100", None):
        with pytest.raises(ArgumentError, match="max_pixels must be a whole number above 0"):
            read_picture(path, max_pixels=wrong)  # type: ignore[arg-type]


def test_a_picture_of_one_row_is_read(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "row.png"), np.full((1, 100_000, 3), 7, np.uint8))
    assert read_picture(tmp_path / "row.png").shape == (1, 100_000, 3)


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
        assert caught.value.errno
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


def test_odd_names_are_read(tmp_path: Path) -> None:
    for name in (b"latin1_\xe9.jpg", "мама 100%s{}.jpg".encode(), b"-dash.jpg", b"a:b.jpg"):
        path = Path(os.fsdecode(bytes(tmp_path) + b"/" + name))
        path.write_bytes(FILES["jpeg"])
        assert read_picture(path).shape == (160, 160, 3)


def test_a_file_that_is_longer_than_its_pixels_can_be_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.jpg"
    path.write_bytes(FILES["jpeg"])
    os.truncate(path, 5 << 30)
    before = peak_from_now_mb()
    with pytest.raises(PictureError, match=r"long.jpg is a file of 5,368,709,120 bytes"):
        read_picture(path)
    assert peak_memory_mb() - before < 50


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
