"""Every name that `fer_edge` exports, with a call and right arguments that hostile ones replace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import fer_edge
from fer_edge.cameras.byte_stream import ByteStream
from fer_edge.cameras.picamera import PiCamera
from fer_edge.cameras.pictures import Pictures
from fer_edge.cameras.request import Request
from fer_edge.cameras.sample import PORTRAIT_FILE, Sample
from fer_edge.cameras.url_stream import UrlStream
from fer_edge.cameras.video import Video
from fer_edge.cameras.webcam import Webcam
from fer_edge.detectors import FaceDetector
from fer_edge.models import find_model
from fer_edge.models.file import read_model
from fer_edge.pictures.picture_file import read_picture
from tests.runtime.hostile import BOX, DETECTION, EMOTION, FACE, PICTURE, POINTS, READING
from tests.runtime.surface_calls import (
    CLASSIFIER,
    RECOGNIZER,
    Call,
    box,
    camera,
    cameras,
    classifier,
    consumers,
    detection,
    detector,
    emotion,
    face,
    face_detector,
    failing,
    frame,
    frame_of,
    made_for,
    reading,
    recognizer,
    recognizer_detect,
    recognizer_read,
    stream,
    tracker,
    written,
    yunet,
)

DETECTOR = FaceDetector()
OF_READINGS = {"frame": 0, "timestamp": 0.0, "faces": (FACE,)}
SECONDS = {"detection_seconds": 0.001, "classification_seconds": 0.001}
TRUST = {"trust_unknown": False}
LOADED = {"threads": 1, "interpreter": None}
REQUEST = {"size": None, "fps": None, "rotate": 0, "mirror": False, "realtime": False}
TIMEOUTS = {"open_timeout": 0.2, "frame_timeout": 0.2}
REQUESTED = Request(open_timeout=0.2, frame_timeout=0.2)
FOLLOWED = {
    "smoothing": None,
    "lost_after": 1.5,
    "detect_every": 0.2,
    "read_every": 0.0,
    "budget": None,
    "hfov": None,
}
IN_DETAIL = {"x": 1.0, "y": 1.0, "width": 9.0, "height": 9.0}
CASES: dict[str, tuple[Call, dict[str, Any]]] = {
    "Box": (box, IN_DETAIL),
    "Box.scaled": (BOX.scaled, {"horizontally": 2.0, "vertically": 2.0}),
    "Box.moved": (BOX.moved, {"right": 2.0, "down": 2.0}),
    "Box.iou": (BOX.iou, {"other": BOX}),
    "Box.square": (BOX.square, {"side": 1.0, "right": 0.0, "down": 0.0}),
    "Detection": (
        detection,
        {"box": BOX, "square": BOX, "score": 0.9, "landmarks": POINTS},
    ),
    "Detection.scaled": (DETECTION.scaled, {"horizontally": 2.0, "vertically": 2.0}),
    "Detection.moved": (DETECTION.moved, {"right": 2.0, "down": 2.0}),
    "Emotion": (emotion, {"label": "sad", "probability": 1.0, "probabilities": {"sad": 1.0}}),
    "EmotionClassifier": (classifier, {"model": "edge", **LOADED}),
    "EmotionClassifier.read": (CLASSIFIER.read, {"image": PICTURE, "faces": [DETECTION]}),
    "EmotionClassifier.probabilities": (
        CLASSIFIER.probabilities,
        {"batch": np.zeros((1, 48, 48, 1), np.uint8)},
    ),
    "Face": (
        face,
        {"box": BOX, "score": 0.9, "emotion": EMOTION, "landmarks": POINTS, "square": BOX},
    ),
    "Frame": (
        frame,
        {
            "image": PICTURE,
            "timestamp": 0.0,
            "index": 0,
            "luma": None,
            "source": "",
            "clock": "monotonic",
            "moment": "arrival",
            "mirrored": False,
        },
    ),
    "Frame.of": (
        frame_of,
        {
            "picture": PICTURE,
            "encoding": "bgr8",
            "timestamp": 1.0,
            "clock": "external",
            "index": 0,
            "width": None,
            "height": None,
            "stride": None,
            "moment": None,
            "source": "",
            "mirrored": True,
            "copy": False,
        },
    ),
    "Reading": (
        reading,
        {
            **OF_READINGS,
            **SECONDS,
            "clock": "recording",
            "source": "",
            "size": (80, 80),
            "wall_time": 0.0,
        },
    ),
    "Recognizer": (
        recognizer,
        {"model": "nano", "detector": "face-detector", "detection_side": 80, **LOADED, **TRUST},
    ),
    "Recognizer()": (RECOGNIZER, {"frame": PICTURE}),
    "Recognizer.detect": (recognizer_detect, {"frame": PICTURE, "within": None}),
    "Recognizer.read": (recognizer_read, {"frame": PICTURE, "detections": (DETECTION,)}),
    "Retry": (
        fer_edge.Retry,
        {"initial": 0.5, "maximum": 1.0, "attempts": 1, "at_start": False},
    ),
    "Smoothing": (
        fer_edge.Smoothing,
        {"time_constant": 0.1, "hysteresis": 0.2, "confirm": 0.1, "min_duration": 0.4},
    ),
    "Stream": (
        stream,
        {
            "source": "sample",
            "recognizer": RECOGNIZER,
            "name": "door",
            **REQUEST,
            **TIMEOUTS,
            "retry": None,
            **FOLLOWED,
        },
    ),
    "Stream.when": (
        consumers,
        {
            "label": "happy",
            "kind": "appear",
            "max_age": 1.0,
            "hold_time": 0.5,
            "once_per_track": True,
        },
    ),
    "Tracker": (tracker, {"recognizer": RECOGNIZER, **FOLLOWED}),
    "annotate": (fer_edge.annotate, {"image": PICTURE, "reading": READING}),
    "open_camera": (camera, {"source": "sample", **REQUEST, **TIMEOUTS}),
    "open_detector": (detector, {"name": "face-detector", **LOADED, **TRUST}),
    "read_picture": (read_picture, {"path": PORTRAIT_FILE, "max_pixels": 10**6}),
    "open_detector().detect": (DETECTOR.detect, {"image": PICTURE}),
    "open_detector().search": (DETECTOR.search, {"image": PICTURE, "score_threshold": 0.5}),
    "checked_detections": (made_for, {"found": [DETECTION]}),
    "write_picture": (written, {"path": Path("a.png"), "image": PICTURE, "overwrite": False}),
    "find_model": (find_model, {"name": "edge"}),
    "read_model": (read_model, {"path": find_model("edge")}),
    "Request": (Request, {**REQUEST, **TIMEOUTS}),
    "Sample": (cameras(Sample), {"request": REQUESTED}),
    "Pictures": (
        cameras(Pictures),
        {"paths": [PORTRAIT_FILE], "folder": None, "request": REQUESTED},
    ),
    "Video": (failing(cameras(Video)), {"path": PORTRAIT_FILE, "request": REQUESTED}),
    "Webcam": (failing(cameras(Webcam)), {"device": Path("/dev/null"), "request": REQUESTED}),
    "PiCamera": (failing(cameras(PiCamera)), {"number": 200, "request": REQUESTED}),
    "ByteStream": (failing(cameras(ByteStream)), {"path": PORTRAIT_FILE, "request": REQUESTED}),
    "UrlStream": (
        failing(cameras(UrlStream)),
        {"url": "http://127.0.0.1:9/", "request": REQUESTED},
    ),
    "YuNetDetector": (failing(yunet), {"model": PORTRAIT_FILE, "trust_unknown": False}),
    "FaceDetector": (face_detector, {"model": "face-detector", **LOADED}),
}
"""By the name of what is called."""
