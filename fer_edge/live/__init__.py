"""Faces followed over time: tracks, steady labels, events.

    live = fer_edge.Tracker()
    for frame in camera:
        reading, events = live(frame)

Data flow one way: frames → faces → tracks → steady labels → events. Each part is a file of its own
that needs no thread and no camera; time comes from the frames.
"""

from fer_edge.live.event import Event, EventKind
from fer_edge.live.live_face import UNSURE, LiveFace
from fer_edge.live.live_reading import LiveReading
from fer_edge.live.smoothing import Smoothing
from fer_edge.live.tracker import Tracker

__all__ = ["UNSURE", "Event", "EventKind", "LiveFace", "LiveReading", "Smoothing", "Tracker"]
