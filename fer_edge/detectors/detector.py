"""What every detector is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, get_args

from fer_edge.errors import ArgumentError
from fer_edge.face import Detection
from fer_edge.pictures.image import Image
from fer_edge.printable import brief

Colour = Literal["grey", "bgr"]
"""Which pictures a detector gets: the luma alone, or colours in OpenCV's order."""


class Detector(Protocol):
    """Finds the faces of a picture.

    It may have three attributes. `colour` is "grey" or "bgr": which pictures it gets ("bgr" if it
    is absent). `largest_side` and `least_side` are pixels of the longer side: how large and how
    small a `detection_side` may be.
    """

    def detect(self, image: Image) -> Sequence[Detection]:
        """The faces, in any order, in pixels of the picture.

        Args:
            image: uint8, of any size: (height, width, 3) BGR, or (height, width) where `colour` is
                "grey". It may be read-only.
        """
        ...


def colour_of(detector: Detector) -> Colour:
    """Which pictures a detector gets.

    Raises:
        ArgumentError: it has no method `detect`, or its `colour` is neither "grey" nor "bgr".
    """
    if isinstance(detector, type) or not callable(getattr(detector, "detect", None)):
        raise ArgumentError(
            "a detector is a name, the path of a file or an object with a method detect(image); "
            f"got an object of type {type(detector).__name__}"
        )
    colour: object = getattr(detector, "colour", "bgr")
    for known in get_args(Colour):
        if isinstance(colour, str) and colour == known:
            return known  # type: ignore[no-any-return]
    raise ArgumentError(
        f"the detector {type(detector).__name__} says that it wants the colour {brief(colour)}; "
        "expected 'grey' or 'bgr'"
    )
