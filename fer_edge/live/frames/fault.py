"""What a feed gives instead of a frame."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Frames stopped coming: the source failed, ended or froze."""

    reason: str
    """For people: one line."""
