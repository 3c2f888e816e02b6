"""FFmpeg through PyAV, loaded on demand, and what of it a file may reach."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from fer_edge.cameras.names import printable
from fer_edge.errors import BackendMissingError, CameraError

CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,gif,mjpeg,h264,"
    "hevc,m4v,ivf,yuv4mpegpipe,dv,nut"
)
"""Demuxers that read frames out of the one file that they are given. Playlists, scripts and session
descriptions, which make FFmpeg open other files or the network, are not among them."""
DECODERS = (
    "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,libdav1d,libaom-av1,av1,mpeg1video,mpeg2video,mpeg4,"
    "msmpeg4v2,msmpeg4,wmv1,wmv2,wmv3,vc1,h263,flv,theora,mjpeg,ffv1,ffvhuff,huffyuv,utvideo,"
    "rawvideo,png,gif,qtrle,dvvideo,prores,dnxhd"
)
"""Decoders of what cameras, phones and screen recorders write. Each is native code that reads what
others wrote: the hundreds of game and legacy formats stay out of reach."""
QUIET = -8
"""FFmpeg's AV_LOG_QUIET."""
ATTACHED_PICTURE = 0x400
"""FFmpeg's AV_DISPOSITION_ATTACHED_PIC."""
LARGEST = 8192 * 8192
"""Pixels of a frame."""


def pyav() -> Any:
    """The package `av`.

    Raises:
        BackendMissingError: it is not installed.
    """
    first = "av" not in sys.modules
    try:
        import av
    except ImportError as error:
        raise BackendMissingError(
            f"videos need PyAV ({error}); install it: pip install av, or on 32-bit Raspberry Pi "
            "OS: sudo apt install python3-av, in a venv made with --system-site-packages"
        ) from error
    if first:
        _quieten(av.logging)
    return av


def _quieten(logging: Any) -> None:
    """What a decoder says of damaged packets is counted and told by us."""
    # From PyAV 12 on nothing is logged by default. Before, and with any level set, a decoder's
    # thread that logs waits for Python's lock, which the caller may hold: both then wait for ever.
    if logging.get_level() is not None:
        logging.restore_default_callback()
        logging.set_libav_level(QUIET)


class Source:
    """A file as FFmpeg reads it: without a name, of which FFmpeg would make sense.

    Ctrl-C in the middle of a read must not look like the file's end, so it is kept for later.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Args:
        file: seekable, opened for reading; closed by `close`.
        """
        self._file = file
        self._interrupt: KeyboardInterrupt | None = None

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        try:
            return self._file.read(size)
        except KeyboardInterrupt as error:
            self._interrupt = error
            return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Where the file then stands."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the file stands."""
        return self._file.tell()

    def peek(self, size: int, offset: int) -> bytes:
        """At most `size` bytes at `offset`, without moving."""
        return os.pread(self._file.fileno(), size, offset)

    def length(self) -> int:
        """The file's bytes."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def raise_interrupt(self) -> None:
        """Raises the KeyboardInterrupt that came during a read, once."""
        error, self._interrupt = self._interrupt, None
        if error is not None:
            raise error


def open_video(path: Path, source: Source) -> tuple[Any, Any]:
    """PyAV's container and the video stream in it.

    Raises:
        BackendMissingError: PyAV is not installed.
        CameraError: it is no video that is read here.
    """
    av = pyav()
    options = {
        # What a container refers to is not opened: no file, and no address.
        "protocol_whitelist": "none",
        "format_whitelist": CONTAINERS,
        "codec_whitelist": DECODERS,
    }
    try:
        # What a title says may be in any encoding.
        container = av.open(source, options=options, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise CameraError(
            f"{printable(path)} is not a video that can be read here, or is cut short"
        ) from error
    streams = [stream for stream in container.streams.video if not _is_cover(stream)]
    if not streams or streams[0].codec_context is None:
        held = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        container.close()
        raise CameraError(
            f"{printable(path)} holds no video that can be read here, it holds {held}"
        )
    stream = streams[0]
    # Threads for whole frames lose good ones beside a damaged one, and those for parts of a frame
    # wait for each other for ever in PyAV 14; the recognizer uses the other cores.
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"max_pixels": str(LARGEST)}
    return container, stream


def converter() -> Callable[[Any], Any]:
    """A function that turns PyAV's frames, one after the other, into such in OpenCV's BGR."""
    reformat = pyav().video.reformatter.VideoReformatter().reformat
    # One thread costs a third less than several; older versions always take one.
    options = {"threads": 1}

    def convert(frame: Any) -> Any:
        nonlocal options
        try:
            return reformat(frame, format="bgr24", **options)
        except TypeError:
            if not options:
                raise
            options = {}
            return reformat(frame, format="bgr24")

    return convert


def _is_cover(stream: Any) -> bool:
    """Whether it is the picture on the cover of a song."""
    # An enumeration in some of PyAV's versions, a number in others; the oldest do not tell.
    disposition = getattr(stream, "disposition", 0)
    return bool(getattr(disposition, "value", disposition) & ATTACHED_PICTURE)
