"""FFmpeg through PyAV, loaded on demand, and which of its parts a file may use."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

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
"""Decoders of what cameras, phones and screen recorders write. Each is native code that reads files
from strangers, so the hundreds of game and legacy formats are not allowed."""
QUIET_LOG_LEVEL = -8
"""FFmpeg's AV_LOG_QUIET."""
ATTACHED_PICTURE_FLAG = 0x400
"""FFmpeg's AV_DISPOSITION_ATTACHED_PIC."""
OTHER_STREAM_KINDS = ("audio", "subtitles", "data")
"""Kinds of streams beside video."""
LARGEST_FRAME_PIXELS = 8192 * 8192
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
    """Silence FFmpeg's log: we count and report damaged packets ourselves."""
    # From PyAV 12 on nothing is logged by default. In older versions, or with any level set, a
    # decoder's thread that logs waits for Python's lock. The caller may hold it: both wait for
    # ever.
    if logging.get_level() is not None:
        logging.restore_default_callback()
        logging.set_libav_level(QUIET_LOG_LEVEL)


def open_container(file: Any, options: Mapping[str, str] | None = None) -> Any:
    """PyAV's container of a file object. It gets no name, because FFmpeg would interpret it.

    Args:
        file: has `read`, and `seek` and `tell` if it can be searched.
        options: FFmpeg's, beside what a file may reach.

    Raises:
        BackendMissingError: PyAV is not installed.
        CameraError: FFmpeg finds no video there; the message goes on after the file's name.
    """
    av = pyav()
    # Nothing that a container refers to is opened: no file, and no address.
    reach = {
        "protocol_whitelist": "none",
        "format_whitelist": CONTAINERS,
        "codec_whitelist": DECODERS,
    }
    # A title may be in any encoding; PyAV 19 and later need no setting for that.
    is_told = int(av.__version__.split(".")[0]) < 19
    titles = {"metadata_errors": "replace"} if is_told else {}
    try:
        # Not as `options`: PyAV 12 and 14 then crash on containers whose streams show up late
        # (FLV, MPEG-PS).
        return av.open(file, "r", container_options={**(options or {}), **reach}, **titles)
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise CameraError("is not a video that can be read here, or is cut short") from error


def video_of(container: Any) -> Any:
    """The video stream of a container, ready to be decoded.

    Raises:
        CameraError: it has none; the message goes on after the file's name.
    """
    streams = [stream for stream in container.streams.video if not _is_cover(stream)]
    if not streams or streams[0].codec_context is None:
        # Not the streams' own `type`: PyAV 12 crashes where it is not known.
        held = ", ".join(
            kind for kind in OTHER_STREAM_KINDS if getattr(container.streams, kind, ())
        )
        held = held or "nothing that is known"
        raise CameraError(f"holds no video that can be read here, it holds {held}")
    codec = streams[0].codec_context.name
    if codec not in DECODERS.split(","):
        raise CameraError(f"holds a video of {codec}, which is not read here")
    prepare(streams[0].codec_context)
    return streams[0]


def prepare(context: Any, options: Mapping[str, str] | None = None) -> None:
    """Bound what a decoder may do, before it gets its first packet.

    Args:
        context: PyAV's, of the decoder.
        options: FFmpeg's, beside the bounds.
    """
    # FFmpeg applies the container's whitelist only while it looks for the streams.
    bounds = {"max_pixels": str(LARGEST_FRAME_PIXELS), "codec_whitelist": DECODERS}
    context.options = {**(options or {}), **bounds}
    # One thread: threads for whole frames lose good frames beside a damaged one. Threads for parts
    # of a frame deadlock in PyAV 14. The recognizer uses the other cores.
    context.thread_count = 1


def decoded(context: Any, packet: Any) -> list[Any] | None:
    """The frames that a packet completes, or None if the decoder refuses it.

    Args:
        context: PyAV's, of the decoder.
        packet: the next one; None or an empty one gives what the decoder holds back.
    """
    av = pyav()
    try:
        return list(context.decode(packet))
    except av.error.EOFError:
        return []
    except av.error.FFmpegError:
        return None


def _is_cover(stream: Any) -> bool:
    """Whether it is the picture on the cover of a song."""
    # An enumeration in some of PyAV's versions, a number in others; the oldest do not tell.
    disposition = getattr(stream, "disposition", 0)
    return bool(getattr(disposition, "value", disposition) & ATTACHED_PICTURE_FLAG)
