"""Whether a camera that is open can be read as a stream, and by one stream only."""

from __future__ import annotations

from weakref import WeakValueDictionary

from fer_edge.cameras import Camera
from fer_edge.cameras.pictures import Pictures
from fer_edge.errors import ArgumentError

_given: WeakValueDictionary[int, Camera] = WeakValueDictionary()
"""Cameras that a stream reads or has read, by `id`: two would share the frames without a word. A
user's camera need not be hashable."""


def taken(camera: Camera) -> Camera:
    """The camera, which is now this stream's.

    Raises:
        ArgumentError: it was given to a stream before.
    """
    if _given.get(id(camera)) is camera:
        raise ArgumentError(
            f"{camera.name} was given to a stream before: open a new one for each stream, and each "
            "time that a function is asked for one"
        )
    _given[id(camera)] = camera
    return camera


def checked(camera: Camera, realtime: bool | None) -> Camera:
    """The camera; what cannot be read as asked is closed.

    Raises:
        ArgumentError: as `check_given`.
    """
    try:
        check_given(camera, realtime)
    except ArgumentError:
        camera.close()
        raise
    return camera


def check_given(camera: Camera, realtime: bool | None) -> None:
    """Raises ArgumentError if it shows a single picture. It does so, too, for a recording that is
    to be played at its own speed but was opened without that.
    """
    if isinstance(camera, Pictures) and camera.count == 1:
        raise ArgumentError(
            f"{camera.name} is no film: a stream tells of a face once two frames show it. Read "
            "single pictures with fer_edge.Recognizer, or with fer-edge photo"
        )
    if realtime and camera.recorded and not camera.is_realtime:
        raise ArgumentError(
            f"{camera.name} was opened without realtime=True: its frames come as fast as they are "
            "read, and a stream would leave most of them out; ask where it is opened"
        )
