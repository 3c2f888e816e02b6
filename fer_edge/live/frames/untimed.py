"""Pictures that are read as a recording although nothing says when they were taken."""

from __future__ import annotations

import logging
from typing import Any

from fer_edge.cameras import Camera
from fer_edge.cameras.pictures import Pictures
from fer_edge.frame import Frame

log = logging.getLogger(__name__)


def tell_untimed(source: Camera | list[Any] | tuple[Any, ...]) -> None:
    """Warn of files of pictures, and of a list with arrays in it. The faster the machine reads
    them, the shorter is what they show: labels and tracks then last as long as the reading takes.
    """
    if isinstance(source, Pictures):
        name = source.name
    elif isinstance(source, list | tuple) and not all(isinstance(one, Frame) for one in source):
        name = f"an iterable ({type(source).__name__})"
    else:
        return
    log.warning(
        "%s: its pictures have no times, so each counts as taken when it is read. Give frames with "
        "times, Frame.of(picture, timestamp=…, clock='recording'), or a video",
        name,
    )
