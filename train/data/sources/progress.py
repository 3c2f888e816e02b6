"""Logs the progress of reading."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)
FACES_A_LINE = 5000
"""Faces from one line to the next, about two seconds."""


def log_progress(faces: int) -> None:
    """Log every 5,000th face."""
    if faces % FACES_A_LINE == 0:
        log.info("%d faces read", faces)
