"""Draws a reading into the picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_edge.emotion import Emotion
from fer_edge.errors import ArgumentError
from fer_edge.face import Box, Face
from fer_edge.pictures.image import Image, checked_image
from fer_edge.printable import LONGEST_CHARACTERS, printable
from fer_edge.reading import Reading

if TYPE_CHECKING:
    from fer_edge.live import LiveFace, LiveReading

COLOUR = (80, 220, 80)
"""The colour of boxes and of the ground behind letters, BGR."""
INK = (0, 0, 0)
FONT = cv2.FONT_HERSHEY_SIMPLEX


def annotate(image: Image, reading: Reading | LiveReading) -> Image:
    """A copy of the frame's image, (height, width, 3) BGR, with a box and a label on each face:
    the likeliest emotion, or `LiveFace.steady`.

    Raises:
        PictureError: `image` is no picture.
        ArgumentError: `reading` is no reading.
    """
    image = checked_image(image)
    faces = getattr(reading, "faces", None)
    if not isinstance(faces, tuple) or not all(map(_is_face, faces)):
        raise ArgumentError(f"expected a Reading to draw, got {type(reading).__name__}")
    if image.ndim == 2:
        picture = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    else:
        picture = np.array(image, order="C")
    for face in reading.faces:
        _draw(picture, face)
    return picture


def _is_face(one: object) -> bool:
    """Whether it is a `Face` or a `LiveFace`; the live layer is not loaded for this."""
    box, emotion = getattr(one, "box", None), getattr(one, "emotion", None)
    return isinstance(box, Box) and isinstance(emotion, Emotion)


def _draw(picture: Image, face: Face | LiveFace) -> None:
    # Lines and letters grow with the picture, so that they can be read when it is shown smaller.
    unit = max(picture.shape[:2]) / 640
    thickness = max(1, round(2 * unit))
    corners = _corners(face, picture)
    if corners is None:
        return
    left, top, right, bottom = corners
    cv2.rectangle(picture, (left, top), (right, bottom), COLOUR, thickness)
    text = _label(face)
    size, pen = 0.6 * unit, max(1, round(unit))
    (width, height), below = cv2.getTextSize(text, FONT, size, pen)
    line = height + below + round(4 * unit)
    # Above the box, or inside it where the picture ends.
    base = top if top >= line else top + line
    cv2.rectangle(picture, (left, base - line), (left + width, base), COLOUR, cv2.FILLED)
    cv2.putText(picture, text, (left, base - below), FONT, size, INK, pen, cv2.LINE_AA)


def _label(face: Face | LiveFace) -> str:
    """What is written at a face. Of a live one it is the label to act on, and not the likeliest of
    the moment.
    """
    emotion = face.emotion
    label = getattr(face, "steady", emotion.label)
    probability = emotion.probabilities.get(label)
    # OpenCV crashes on text that is no UTF-8, and draws only ASCII.
    text = printable(label)[:LONGEST_CHARACTERS]
    return text if probability is None else f"{text} {probability:.0%}"


def _corners(face: Face | LiveFace, picture: Image) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom in whole pixels; None if a detector gave no numbers."""
    box = face.box
    numbers = (box.x, box.y, box.x + box.width, box.y + box.height)
    if not all(math.isfinite(number) for number in numbers):
        return None
    # OpenCV takes 32 bits, so coordinates far outside the picture are moved nearer. Nobody sees it.
    far = 2 * max(picture.shape[:2])
    left, top, right, bottom = (round(min(max(number, -far), far)) for number in numbers)
    return left, top, right, bottom
