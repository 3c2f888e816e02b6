"""Opens cameras and other sources of frames. Each type of camera has one file, loaded on demand."""

from __future__ import annotations

from fer_edge.cameras.camera import Camera
from fer_edge.cameras.choose import Source, open_camera

__all__ = ["Camera", "Source", "open_camera"]
