"""Where a face is, and what was read in it.

A program makes these for every face of every frame. So plain numbers are accepted after a quick
check of their types. The code that uses them checks whether they are finite.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fer_edge.emotion import Emotion
from fer_edge.errors import ArgumentError
from fer_edge.number import plain_number


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels of the frame's image; it may reach outside the image.

    Numpy's numbers become plain floats.

    Raises:
        ArgumentError: a field is no number. Methods raise it for wrong arguments, too.
    """

    x: float
    """Left edge, from the left of the image."""
    y: float
    """Top edge, from the top of the image."""
    width: float
    """Greater than 0."""
    height: float
    """Greater than 0."""

    def __post_init__(self) -> None:
        if not (type(self.x) is type(self.y) is type(self.width) is type(self.height) is float):
            for name in ("x", "y", "width", "height"):
                plain = plain_number(f"a box's {name}", getattr(self, name))
                object.__setattr__(self, name, plain)

    def scaled(self, horizontally: float, vertically: float) -> Box:
        """The same rectangle in an image resized by these factors."""
        across, along = _plain_pair("horizontally", horizontally, "vertically", vertically)
        return Box(self.x * across, self.y * along, self.width * across, self.height * along)

    def moved(self, right: float, down: float) -> Box:
        """The same rectangle this much further right and down."""
        right, down = _plain_pair("right", right, "down", down)
        return Box(self.x + right, self.y + down, self.width, self.height)

    def iou(self, other: Box) -> float:
        """Intersection over union with another box, 0..1."""
        _check_box("the other box", other)
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        along = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        if across <= 0 or along <= 0:
            return 0.0
        common = across * along
        union = self.width * self.height + other.width * other.height - common
        # The boxes may be so small that their areas are 0, or so large that these are infinite.
        return common / union if 0 < union < math.inf else 0.0

    def square(self, side: float, right: float = 0.0, down: float = 0.0) -> Box:
        """A square about this box's centre, as a detector's framing describes it.

        Args:
            side: the square's side as a multiple of this box's longer side.
            right: how far its centre lies right of the box's centre, in the same unit.
            down: how far its centre lies below the box's centre, in the same unit.
        """
        side = plain_number("side", side)
        right, down = plain_number("right", right), plain_number("down", down)
        longer = max(self.width, self.height)
        centre_x = self.x + self.width / 2 + right * longer
        centre_y = self.y + self.height / 2 + down * longer
        half = side * longer / 2
        return Box(centre_x - half, centre_y - half, 2 * half, 2 * half)


Landmarks = tuple[tuple[float, float], ...]
"""Nothing, or x and y in pixels of five points: right eye, left eye, nose, right and left corner of
the mouth. Right is the person's own right."""


def roll_of(landmarks: Landmarks) -> float:
    """Degrees by which the line between the eyes leans clockwise, -180..180; 0 without eyes."""
    if len(landmarks) < 2:
        return 0.0
    (right_x, right_y), (left_x, left_y) = landmarks[:2]
    return math.degrees(math.atan2(left_y - right_y, left_x - right_x))


@dataclass(frozen=True, slots=True)
class Detection:
    """A face that a detector found, before anything is read in it.

    Raises:
        ArgumentError: a field has another type than it must have.
    """

    box: Box
    """The detector's box; detectors differ in how much of a face they enclose."""
    square: Box
    """From hair line to chin, for every detector. The emotion model's crop is this square, turned
    about its centre by `roll`."""
    score: float
    """The detector's confidence, 0..1."""
    landmarks: Landmarks = ()
    """Where the detector gives them."""

    def __post_init__(self) -> None:
        _check_box("a detection's box", self.box)
        _check_box("a detection's square", self.square)
        _make_plain(self)

    @property
    def roll(self) -> float:
        """Degrees by which the head leans clockwise in the picture, by the line between the eyes,
        -180..180; 0 where the detector gives no landmarks.
        """
        return roll_of(self.landmarks)

    def scaled(self, horizontally: float, vertically: float) -> Detection:
        """The same face in an image resized by these factors."""
        across, along = _plain_pair("horizontally", horizontally, "vertically", vertically)
        return Detection(
            self.box.scaled(across, along),
            self.square.scaled(across, along),
            self.score,
            tuple([(x * across, y * along) for x, y in self.landmarks]),
        )

    def moved(self, right: float, down: float) -> Detection:
        """The same face this much further right and down."""
        right, down = _plain_pair("right", right, "down", down)
        return Detection(
            self.box.moved(right, down),
            self.square.moved(right, down),
            self.score,
            tuple([(x + right, y + down) for x, y in self.landmarks]),
        )


@dataclass(frozen=True, slots=True)
class Face:
    """A face and the emotion read in it.

    Raises:
        ArgumentError: a field has another type than it must have.
    """

    box: Box
    """As the detector drew it."""
    score: float
    """The detector's confidence, 0..1."""
    emotion: Emotion
    """What the model reads in the face."""
    landmarks: Landmarks = ()
    """Where the detector gives them."""
    square: Box | None = None
    """`Detection.square`: from hair line to chin, what the emotion was read in."""

    def __post_init__(self) -> None:
        _check_box("a face's box", self.box)
        if self.square is not None:
            _check_box("a face's square", self.square)
        if not isinstance(self.emotion, Emotion):
            raise ArgumentError(
                f"a face's emotion is an Emotion, got {type(self.emotion).__name__}"
            )
        _make_plain(self)

    @property
    def roll(self) -> float:
        """Degrees by which the head leans clockwise in the picture, as `Detection.roll`."""
        return roll_of(self.landmarks)


def _plain_pair(first: str, one: Any, second: str, other: Any) -> tuple[float, float]:
    if type(one) is type(other) is float:
        return one, other
    return plain_number(first, one), plain_number(second, other)


def _check_box(name: str, box: Any) -> None:
    if not isinstance(box, Box):
        raise ArgumentError(f"{name} is a Box, got {type(box).__name__}")


def _make_plain(face: Detection | Face) -> None:
    """Make the score and the landmarks Python's own floats, in tuples."""
    if type(face.score) is not float:
        object.__setattr__(face, "score", plain_number("a score", face.score))
    if not _are_plain(face.landmarks):
        object.__setattr__(face, "landmarks", _plain_landmarks(face.landmarks))


def _are_plain(landmarks: Any) -> bool:
    """A quick check, which takes less time than a conversion."""
    if type(landmarks) is not tuple:
        return False
    for point in landmarks:
        if type(point) is not tuple or len(point) != 2:
            return False
        if not (type(point[0]) is type(point[1]) is float):
            return False
    return True


def _plain_landmarks(given: Any) -> Landmarks:
    if isinstance(given, np.ndarray) and given.dtype.kind in "fiu":
        given = given.tolist()
    # Text can be iterated, but it is no landmarks.
    if not isinstance(given, tuple | list):
        raise ArgumentError(f"landmarks are a tuple of (x, y), got {type(given).__name__}")
    points = []
    for point in given:
        try:
            x, y = point
        except (TypeError, ValueError) as error:
            kind = type(point).__name__
            raise ArgumentError(f"a landmark is (x, y), got an object of type {kind}") from error
        points.append((plain_number("a landmark", x), plain_number("a landmark", y)))
    return tuple(points)
