"""The stream that the command line asks for."""

from __future__ import annotations

import argparse
from typing import Any

from fer_edge.cameras import Camera
from fer_edge.command.camera import camera_options
from fer_edge.live import Retry, Stream
from fer_edge.live.tracking.recognizing import Recognizing
from fer_edge.live.tracking.tracker_arguments import checked_share
from fer_edge.number import checked_seconds


def check_work(args: argparse.Namespace) -> None:
    """Raises ArgumentError for a wrong interval or budget, before a camera is opened."""
    options = work_options(args)
    if "budget" in options:
        checked_share("budget", options.pop("budget"))
    for name, seconds in options.items():
        checked_seconds(name, seconds)


def stream_of(args: argparse.Namespace, camera: Camera, recognizer: Recognizing) -> Stream:
    """A stream of a camera that is open: a fault ends it."""
    return Stream(
        camera,
        recognizer,
        realtime=args.realtime,
        frame_timeout=args.frame_timeout,
        retry=None,
        # Of a recording nothing further is read then. Of a camera, the reader leaves some out.
        frames=args.frames if camera.recorded and not args.realtime else None,
        **work_options(args),
    )


def patient_stream_of(args: argparse.Namespace, recognizer: Recognizing) -> Stream:
    """A stream that waits for its camera, at the start and after every fault."""
    return Stream(
        args.source,
        recognizer,
        **camera_options(args),
        retry=Retry(at_start=True),
        **work_options(args),
    )


def work_options(args: argparse.Namespace) -> dict[str, Any]:
    """What was said of the work, by the names of `Stream`'s arguments."""
    names = ("detect_every", "read_every", "budget")
    return {name: getattr(args, name) for name in names if getattr(args, name) is not None}
