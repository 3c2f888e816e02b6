"""What the kernel says about a /dev/video…, checked before OpenCV tries to read it."""

from __future__ import annotations

import fcntl
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from fer_edge.errors import CameraError

VIDIOC_QUERYCAP = 0x80685600
"""VIDIOC_QUERYCAP of <linux/videodev2.h>: _IOR('V', 0, struct v4l2_capability)."""
CAPABILITY_LAYOUT = struct.Struct("=16s32s32sIII12x")
"""struct v4l2_capability: driver, card, bus_info, version, capabilities, device_caps."""
CAPTURE_FLAGS = 0x1 | 0x1000
"""V4L2_CAP_VIDEO_CAPTURE and V4L2_CAP_VIDEO_CAPTURE_MPLANE."""
STREAMING_FLAG = 0x04000000
"""V4L2_CAP_STREAMING."""
DEVICE_CAPS_FLAG = 0x80000000
"""V4L2_CAP_DEVICE_CAPS: `device_caps` lists what this node can do, `capabilities` what all nodes
can."""
PI_CAMERA_DRIVERS = ("unicam", "rp1-cfe", "bcm2835-isp", "pispbe")
"""Drivers of the parts of a Raspberry Pi camera: only libcamera gets pictures from them."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What a node says of itself."""

    driver: str
    """The kernel's module, such as uvcvideo."""
    card: str
    """The device's name, for people."""
    captures: bool
    """Whether it gives pictures."""


def capability(data: bytes) -> Capability:
    """The kernel's answer to VIDIOC_QUERYCAP."""
    driver, card, _, _, every, own = CAPABILITY_LAYOUT.unpack(data)
    can = own if every & DEVICE_CAPS_FLAG else every
    return Capability(
        _text(driver), _text(card), bool(can & CAPTURE_FLAGS) and bool(can & STREAMING_FLAG)
    )


def checked_camera(path: Path) -> Capability:
    """What a camera says of itself.

    Raises:
        CameraError: there is no such device, it may not be opened, or it is no camera.
    """
    try:
        # O_NONBLOCK: opening waits for nothing.
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError as error:
        raise CameraError(
            f"{path} may not be opened; you must be in the group 'video': "
            "sudo usermod -aG video $USER, then log in again"
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CameraError(f"{path} cannot be opened: {reason}; is it plugged in?") from error
    try:
        told = capability(fcntl.ioctl(descriptor, VIDIOC_QUERYCAP, bytes(CAPABILITY_LAYOUT.size)))
    except OSError as error:
        raise CameraError(f"{path} is no V4L2 camera") from error
    finally:
        os.close(descriptor)
    if told.driver in PI_CAMERA_DRIVERS:
        raise CameraError(f"{path} is a part of a Pi camera ({told.driver}); use picamera")
    if not told.captures:
        raise CameraError(f"{path} is no camera: {told.card} ({told.driver}) gives no pictures")
    return told


def _text(field: bytes) -> str:
    text = field.partition(b"\0")[0].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in text)
