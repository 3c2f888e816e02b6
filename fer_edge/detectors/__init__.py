"""Where the faces of a picture are. One file for each way of finding them.

A detector of your own needs one method:

    class Mine:
        def detect(self, image):  # uint8, (height, width) grey or (height, width, 3) BGR
            box = fer_edge.Box(x, y, width, height)
            return [fer_edge.Detection(box, square=box.square(1.0), score=0.9)]

`square` encloses the face from hair line to chin, the frame that emotion models are trained on;
`python -m train framing` measures how it lies to a detector's boxes.
"""

from __future__ import annotations

from pathlib import Path

from fer_edge.detectors.detector import Detector
from fer_edge.detectors.haar import HaarDetector
from fer_edge.detectors.yunet import YuNetDetector
from fer_edge.errors import ModelError

__all__ = ["Detector", "HaarDetector", "YuNetDetector", "open_detector"]


def open_detector(name: str | Path) -> Detector:
    """A detector by its name, or by its model file.

    Args:
        name: "haar", or the path of YuNet's .onnx file.

    Raises:
        ModelError: neither of these, or the file is missing or foreign.
        BackendMissingError: this OpenCV lacks what the detector needs.
    """
    if name == "haar":
        return HaarDetector()
    path = Path(name)
    if path.suffix == ".onnx":
        return YuNetDetector(path)
    raise ModelError(
        f"no detector is called {str(name)!r}; expected haar, or the path of YuNet's .onnx file"
    )
