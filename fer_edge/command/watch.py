"""`fer-edge watch`: readings of a camera or a video, until it ends."""

from __future__ import annotations

import argparse
import itertools

from fer_edge import json_values
from fer_edge.cameras import Camera
from fer_edge.command.camera import camera_of
from fer_edge.command.lines import Pace, text_lines
from fer_edge.command.recognizer import recognizer_of
from fer_edge.command.stop import Stop
from fer_edge.command.streams import complain, tell


def run(args: argparse.Namespace, stop: Stop) -> int:
    """Print readings as they come; Ctrl-C is a way to end it, not an error.

    What could not be read of a source costs the exit code 1, after everything that could.
    """
    recognizer, pace, began, read = recognizer_of(args), Pace(), None, 0
    stop.check()
    with stop.closing(camera_of(args, args.source)) as camera:
        for frame in itertools.islice(camera, args.frames):
            reading = recognizer(frame)
            began = reading.timestamp if began is None else began
            if args.json:
                tell(json_values.line(reading.to_json()))
            elif pace.is_news(reading):
                tell(*text_lines(reading, began))
            read += 1
        if not read:
            # Ctrl-C is the usual end of what had begun.
            stop.check()
        # Only recordings and pictures come to an end of their own: a camera's lapses cost nothing.
        has_ended = stop.signal is None and read != args.frames
        return _left_out(camera) if has_ended else 0


def _left_out(camera: Camera) -> int:
    """Say what was not read of the source; gives the exit code."""
    if not camera.skipped:
        return 0
    complain(f"fer-edge: {camera.name}: {camera.skipped} could not be read and were left out")
    return 1
