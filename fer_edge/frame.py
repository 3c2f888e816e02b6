"""One picture from a camera."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from fer_edge.errors import ArgumentError, PictureError
from fer_edge.number import check_flag, finite_number
from fer_edge.pictures.encodings import picture_of
from fer_edge.pictures.image import Image, checked_image
from fer_edge.printable import brief

Clock = Literal["monotonic", "recording", "external"]
"""Whose seconds a timestamp counts: `time.monotonic()`'s, those since a recording began, or those
of another clock, such as ROS's."""
Moment = Literal["exposure", "arrival", "position"]
"""What a timestamp means: the start of the exposure, the frame's arrival in this program, or the
frame's position in a recording."""

_CLOCKS, _MOMENTS = get_args(Clock), get_args(Moment)
LARGEST_LEAD_SECONDS = 10 * 365 * 86400.0
"""Ten years: what is further in the future is on another clock. Its age would never grow old."""
LUMA_SLACK_PIXELS = 2
"""Pixels by which a luma's sides may differ from the image's aspect: hardware needs even sides."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture, when it was taken, and which one it is. Its fields are checked.

    Raises:
        PictureError: the image or the luma is no picture, or they are not of the same view.
        ArgumentError: another field has a type or a value that it may not have.
    """

    image: Image = field(repr=False)
    """uint8, (height, width) grey or (height, width, 3) BGR. All boxes are in its pixels. It is not
    copied, so do not change the array afterwards (`Frame.of` copies)."""
    timestamp: float
    """Seconds on `clock`, finite; on the monotonic one at most ten years from now."""
    index: int = 0
    """Counts the frames of one camera from 0."""
    luma: Image | None = field(default=None, repr=False)
    """A smaller grey copy that the camera itself made of the same view, uint8, (height, width)."""
    source: str = ""
    """What it came from: a file's name, or the camera's."""
    clock: Clock = "monotonic"
    """Whose seconds `timestamp` counts."""
    moment: Moment = "arrival"
    """What `timestamp` means."""
    mirrored: bool = False
    """Whether left and right are exchanged, as in a mirror: directions are then turned back."""

    def __post_init__(self) -> None:
        # The class is frozen, so numpy's numbers become plain ones here.
        change = object.__setattr__
        image = checked_image(self.image)
        if image is not self.image:
            change(self, "image", image)
        if type(self.timestamp) is not float or not math.isfinite(self.timestamp):
            change(self, "timestamp", _seconds(self.timestamp))
        if type(self.index) is not int or self.index < 0:
            change(self, "index", _count(self.index))
        if self.luma is not None:
            change(self, "luma", _checked_luma(self.luma, image))
        if not isinstance(self.source, str):
            raise ArgumentError(f"a frame's source is a str, got {brief(self.source)}")
        _check_name("clock", self.clock, _CLOCKS)
        _check_name("moment", self.moment, _MOMENTS)
        check_flag("mirrored", self.mirrored)
        if self.clock == "monotonic" and self.timestamp > time.monotonic() + LARGEST_LEAD_SECONDS:
            raise ArgumentError(
                f"a frame's timestamp is {self.timestamp:g} on the monotonic clock, which is at "
                f"{time.monotonic():g}: give time.monotonic(), or another clock for time.time() "
                "and the like (clock='external')"
            )

    @property
    def age(self) -> float | None:
        """Seconds since `timestamp`; None unless the clock is monotonic."""
        return time.monotonic() - self.timestamp if self.clock == "monotonic" else None

    @classmethod
    def of(
        cls,
        picture: Any,
        *,
        encoding: str | None = None,
        timestamp: float | None = None,
        clock: Clock | None = None,
        moment: Moment | None = None,
        index: int = 0,
        width: int | None = None,
        height: int | None = None,
        stride: int | None = None,
        source: str = "",
        mirrored: bool = False,
        copy: bool = True,
    ) -> Frame:
        """A frame of a picture that you have: an array, a buffer, compressed bytes, a PIL image.

        Args:
            picture: a uint8 array, grey or BGR; or a PIL image. With `encoding` it can also be an
                array or a buffer (bytes, bytearray, memoryview, array.array) of pixels, or a
                compressed picture. PIL images are turned by their EXIF data, and transparent pixels
                become white.
            encoding: of `fer_edge.pictures.encodings.ENCODINGS`, which are ROS's names. Alpha is
                dropped; YUV is BT.601 of limited range; mono16 is scaled from all of its 16 bits.
            timestamp: seconds on `clock`, finite; now if None.
            clock: "monotonic" if there is no timestamp, else "external" unless you say whose
                seconds it counts: then the frame has no age.
            moment: what the timestamp means; by default "arrival", or "position" on a recording's
                clock.
            index: 0 or more.
            width: pixels of a row, where the buffer has no shape.
            height: rows, likewise.
            stride: bytes from one row to the next, where rows are padded; ROS calls it `step`.
            source: what it came from, for people.
            mirrored: whether left and right are exchanged, as in a mirror.
            copy: whether the frame gets its own pixels, so that you may reuse your buffer. False
                saves the time of copying, if the picture needs no conversion.

        Raises:
            ArgumentError: an unknown encoding, clock or moment, or a number out of its range.
            PictureError: not a picture, or not one of this encoding and size.
        """
        check_flag("copy", copy)
        if clock is not None:
            _check_name("clock", clock, _CLOCKS)
        if moment is not None:
            _check_name("moment", moment, _MOMENTS)
        image = picture_of(picture, encoding, (width, height, stride), copy)
        if timestamp is None:
            if clock not in (None, "monotonic"):
                raise ArgumentError(f"a frame on the {clock} clock needs its timestamp")
            timestamp, clock = time.monotonic(), "monotonic"
        clock = clock or "external"
        moment = moment or ("position" if clock == "recording" else "arrival")
        return cls(image, timestamp, index, None, source, clock, moment, mirrored)


FrameIterable = Iterable[Frame | Image]
"""What can be read one after the other: frames, or uint8 arrays, grey or BGR."""


def frame_of(item: Frame | Image, number: int) -> Frame:
    """The frame itself, or a frame of this picture with the present time and this number.

    Raises:
        PictureError: it is no picture.
    """
    return item if isinstance(item, Frame) else Frame.of(item, index=number)


def _seconds(timestamp: Any) -> float:
    try:
        return finite_number("a timestamp", timestamp)
    except ArgumentError as error:
        given = brief(timestamp)
        raise ArgumentError(f"a timestamp is a finite number of seconds, got {given}") from error


def _count(index: Any) -> int:
    if isinstance(index, int | np.integer) and not isinstance(index, bool) and index >= 0:
        return int(index)
    raise ArgumentError(f"a frame's index is a whole number from 0 on, got {brief(index)}")


def _checked_luma(given: Any, image: Image) -> Image:
    luma = checked_image(given)
    if luma.ndim != 2:
        raise PictureError(f"a luma is grey, (height, width), this is {luma.shape}")
    (height, width), (down, across) = image.shape[:2], luma.shape
    # Each side is compared with the one that fits the other side, up to the slack.
    if abs(across * height - down * width) > LUMA_SLACK_PIXELS * max(height, width):
        raise PictureError(
            f"a luma shows the image's view, so has its aspect: {across}x{down} is not a smaller "
            f"{width}x{height}"
        )
    return luma


def _check_name(field: str, name: Any, known: tuple[str, ...]) -> None:
    if not isinstance(name, str) or name not in known:
        raise ArgumentError(f"a frame's {field} is one of {', '.join(known)}, got {brief(name)}")
