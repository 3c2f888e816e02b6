"""The embedded sample: a portrait, shown as a camera would that moves slowly.

NASA's portrait of Eileen Collins (public domain), as scikit-image distributes it
(`skimage.data.astronaut`), re-encoded.
"""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.playback import Pace
from fer_edge.cameras.request import Request
from fer_edge.face import Box
from fer_edge.frame import Frame
from fer_edge.pictures.image import Image
from fer_edge.pictures.picture_file import read_picture

PORTRAIT_FILE = Path(__file__).with_name("sample.jpg")
SAMPLE_SIDE_PIXELS = 512
"""Pixels of the portrait, a square."""
FACE_BOX = Box(177, 68, 94, 94)
"""Its face, from hair line to chin, in pixels of the portrait."""
WIDTH_PIXELS, HEIGHT_PIXELS = 640, 480
"""Pixels of a frame."""
FRAME_COUNT = 150
FPS = 30.0
"""Frames a second, by their timestamps; they are waited for only in real time."""


class Sample(Camera):
    """Five seconds of panning and zooming over a portrait."""

    name = "the embedded sample (NASA's portrait of Eileen Collins)"
    recorded = True

    def __init__(self, request: Request | None = None) -> None:
        """Args:
            request: how frames are to be seen, and whether in real time.

        Raises:
            ArgumentError: a size or a rate is asked for.
        """
        super().__init__(request)
        self._request.refuse_size_and_fps("the sample")
        self._pace = Pace(self._closing) if self._request.realtime else None
        self._portrait = read_picture(PORTRAIT_FILE)
        self.size, self.fps = self._view.size(WIDTH_PIXELS, HEIGHT_PIXELS), FPS

    def _read(self) -> Frame | None:
        if self._index == FRAME_COUNT:
            return None
        image = _view(self._portrait, self._index / FRAME_COUNT)
        position, name = self._index / FPS, PORTRAIT_FILE.name
        if self._pace is not None:
            return Frame(image, self._pace.wait_for(position), source=name, moment="arrival")
        return Frame(image, position, source=name, clock="recording", moment="position")

    def _release(self) -> None:
        """Nothing is held."""


def face_in_first_frame() -> Box:
    """Where the face is, from hair line to chin."""
    factor, right, down = _placing(0.0)
    return FACE_BOX.scaled(factor, factor).moved(right, down)


def _placing(phase: float) -> tuple[float, float, float]:
    """How the portrait lies in the frame at a phase 0..1 of the round, which ends where it began.

    Returns:
        Frame pixels per portrait pixel, and where the portrait's corner is, right and down.
    """
    turn = 2 * math.pi * phase
    # In fractions of the portrait: as wide as half of it to three quarters, the face in view.
    width = SAMPLE_SIDE_PIXELS * (0.62 - 0.12 * math.cos(turn))
    centre_x = SAMPLE_SIDE_PIXELS * (0.45 + 0.06 * math.sin(turn))
    centre_y = SAMPLE_SIDE_PIXELS * (0.27 + 0.03 * math.sin(2 * turn))
    factor = WIDTH_PIXELS / width
    return factor, WIDTH_PIXELS / 2 - factor * centre_x, HEIGHT_PIXELS / 2 - factor * centre_y


def _view(portrait: Image, phase: float) -> Image:
    factor, right, down = _placing(phase)
    move = np.array([[factor, 0, right], [0, factor, down]])
    view = cv2.warpAffine(
        portrait, move, (WIDTH_PIXELS, HEIGHT_PIXELS), borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(view, dtype=np.uint8)
