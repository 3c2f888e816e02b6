"""Reads facial emotion from a camera on a small computer.

    import fer_edge

    recognizer = fer_edge.Recognizer()
    with fer_edge.open_camera() as camera:
        for frame in camera:
            for face in recognizer(frame).faces:
                print(face.box, face.emotion.label, face.emotion.probabilities)

Data flow one way: a camera gives frames, a detector finds the faces in a frame, a classifier reads
the emotion of each, and all of it comes out as one reading. No picture leaves the device.
"""

import fer_edge.command.begin  # noqa: F401 - first of all: it is for the imports below
from fer_edge.annotate import annotate
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
)
from fer_edge.face import Box, Detection, Face
from fer_edge.frame import Frame
from fer_edge.picture_file import read_picture
from fer_edge.reading import Reading
from fer_edge.recognizer import Recognizer
from fer_edge.version import __version__

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
    "Face",
    "FerEdgeError",
    "Frame",
    "ModelError",
    "ModelFileError",
    "OutputError",
    "PictureError",
    "PictureFileError",
    "Reading",
    "Recognizer",
    "__version__",
    "annotate",
    "open_camera",
    "open_detector",
    "read_picture",
]
