"""The camera that the command line asks for."""

from __future__ import annotations

import argparse

from fer_edge.cameras import Camera, Source, open_camera


def camera_of(args: argparse.Namespace, source: Source) -> Camera:
    """Raises what `open_camera` raises."""
    return open_camera(
        source,
        size=args.size,
        fps=args.fps,
        rotate=args.rotate,
        mirror=args.mirror,
        realtime=args.realtime,
        open_timeout=args.open_timeout,
        frame_timeout=args.frame_timeout,
    )
