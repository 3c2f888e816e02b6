"""Asking a V4L2 camera, through OpenCV, for a size and a rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2

from fer_edge.cameras.request import FPS_TOLERANCE_SHARE

MJPG_FOURCC = float(cv2.VideoWriter.fourcc(*"MJPG"))
"""JPEG pictures: USB 2 is too slow for uncompressed ones at large sizes and rates."""


class Capture(Protocol):
    """What is needed of `cv2.VideoCapture`."""

    def get(self, property_: int, /) -> float:
        """A property's value, 0 if it has none."""

    def set(self, property_: int, value: float, /) -> bool:
        """Ask for a value; the driver takes the nearest that it has."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How a camera's pictures come."""

    size: tuple[int, int]
    """Width and height in pixels."""
    fps: float
    """Pictures a second; 0 if the driver does not tell."""

    def __str__(self) -> str:
        return f"{self.size[0]}x{self.size[1]} at {self.fps:g} frames a second"

    def satisfies(self, size: tuple[int, int] | None, fps: float | None) -> bool:
        """Whether it is what was asked for; faster is not slower."""
        fast = fps is None or not self.fps or self.fps >= fps * (1 - FPS_TOLERANCE_SHARE)
        return (size is None or tuple(size) == self.size) and fast


def granted(capture: Capture, size: tuple[int, int] | None, fps: float | None) -> Mode:
    """Ask for a size and a rate, in JPEG if the camera's own choice does not give them.

    Args:
        capture: an opened camera that has not given a picture yet.
        size: width and height in pixels; None: its choice.
        fps: pictures a second; None: its choice.

    Returns:
        What the driver says that it took.
    """
    own = _ask(capture, size, fps)
    if own.satisfies(size, fps):
        return own
    format_ = capture.get(cv2.CAP_PROP_FOURCC)
    capture.set(cv2.CAP_PROP_FOURCC, MJPG_FOURCC)
    packed = _ask(capture, size, fps)
    if packed.satisfies(size, fps) or (packed.size == own.size and packed.fps > own.fps):
        return packed
    capture.set(cv2.CAP_PROP_FOURCC, format_)
    return _ask(capture, size, fps)


def _ask(capture: Capture, size: tuple[int, int] | None, fps: float | None) -> Mode:
    if size is not None:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    if fps is not None:
        # After the size: a driver offers other rates for each.
        capture.set(cv2.CAP_PROP_FPS, fps)
    width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
    return Mode((round(width), round(height)), capture.get(cv2.CAP_PROP_FPS))
