"""Zips of pictures with marked faces, in COCO's form with keypoints: what their readers share.

`annotations/train.json` and `annotations/val.json` name the pictures and mark the faces.
docs/detector-training.md describes the fields.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from typing import Any

import cv2

DRAWN_OVER = ("news",)
"""Sources where somebody drew boxes and dots over the faces. A network that learned from them
unchanged found marked coins and boards. So a detector learns from them cleaned, and nothing else
uses them."""
UNREADABLE = (
    *(OSError, zipfile.BadZipFile, zlib.error, RuntimeError, cv2.error),
    *(KeyError, IndexError, AttributeError, ValueError, TypeError),
)
"""Errors that a damaged, encrypted or foreign zip causes."""


def table_name(split: str) -> str:
    """The name in the zip of the table of "train" or "val"."""
    return f"annotations/{split}.json"


def read_table(archive: zipfile.ZipFile, split: str) -> dict[str, Any]:
    """The table of "train" or "val": `images` and `annotations`.

    Raises:
        UNREADABLE: there is none, or it is damaged.
    """
    table: dict[str, Any] = json.loads(archive.read(table_name(split)))
    return table
