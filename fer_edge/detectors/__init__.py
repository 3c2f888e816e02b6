"""Finds the faces of a picture. There is one file for each way of finding them.

A detector of your own needs one method:

    class Mine:
        def detect(self, image):  # uint8, (height, width) grey or (height, width, 3) BGR
            box = fer_edge.Box(x, y, width, height)
            return [fer_edge.Detection(box, square=box.square(1.0), score=0.9)]

It gets colour pictures; with `colour = "grey"` in its class it gets the luma alone, which takes
less time. Its numbers may be numpy's. With `largest_side = 640` in its class, the copies of
frames are no longer than that. Then give `Recognizer` a `detection_side` of at most as much. With
`least_side = 64`, it takes none below that.

It is called once for each frame, or for a window of a frame. A window is a square of about twice
the face, as far as it lies in the frame. Its longer side is scaled to 96 pixels. A stream uses
windows for most frames, so a face of 48 pixels must be found.

`square` encloses the face from hair line to chin, as in the pictures that emotion models learn
from. `python -m train framing` measures where the square lies relative to a detector's boxes.
"""

from __future__ import annotations

from pathlib import Path

from fer_edge.detectors.detector import Detector
from fer_edge.detectors.face_detector import FaceDetector
from fer_edge.detectors.yunet import YuNetDetector
from fer_edge.errors import ArgumentError, ModelError, ModelFileError
from fer_edge.models import DETECTOR_NAMES
from fer_edge.number import check_flag
from fer_edge.printable import printable

__all__ = ["Detector", "FaceDetector", "YuNetDetector", "open_detector"]


def open_detector(
    name: str | Path = "face-detector",
    threads: int = 1,
    interpreter: str | None = None,
    *,
    trust_unknown: bool = False,
) -> Detector:
    """A detector by its name, or by its model file.

    Args:
        name: "face-detector". Or "face-detector-fast", which takes less than half the time and
            finds fewer small and turned faces. Or the path of a .tflite made by `convert`, or of
            YuNet's .onnx.
        threads: how many cores a .tflite may use.
        interpreter: "litert" or "tflite-runtime"; the first that works if None.
        trust_unknown: take an .onnx that is no known release of YuNet; see `YuNetDetector`.

    Raises:
        ArgumentError: the name is neither a string nor a path, or no such number of threads.
        ModelFileError: there is no such file.
        ModelError: neither of these, or the file is foreign.
        BackendMissingError: no TFLite interpreter works, or this OpenCV lacks what YuNet needs.
    """
    if not isinstance(name, str | Path):
        raise ArgumentError(
            f"a detector's name is a string or a path, got an object of type {type(name).__name__}"
        )
    check_flag("trust_unknown", trust_unknown)
    path = Path(name)
    if path.suffix.lower() == ".onnx":
        return YuNetDetector(path, trust_unknown=trust_unknown)
    if path.suffix.lower() == ".tflite" or name in DETECTOR_NAMES:
        return FaceDetector(name, threads, interpreter)
    expected = (
        f"expected {' or '.join(DETECTOR_NAMES)}, or the path of a .tflite made by python -m "
        "convert, or of YuNet's .onnx"
    )
    try:
        path.stat()
    except (OSError, ValueError) as error:
        raise ModelFileError(f"no detector is called {printable(name)}; {expected}") from error
    raise ModelError(f"{printable(name)} is no detector; {expected}")
