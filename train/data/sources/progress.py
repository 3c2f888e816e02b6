"""How far reading has come, for people who wait for it."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)
EVERY = 5000
"""Faces from one line to the next, about two seconds."""


def tell_progress(faces: int) -> None:
    """Tell of every 5,000th face."""
    if faces % EVERY == 0:
        log.info("%d faces read", faces)
