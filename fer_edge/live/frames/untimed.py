"""Pictures that are read as a recording although nothing says when they were taken."""

from __future__ import annotations

import logging
from collections import deque
from typing import Any

import numpy as np

from fer_edge.cameras.pictures import Pictures
from fer_edge.live.frames.given_frames import GivenFrames

log = logging.getLogger(__name__)


def tell_untimed(opened: Any) -> None:
    """Warn of files of pictures, and of a list with arrays in it. The faster the machine
    reads them, the shorter is what they show: labels last as long as the reading takes. A
    generator of arrays may be a camera's, and other collections may take long to look through.
    """
    given = opened.given if isinstance(opened, GivenFrames) else opened
    if isinstance(given, Pictures):
        name = given.name
    elif isinstance(given, list | tuple | deque) and any(
        isinstance(one, np.ndarray) for one in given
    ):
        name = f"an iterable ({type(given).__name__})"
    else:
        return
    log.warning(
        "%s: these pictures have no times, so each counts as taken when it is read. Give frames "
        "with times, Frame.of(picture, timestamp=…, clock='recording'), or a video",
        name,
    )
