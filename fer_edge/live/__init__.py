"""Faces followed over time: tracks, steady labels, events.

    with fer_edge.Stream("picamera") as stream:      # reads the camera in threads of its own
        for event in stream.events():
            ...

    live = fer_edge.Tracker()                        # no thread, no camera
    for frame in camera:
        reading, events = live(frame)

Data flow one way: camera → newest frame → faces → tracks → steady labels → events → consumers.
Each part has its own file, from the newest frame (newest.py) to the loop that joins the parts
(loop.py). The tracker and its parts need no thread, and take the time from the frames.
"""

from fer_edge.live.budget import Work
from fer_edge.live.event import Event, EventKind
from fer_edge.live.figures import Stats
from fer_edge.live.live_face import UNSURE, LiveFace
from fer_edge.live.live_reading import LiveReading
from fer_edge.live.reader import Reader
from fer_edge.live.retry import Retry
from fer_edge.live.smoothing import Smoothing
from fer_edge.live.stream import Stream
from fer_edge.live.tracker import Tracker

__all__ = [
    "UNSURE",
    "Event",
    "EventKind",
    "LiveFace",
    "LiveReading",
    "Reader",
    "Retry",
    "Smoothing",
    "Stats",
    "Stream",
    "Tracker",
    "Work",
]
