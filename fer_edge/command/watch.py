"""`fer-edge watch`: readings of a camera or a video, until it ends."""

from __future__ import annotations

import argparse
import itertools

from fer_edge.cameras import open_camera
from fer_edge.command.lines import Pace, json_line, text_lines
from fer_edge.command.recognizer import recognizer_of


def run(args: argparse.Namespace) -> int:
    """Print readings as they come; Ctrl-C is a way to end it, not an error."""
    recognizer, pace = recognizer_of(args), Pace()
    with open_camera(args.source) as camera:
        try:
            began = None
            for frame in itertools.islice(camera, args.frames):
                reading = recognizer(frame)
                began = reading.timestamp if began is None else began
                if args.json:
                    print(json_line(reading), flush=True)
                elif pace.is_news(reading):
                    print(*text_lines(reading, began), sep="\n", flush=True)
        except KeyboardInterrupt:
            pass
    return 0
