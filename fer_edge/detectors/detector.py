"""What every detector is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fer_edge.face import Detection
from fer_edge.image import Image


class Detector(Protocol):
    """Finds the faces of a picture."""

    def detect(self, image: Image) -> Sequence[Detection]:
        """The faces, in any order, in pixels of the picture.

        Args:
            image: uint8, (height, width) grey or (height, width, 3) BGR, of any size.
        """
        ...
