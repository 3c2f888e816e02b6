"""Sources of streams in every state in which a stream may end."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

from tests.runtime.faulty import Scripted
from tests.runtime.painted import Painted, paint
from tests.runtime.painted_streams import VISIT, live

PICTURE = paint(Painted(10, 40, "happy"))
AT_ONCE = 5.0
"""Seconds: the issue says one, a busy machine gets the rest. What hangs hangs for longer."""


def endless() -> Scripted:
    return Scripted(10**9, "ends", PICTURE)


def sources(folder: Path) -> dict[str, Any]:
    """Cameras in every state: that give frames, freeze, fail, or never begin."""
    pipe = folder / "pipe"
    if not pipe.exists():
        os.mkfifo(pipe)
    return {
        "camera": endless,
        "frozen": partial(Scripted, 3, "freezes", PICTURE),
        "never begins": partial(Scripted, 0, "freezes", PICTURE),
        "failing": partial(Scripted, 3, "dies", PICTURE),
        "recording": VISIT,
        "generator": live(Painted(10, 40, "happy"), interval=0.001),
        "nobody writes": str(pipe),
    }
