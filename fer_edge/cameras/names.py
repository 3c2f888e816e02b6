"""Files' names as they can be printed."""

from __future__ import annotations

import os
from pathlib import Path


def printable(path: str | Path) -> str:
    r"""A file's name without anything that a terminal or a JSON file cannot hold.

    Linux takes any bytes for a name. Those that are not UTF-8, and control characters, are shown
    as Python writes them: `caf\xe9.mp4`.
    """
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
