"""`fer-edge watch`: what happens before a camera or in a recording, until it ends."""

from __future__ import annotations

import argparse
import itertools

from fer_edge import json_values
from fer_edge.cameras import Camera
from fer_edge.cameras.pictures import Pictures
from fer_edge.command.camera import camera_of
from fer_edge.command.live_lines import LiveLines
from fer_edge.command.output import complain, tell
from fer_edge.command.picture_lines import picture_lines
from fer_edge.command.playing import Show, play
from fer_edge.command.recognizer import recognizer_of
from fer_edge.command.stop import Stop
from fer_edge.command.stream import check_work, patient_stream_of, stream_of, work_options
from fer_edge.errors import ArgumentError
from fer_edge.live import Event, LiveReading, Stream
from fer_edge.live.frames.frame_source import can_be_read_once
from fer_edge.printable import printable
from fer_edge.recognizer import Recognizer


def run(args: argparse.Namespace, stop: Stop) -> int:
    """Print events or readings as they come; Ctrl-C is a way to end it, not an error.

    If a part of a source could not be read, the exit code is 1, after all the rest was read.
    """
    check_work(args)
    recognizer = recognizer_of(args)
    stop.check()
    if args.retry and not can_be_read_once(args.source):
        return _watch(args, stop, patient_stream_of(args, recognizer))
    if args.retry:
        complain(f"fer-edge: --retry has no effect: {printable(args.source)} is read once")
    with stop.closing(camera_of(args, args.source)) as camera:
        if isinstance(camera, Pictures):
            return _look_at(camera, recognizer, args, stop)
        return _watch(args, stop, stream_of(args, camera, recognizer))


def _watch(args: argparse.Namespace, stop: Stop, stream: Stream) -> int:
    with stop.closing(stream):
        frames = play(stream, _show(args), args.frames)
    # What is damaged behind the last frame that was asked for may have been read ahead.
    skipped = 0 if frames == args.frames else stream.stats().skipped
    return _code(stop, frames, stream.source, skipped)


def _show(args: argparse.Namespace) -> Show:
    if args.json or args.events:
        return _Objects(readings=args.json, events=args.events)
    return _Lines()


class _Objects:
    """One JSON object a line."""

    def __init__(self, *, readings: bool, events: bool) -> None:
        self._readings, self._events = readings, events

    def event(self, event: Event) -> None:
        if self._events:
            tell(json_values.line(event.to_json()))

    def reading(self, reading: LiveReading) -> None:
        if self._readings:
            tell(json_values.line(reading.to_json()))


class _Lines:
    """For people."""

    def __init__(self) -> None:
        self._lines = LiveLines()

    def event(self, event: Event) -> None:
        tell(self._lines.event(event))

    def reading(self, reading: LiveReading) -> None:
        if lines := self._lines.faces(reading):
            tell(*lines)


def _look_at(pictures: Camera, recognizer: Recognizer, args: argparse.Namespace, stop: Stop) -> int:
    """Single pictures show no movement, so each is read alone.

    Raises:
        ArgumentError: only events, or a stream's work, were asked for.
    """
    if args.events and args.json:
        complain("fer-edge: --events has no effect: nothing happens between two pictures")
    elif args.events:
        raise ArgumentError(
            f"--events needs a camera or a recording, got {pictures.name}: each picture is read "
            "for itself, and nothing happens between two; --json prints what each shows"
        )
    if work := work_options(args):
        options = ", ".join(f"--{name.replace('_', '-')}" for name in work)
        raise ArgumentError(
            f"only cameras and videos take {options}; of pictures, each is read whole"
        )
    read = 0
    for frame in itertools.islice(pictures, args.frames):
        reading = recognizer(frame)
        if args.json:
            tell(json_values.line(reading.to_json()))
        else:
            tell(*picture_lines(frame.source, reading))
        read += 1
    return _code(stop, read, pictures.name, pictures.skipped)


def _code(stop: Stop, read: int, name: str, skipped: int) -> int:
    """The exit code; says what was not read of the source.

    Raises:
        Stopped: Ctrl-C is the usual end only of what had begun.
    """
    if not read:
        stop.check()
    # Only recordings and pictures end by themselves: lost frames of a camera are no failure.
    if stop.signal is not None or not skipped:
        return 0
    complain(f"fer-edge: {name}: {skipped} could not be read and were left out")
    return 1
