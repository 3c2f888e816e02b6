"""Which detection is which face: tracks through time.

Tracks move at a constant velocity (`motion`), and detections are given to them greedily, the best
pair first, by distance and size. For up to five faces an optimal assignment was no better.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fer_edge.face import Box, Detection
from fer_edge.live.faces.motion import Motion

CONFIRM_WITHIN_SECONDS = 0.3
"""Seconds in which a face must be seen twice to appear; at low rates, in two searches in a row."""
SMALLEST_GATE_SIZES, LARGEST_GATE_SIZES = 1.0, 2.0
"""Sizes between a detection and a track. Up to the first it may always belong to the track, beyond
the second never. In between it must lie within three standard deviations of the expected place."""
LOG_SIZE_DEVIATION = 0.08
"""Standard deviation of the logarithm of a size, from a detection to the next."""
CANDIDATE_COST = 1.5
"""The extra cost of a pair whose track was seen only once."""
WATCHED_SECONDS = 0.3
"""Seconds of frames for which a face that is not seen is still looked for where it is expected."""
LONGEST_STEP_SECONDS = 1.0
"""Seconds that one frame counts at most towards `lost_after`: in a gap nothing was searched."""
KNOWN_FACE_IOU = 0.5
"""A new detection whose IoU with a face in view is this or more is that face once more."""
TOLERANCE_SECONDS = 1e-6
"""Seconds."""


Place = tuple[float, float, float, int]
"""A detection's centre, the logarithm of its size, and its number."""


@dataclass(slots=True, eq=False)
class Track:
    """A face that is followed."""

    motion: Motion
    """Where it is and will be."""
    detection: Detection
    """As it was last seen."""
    first_seen: float
    """Seconds."""
    last_seen: float
    """Seconds."""
    frame: int
    """The number of the frame in which it was last seen."""
    absent: float = 0.0
    """Seconds of frames since then."""
    track_id: int = 0
    """0 until it has appeared."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What one frame changed."""

    seen: tuple[tuple[Track, Detection], ...]
    """The known tracks that are in the frame, those that appear included."""
    appeared: tuple[Track, ...]
    """Tracks that were seen a second time."""
    lost: tuple[Track, ...]
    """Tracks that were not seen for too long."""


class Tracks:
    """All faces of one camera. Times are seconds that never go back."""

    def __init__(self, lost_after: float = 1.5) -> None:
        """Args:
        lost_after: seconds for which a face that is not seen keeps its track.
        """
        self._lost_after = lost_after
        self.known: list[Track] = []
        self.candidates: list[Track] = []
        self._next_id = 1
        self._frame = 0
        self._at = 0.0

    @property
    def watched(self) -> list[Track]:
        """Known faces and candidates that were seen lately."""
        return [one for one in (*self.known, *self.candidates) if one.absent < WATCHED_SECONDS]

    @property
    def is_coming(self) -> bool:
        """Whether the last look showed a face for the first time."""
        return any(map(self.is_in_view, self.candidates))

    def is_in_view(self, track: Track) -> bool:
        """Whether the last look showed a face."""
        return track.frame == self._frame

    @staticmethod
    def windows(watched: Iterable[Track], at: float) -> list[Box]:
        """Squares around where they will be.

        Args:
            watched: some tracks.
            at: a time, in seconds.
        """
        return [one.motion.window(at) for one in watched]

    def wait(self, at: float, passed: float) -> list[Track]:
        """A frame was not searched; gives the known faces that the last search showed.

        Args:
            at: the frame's time.
            passed: seconds of frames since the frame before.
        """
        self._at = at
        shown = [one for one in self.known if self.is_in_view(one)]
        for track in self.known:
            track.absent += min(passed, LONGEST_STEP_SECONDS)
        return shown

    def update(
        self, detections: Sequence[Detection], at: float, passed: float | None = None
    ) -> Changes:
        """Give the detections of a frame to the tracks.

        Args:
            detections: of the frame; its order does not matter.
            at: the frame's time.
            passed: seconds of frames since the frame before; from their times if None. At most
                LONGEST_STEP_SECONDS count.
        """
        self._frame += 1
        passed = min(at - self._at if passed is None else passed, LONGEST_STEP_SECONDS)
        self._at = at
        for track in self.known:
            track.absent += passed
        self.candidates = [one for one in self.candidates if self._may_appear(one, at)]
        pairs, left = self._matched(detections, at)
        seen, appeared = [], []
        for track, detection in pairs:
            track.motion.see(detection.box, at)
            track.detection, track.last_seen, track.frame = detection, at, self._frame
            track.absent = 0.0
            if not track.track_id:
                track.track_id, self._next_id = self._next_id, self._next_id + 1
                appeared.append(track)
            seen.append((track, detection))
        lost = [one for one in self.known if self._is_lost(one)]
        self.known = [track for track in self.known if track not in lost] + appeared
        self.candidates = [one for one in self.candidates if not one.track_id]
        self._begin(left, seen, at)
        return Changes(tuple(seen), tuple(appeared), tuple(lost))

    def scale(self, horizontally: float, vertically: float) -> None:
        """The picture has another size from now on."""
        for track in (*self.known, *self.candidates):
            track.motion.scale(horizontally, vertically)
            track.detection = track.detection.scaled(horizontally, vertically)

    def clear(self) -> tuple[Track, ...]:
        """Forget every face; gives those that had appeared."""
        known, self.known, self.candidates = tuple(self.known), [], []
        return known

    def _matched(
        self, detections: Sequence[Detection], at: float
    ) -> tuple[list[tuple[Track, Detection]], list[Detection]]:
        """The pairs, and the detections without a track."""
        found = sorted(_place(one.box, column) for column, one in enumerate(detections))
        lefts = [place[0] for place in found]
        tracks = [*self.known, *self.candidates]
        costs: list[tuple[float, int, int]] = []
        for row, track in enumerate(tracks):
            _add_costs(costs, row, track, found, lefts, at)
        costs.sort()
        given, columns = dict[int, int](), set[int]()
        for _, row, column in costs:
            if row not in given and column not in columns:
                given[row] = column
                columns.add(column)
        # In the order of the tracks: faces then keep theirs from frame to frame.
        pairs = [(tracks[row], detections[given[row]]) for row in sorted(given)]
        return pairs, [one for n, one in enumerate(detections) if n not in columns]

    def _is_lost(self, track: Track) -> bool:
        # Also where faces are lost at once, one that is seen is not.
        is_late = track.absent >= self._lost_after - TOLERANCE_SECONDS
        return is_late and not self.is_in_view(track)

    def _may_appear(self, candidate: Track, at: float) -> bool:
        """Whether it does so if this frame shows it."""
        was_just_seen = candidate.frame == self._frame - 1
        return was_just_seen or at - candidate.first_seen < CONFIRM_WITHIN_SECONDS

    def _begin(
        self, left: Iterable[Detection], seen: Sequence[tuple[Track, Detection]], at: float
    ) -> None:
        known = [detection.box for _, detection in seen]
        for one in sorted(left, key=lambda detection: detection.score, reverse=True):
            if all(one.box.iou(box) < KNOWN_FACE_IOU for box in known):
                known.append(one.box)
                self.candidates.append(Track(Motion(one.box, at), one, at, at, self._frame))


def _place(box: Box, column: int) -> Place:
    logarithm = math.log(box.width * box.height) / 2
    return box.x + box.width / 2, box.y + box.height / 2, logarithm, column


def _add_costs(
    costs: list[tuple[float, int, int]],
    row: int,
    track: Track,
    found: Sequence[Place],
    lefts: Sequence[float],
    at: float,
) -> None:
    """How unlikely each detection is this track's, where it can be at all."""
    x, y, spread = track.motion.expect(at)
    size = track.motion.size
    gate = min(max(3 * spread, SMALLEST_GATE_SIZES * size), LARGEST_GATE_SIZES * size)
    # Minus twice the logarithm of the likelihood: an uncertain place costs more, also nearby.
    extra = 4 * math.log(spread / size) + (0.0 if track.track_id else CANDIDATE_COST)
    logarithm = math.log(size)
    # Detections are sorted from left to right, so those too far to the side are skipped at once.
    near = slice(bisect.bisect_left(lefts, x - gate), bisect.bisect_right(lefts, x + gate))
    for across, along, detected, column in found[near]:
        right, down = across - x, along - y
        if -gate < down < gate:
            distance = (right * right + down * down) / (spread * spread)
            ratio = (detected - logarithm) / LOG_SIZE_DEVIATION
            costs.append((extra + distance + ratio * ratio, row, column))
