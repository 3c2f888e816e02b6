"""Faces followed over time: tracks, steady labels, events.

    with fer_edge.Stream("picamera") as stream:      # reads the camera in threads of its own
        for event in stream.events():
            ...

    live = fer_edge.Tracker()                        # no thread, no camera
    for frame in camera:
        reading, events = live(frame)

Data flow one way: camera → newest frame → faces → tracks → steady labels → events → consumers.
The rooms frames, tracking and delivery are its steps. They do not know each other: loop.py joins
them. A frame is taken in frames, and becomes a reading and events in tracking. They reach whoever
listens through delivery. Tracking needs no thread, and takes the time from the frames. Below it,
faces keeps what is known of each face. The data that a stream gives are in results.
"""

from fer_edge.live.delivery.reader import Reader
from fer_edge.live.faces.smoothing import Smoothing
from fer_edge.live.frames.retry import Retry
from fer_edge.live.results.event import Event, EventKind
from fer_edge.live.results.figures import Stats
from fer_edge.live.results.live_face import UNSURE, LiveFace
from fer_edge.live.results.live_reading import LiveReading
from fer_edge.live.stream import Stream
from fer_edge.live.tracking.budget import Work
from fer_edge.live.tracking.tracker import Tracker

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
