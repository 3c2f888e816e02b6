"""The camera that the command line asks for."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from fer_edge.cameras import Camera, Source, open_camera
from fer_edge.cameras.request import Request


def camera_of(args: argparse.Namespace, source: Source) -> Camera:
    """The open camera, with what the options ask of it.

    Raises:
        FerEdgeError: see `open_camera`.
    """
    return open_camera(source, **camera_options(args))


def camera_options(args: argparse.Namespace) -> dict[str, Any]:
    """What is asked of a camera, by the names of `open_camera`'s arguments."""
    return {field.name: getattr(args, field.name) for field in dataclasses.fields(Request)}
