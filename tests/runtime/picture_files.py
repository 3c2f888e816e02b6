"""The portrait as a file of every kind that can be read."""

from __future__ import annotations

import io

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pil

from fer_edge.cameras.sample import PORTRAIT_FILE

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
