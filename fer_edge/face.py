"""Where a face is, and what was read in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fer_edge.emotion import Emotion


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels of the frame's image; it may reach outside the image."""

    x: float
    """Left edge, from the left of the image."""
    y: float
    """Top edge, from the top of the image."""
    width: float
    """Greater than 0."""
    height: float
    """Greater than 0."""

    def scaled(self, horizontally: float, vertically: float) -> Box:
        """The same rectangle in an image resized by these factors."""
        return Box(
            self.x * horizontally,
            self.y * vertically,
            self.width * horizontally,
            self.height * vertically,
        )

    def moved(self, right: float, down: float) -> Box:
        """The same rectangle this much further right and down."""
        return Box(self.x + right, self.y + down, self.width, self.height)

    def iou(self, other: Box) -> float:
        """Intersection over union with another box, 0..1."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        along = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        if across <= 0 or along <= 0:
            return 0.0
        common = across * along
        return common / (self.width * self.height + other.width * other.height - common)

    def square(self, side: float, right: float = 0.0, down: float = 0.0) -> Box:
        """A square about this box's centre, as a detector's framing describes it.

        Args:
            side: the square's side as a multiple of this box's longer side.
            right: how far its centre lies right of the box's centre, in the same unit.
            down: how far its centre lies below the box's centre, in the same unit.
        """
        longer = max(self.width, self.height)
        centre_x = self.x + self.width / 2 + right * longer
        centre_y = self.y + self.height / 2 + down * longer
        half = side * longer / 2
        return Box(centre_x - half, centre_y - half, 2 * half, 2 * half)


Landmarks = tuple[tuple[float, float], ...]
"""x and y in pixels of the right eye, left eye, nose, right and left corner of the mouth (right is
the person's own), or nothing."""


def roll_of(landmarks: Landmarks) -> float:
    """Degrees by which the line between the eyes leans clockwise, -180..180; 0 without eyes."""
    if not landmarks:
        return 0.0
    (right_x, right_y), (left_x, left_y) = landmarks[:2]
    return math.degrees(math.atan2(left_y - right_y, left_x - right_x))


@dataclass(frozen=True, slots=True)
class Detection:
    """A face that a detector found, before anything is read in it."""

    box: Box
    """As the detector draws it: what it encloses differs between detectors."""
    square: Box
    """From hair line to chin, whatever the detector: what the emotion model's crop is framed by,
    turned about its centre by `roll`."""
    score: float
    """The detector's confidence, 0..1."""
    landmarks: Landmarks = ()
    """Where the detector gives them."""

    @property
    def roll(self) -> float:
        """Degrees by which the head leans clockwise in the picture, by the line between the eyes,
        -180..180; 0 where the detector gives no landmarks.
        """
        return roll_of(self.landmarks)

    def scaled(self, horizontally: float, vertically: float) -> Detection:
        """The same face in an image resized by these factors."""
        return Detection(
            self.box.scaled(horizontally, vertically),
            self.square.scaled(horizontally, vertically),
            self.score,
            tuple((x * horizontally, y * vertically) for x, y in self.landmarks),
        )

    def moved(self, right: float, down: float) -> Detection:
        """The same face this much further right and down."""
        return Detection(
            self.box.moved(right, down),
            self.square.moved(right, down),
            self.score,
            tuple((x + right, y + down) for x, y in self.landmarks),
        )


@dataclass(frozen=True, slots=True)
class Face:
    """A face and the emotion read in it."""

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

    @property
    def roll(self) -> float:
        """Degrees by which the head leans clockwise in the picture, as `Detection.roll`."""
        return roll_of(self.landmarks)
