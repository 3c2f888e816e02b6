"""Where frames come from. One file for each kind of camera, loaded when it is asked for."""

from __future__ import annotations

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.choose import Source, open_camera

__all__ = ["Camera", "Source", "open_camera"]
