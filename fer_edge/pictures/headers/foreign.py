"""Files that are no picture that is read here, by name and with what to do."""

from __future__ import annotations

_CONVERT = "save it as JPEG or PNG"
_OPEN = "`fer-edge watch` and `open_camera` read it, if its name has no picture's ending"
_HEIC = (
    "is a HEIC picture, which is not read here: convert it (Debian's libheif-examples: "
    "`heif-convert A.heic A.jpg`; on a Mac `sips -s format jpeg A.heic --out A.jpg`). Or set the "
    "phone to JPEG (iPhone: Settings, Camera, Formats, Most Compatible)"
)
_AVIF = (
    "is an AVIF picture, which is not read here: convert it (Debian's libavif-bin: "
    "`avifdec A.avif A.png`; on a Mac `sips -s format png A.avif --out A.png`)"
)
_STARTS = (
    (b"\x76\x2f\x31\x01", f"is an OpenEXR picture, which is not read here: {_CONVERT}"),
    (b"#?RADIANCE", f"is a Radiance HDR picture, which is not read here: {_CONVERT}"),
    (b"#?RGBE", f"is a Radiance HDR picture, which is not read here: {_CONVERT}"),
    (b"\x59\xa6\x6a\x95", f"is a Sun raster picture, which is not read here: {_CONVERT}"),
    (b"P7\n", f"is a PAM picture, which is not read here: {_CONVERT}"),
    (b"PF\n", f"is a PFM picture, which is not read here: {_CONVERT}"),
    (b"Pf\n", f"is a PFM picture, which is not read here: {_CONVERT}"),
    (b"\xff\x0a", f"is a JPEG XL picture, which is not read here: {_CONVERT}"),
    (b"\0\0\0\x0cJXL ", f"is a JPEG XL picture, which is not read here: {_CONVERT}"),
    # OpenCV 4.11's decoder writes past its memory where such a file is damaged.
    (b"\0\0\0\x0cjP  ", f"is a JPEG 2000 picture, which is not read here: {_CONVERT}"),
    (b"\xff\x4f\xff\x51", f"is a JPEG 2000 picture, which is not read here: {_CONVERT}"),
    (b"8BPS", f"is a Photoshop file, which is not read here: {_CONVERT}"),
    (b"\0\0\x01\0", f"is an icon (ICO), which is not read here: {_CONVERT}"),
    (b"DDS ", f"is a DDS texture, which is not read here: {_CONVERT}"),
    (b"qoif", f"is a QOI picture, which is not read here: {_CONVERT}"),
    (b"%PDF", f"is a PDF document, no picture: {_CONVERT}"),
    (b"FUJIFILM", f"is a camera's raw file, which is not read here: {_CONVERT}"),
    (b"PK\x03\x04", "is a ZIP archive, no picture: unpack it first"),
    (b"\x1f\x8b", "is compressed by gzip, no picture: unpack it first"),
    (b"\0\x05\x16\x07", "holds what macOS notes beside a file (AppleDouble), no picture"),
    (b"version https://git-lfs", "is a pointer of Git LFS, no picture: `git lfs pull` gets it"),
    (
        b"\x1a\x45\xdf\xa3",
        f"is a video (Matroska or WebM), no picture: {_OPEN}",
    ),
)


def foreign(data: bytes) -> str | None:
    """What the file is instead of a picture that is read here, if it is known."""
    for start, what in _STARTS:
        if data.startswith(start):
            return what
    if data[4:8] == b"ftyp":
        return _boxes(data)
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return f"is a video (AVI), no picture: {_OPEN}"
    text = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml")) and b"<svg" in text:
        return f"is an SVG drawing, which is not read here: {_CONVERT}"
    if text.startswith((b"<!doctype html", b"<html", b"<?xml", b"<head", b"<body")):
        return "is a web page, no picture: the download failed"
    return None


def _boxes(data: bytes) -> str:
    """ISO base media files say in their first box what they are."""
    length = int.from_bytes(data[:4], "big")
    named = data[8 : max(12, min(length, 256))]
    brands = {named[at : at + 4] for at in (0, *range(8, len(named), 4))}
    if brands & {b"avif", b"avis"}:
        return _AVIF
    if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
        return _HEIC
    if b"crx " in brands:
        return f"is a camera's raw file (CR3), which is not read here: {_CONVERT}"
    return f"is a video (MP4 or QuickTime), no picture: {_OPEN}"
