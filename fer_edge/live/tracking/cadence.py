"""How often to look where: the whole picture now and then, around known faces in between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fer_edge.face import Box, Detection
from fer_edge.frame import Frame
from fer_edge.live.faces.tracks import Track, Tracks
from fer_edge.live.tracking.recognizing import Recognizing, detected

MOST_WINDOWS = 4
"""More windows than this cost more than the whole picture, so it is searched instead."""
MOST_CROSSING_FACES, CROSSING_WINDOWS_IOU = 3, 0.1
"""Up to so many faces are looked for in every frame while two windows overlap by this IoU. Then two
faces are less than 1.3 of their sides apart, and may cross."""
LOOK_INTERVAL_SECONDS = 1 / 15
"""Seconds from one look to the next, and from one reading of a face to the next where there is more
than one. A reading takes longer than a window, so that windows alone would save little. Between two
looks faces move on at their speed."""
EDGE_MARGIN_SHARE = 0.02
"""A box that comes this near to a window's edge, in the window's sides, may be a part of a face."""
REPEATED_IN_WINDOWS_IOU = 0.4
"""Boxes of two windows that overlap by this IoU are one face."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found, and where."""

    detections: tuple[Detection, ...]
    """In the frame's pixels."""
    whole: bool
    """Whether the whole picture was searched."""
    pictures: int
    """How many were searched: 1 if it was the whole, else the windows."""


class Cadence:
    """Decides for every frame where faces are looked for."""

    def __init__(self) -> None:
        self._searched: float | None = None
        self._looked = 0.0

    def search_next(self) -> None:
        """Search the whole next picture: faces may be anywhere."""
        self._searched = None

    def look(
        self,
        recognizer: Recognizing,
        frame: Frame,
        tracks: Tracks,
        at: float,
        interval: float,
        detect_every: float,
    ) -> SearchResult | None:
        """Find faces in a frame; None if nobody looks.

        Args:
            recognizer: what finds them.
            frame: the picture.
            tracks: the faces that are known.
            at: the frame's time.
            interval: seconds from one frame to the next, as they come.
            detect_every: seconds from one search of the whole picture to the next; 0: every frame.
        """
        # Due at the frame nearest to the time, not at the first one after it.
        passed = math.inf if self._searched is None else at - self._searched + interval / 2
        if passed < detect_every:
            watched = tracks.watched
            soon = at - self._looked + interval / 2 < LOOK_INTERVAL_SECONDS
            if soon and _may_wait(tracks, watched, at):
                return None
            if len(watched) <= MOST_WINDOWS:
                found, missed = _shown(recognizer, frame, tracks.windows(watched, at))
                # The whole picture often shows a face that a window misses. It is not searched each
                # time, because some faces have really left.
                if not missed or passed < detect_every / 2:
                    self._looked = at
                    return SearchResult(tuple(found), False, len(watched))
        whole = detected(recognizer, frame)
        # Only now: a search that failed is made again at the next frame.
        self._searched = self._looked = at
        return SearchResult(whole, True, 1)


def _may_wait(tracks: Tracks, watched: Sequence[Track], at: float) -> bool:
    """Whether the next look can be a few frames later.

    It cannot wait where a face was just seen for the first time: that is confirmed at once. With
    few faces, it cannot wait either where one was just missed, or where two are near each other.
    """
    if tracks.is_coming or len(watched) > MOST_CROSSING_FACES:
        return not tracks.is_coming
    if not all(map(tracks.is_in_view, watched)):
        return False
    windows = tracks.windows(watched, at) if len(watched) > 1 else []
    return all(
        one.iou(other) < CROSSING_WINDOWS_IOU
        for n, one in enumerate(windows)
        for other in windows[:n]
    )


def _shown(
    recognizer: Recognizing, frame: Frame, windows: Sequence[Box]
) -> tuple[list[Detection], bool]:
    """What some windows show, and whether one of them shows nothing."""
    height, width = frame.image.shape[:2]
    found: list[Detection] = []
    missed = False
    for window in windows:
        inside = _inside(window, width, height)
        if inside is not None:
            shown = detected(recognizer, frame, inside)
            whole = [one for one in shown if _is_whole(one.box, inside, width, height)]
            missed = missed or not whole
            _add(found, whole)
    return found, missed


def _inside(window: Box, width: int, height: int) -> Box | None:
    """A window as far as it lies in the picture; None if it does not."""
    left, top = max(window.x, 0.0), max(window.y, 0.0)
    right = min(window.x + window.width, float(width))
    bottom = min(window.y + window.height, float(height))
    if right - left < 1 or bottom - top < 1:
        return None
    return Box(left, top, right - left, bottom - top)


def _is_whole(box: Box, window: Box, width: int, height: int) -> bool:
    """Whether a window holds a face whole, or the picture's own edge cuts it."""
    across, along = EDGE_MARGIN_SHARE * window.width, EDGE_MARGIN_SHARE * window.height
    right, bottom = window.x + window.width, window.y + window.height
    return (
        (window.x <= 0 or box.x >= window.x + across)
        and (window.y <= 0 or box.y >= window.y + along)
        and (right >= width or box.x + box.width <= right - across)
        and (bottom >= height or box.y + box.height <= bottom - along)
    )


def _add(found: list[Detection], near: Sequence[Detection]) -> None:
    """Add what a window shows. Of a face that two windows show, the detection with the higher score
    stays.

    Two faces of one window are never one face, however much they overlap.
    """
    overlaps = [
        (one.box.iou(old.box), m, n) for m, one in enumerate(near) for n, old in enumerate(found)
    ]
    again: dict[int, int] = {}
    for iou, m, n in sorted(overlaps, reverse=True):
        if iou >= REPEATED_IN_WINDOWS_IOU and m not in again and n not in again.values():
            again[m] = n
    for m, one in enumerate(near):
        if m not in again:
            found.append(one)
        elif one.score > found[again[m]].score:
            found[again[m]] = one
