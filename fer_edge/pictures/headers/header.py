"""What a picture's file declares before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from fer_edge.errors import PictureError


class CutShort(PictureError):  # noqa: N818 - what happened to the file, in the message's words
    """The file ends before the picture does."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the file of a picture declares."""

    format: str
    """Its name, for people: "JPEG"."""
    width: int
    """Pixels, as stored."""
    height: int
    """Pixels, as stored."""
    alpha: bool = False
    """Whether some of it may be transparent."""
    orientation: int | None = None
    """EXIF orientation, 1 to 8, if the decoder does not apply it correctly; else None."""
    premultiplied: bool = False
    """Whether what is decoded has its colours multiplied by alpha."""
    transparent_grey: int | None = None
    """The grey that is transparent, in levels of what is decoded, where there is no alpha."""
    white: int | None = None
    """The largest level, where the decoder does not spread the levels up to it over 8 bits."""
    several: bool = False
    """Whether more pictures follow: an animation, or pages."""
