"""Reads facial emotion from a camera on a small computer.

    import fer_edge

    with fer_edge.Stream() as stream:
        for event in stream.events():
            if event.kind == "change":
                print(event.track_id, event.before, event.after, event.age)

Data flow one way. A camera gives frames, and the newest one is read. A detector finds the faces,
and a classifier reads the emotion of each. Faces are followed over time, and their labels are
smoothed. Each change comes out as an event. No picture leaves the device.
"""

import importlib
from typing import TYPE_CHECKING, Any

import fer_edge.command.begin  # first of all: it is for the imports below
import fer_edge.command.required  # noqa: F401 - before all that imports numpy and OpenCV
from fer_edge.annotation import annotate
from fer_edge.cameras import Camera, open_camera
from fer_edge.classifier import EmotionClassifier
from fer_edge.detectors import Detector, open_detector
from fer_edge.emotion import Emotion
from fer_edge.errors import (
    ArgumentError,
    BackendMissingError,
    CameraError,
    CameraTimeoutError,
    DetectionError,
    FerEdgeError,
    ModelError,
    ModelFileError,
    OutputError,
    PictureError,
    PictureFileError,
    StreamEndedError,
)
from fer_edge.face import Box, Detection, Face
from fer_edge.frame import Frame
from fer_edge.pictures.picture_file import read_picture
from fer_edge.reading import Reading
from fer_edge.recognizer import Recognizer
from fer_edge.version import __version__

_LIVE = frozenset(
    {
        "Event",
        "LiveFace",
        "LiveReading",
        "Reader",
        "Retry",
        "Smoothing",
        "Stats",
        "Stream",
        "Tracker",
        "Work",
    }
)

if TYPE_CHECKING:
    from fer_edge.live import (
        Event,
        LiveFace,
        LiveReading,
        Reader,
        Retry,
        Smoothing,
        Stats,
        Stream,
        Tracker,
        Work,
    )
else:

    def __getattr__(name: str) -> Any:
        """Loads the live layer at its first use, because it has many small files."""
        if name not in _LIVE:
            raise AttributeError(f"module 'fer_edge' has no attribute {name!r}")
        live = importlib.import_module("fer_edge.live")
        globals().update({each: getattr(live, each) for each in _LIVE})
        return globals()[name]


__all__ = [
    "ArgumentError",
    "BackendMissingError",
    "Box",
    "Camera",
    "CameraError",
    "CameraTimeoutError",
    "Detection",
    "DetectionError",
    "Detector",
    "Emotion",
    "EmotionClassifier",
    "Event",
    "Face",
    "FerEdgeError",
    "Frame",
    "LiveFace",
    "LiveReading",
    "ModelError",
    "ModelFileError",
    "OutputError",
    "PictureError",
    "PictureFileError",
    "Reader",
    "Reading",
    "Recognizer",
    "Retry",
    "Smoothing",
    "Stats",
    "Stream",
    "StreamEndedError",
    "Tracker",
    "Work",
    "__version__",
    "annotate",
    "open_camera",
    "open_detector",
    "read_picture",
]
