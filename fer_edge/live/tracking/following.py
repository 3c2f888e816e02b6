"""All faces that are followed: tracks, filtered places and labels, brought up to date together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fer_edge.face import Face
from fer_edge.live.faces.followed import Followed
from fer_edge.live.faces.outline import Outlines
from fer_edge.live.faces.smoothing import Smoothing
from fer_edge.live.faces.tracks import Changes, Track, Tracks
from fer_edge.live.tracking.cadence import LOOK_INTERVAL_SECONDS, SearchResult

WINDOW_BOX_SECONDS = 0.1
"""Seconds after which a face's place is taken from a search of the whole picture again. Until then
it goes on as its windows showed it. The two searches give slightly different boxes, and labels of
doubtful faces changed with them."""


class Following:
    """Takes detections, gives followed faces, and reports which appeared, changed and were lost."""

    def __init__(self, smoothing: Smoothing, lost_after: float) -> None:
        """Args:
        smoothing: of labels.
        lost_after: seconds of frames for which a face that is not seen keeps its track.
        """
        self.tracks = Tracks(lost_after)
        self._smoothing = smoothing
        self._outlines = Outlines()
        self._followed: dict[int, Followed] = {}

    def __len__(self) -> int:
        return len(self._followed)

    @property
    def faces(self) -> list[Followed]:
        """All faces that have appeared and were not lost."""
        return list(self._followed.values())

    def see(self, look: SearchResult | None, at: float, passed: float) -> list[Followed]:
        """Take in what was found in a frame.

        Args:
            look: what was found; None if nobody looked: faces move on at their speed.
            at: its time.
            passed: seconds of frames since the one before.

        Returns:
            The faces that were lost.
        """
        if look is None:
            self._move_on([self._followed[t.track_id] for t in self.tracks.wait(at, passed)], at)
            return []
        changes = self.tracks.update(look.detections, at, passed)
        self._place(changes, look.whole, at)
        return self._gone(changes.lost)

    def forget(self) -> list[Followed]:
        """Lose every face; gives those that had appeared."""
        return self._gone(self.tracks.clear())

    def scale(self, horizontally: float, vertically: float) -> None:
        """The picture has another size from now on."""
        self.tracks.scale(horizontally, vertically)
        for one in self._followed.values():
            one.scale(horizontally, vertically)

    def due(self, at: float, read_every: float, interval: float) -> list[Followed]:
        """The faces that the last look showed and whose emotion is to be read now.

        Args:
            at: the frame's time.
            read_every: seconds from one reading to the next. With more than one face it is
                LOOK_INTERVAL_SECONDS at least, because each face costs as much as the first.
            interval: seconds from one frame to the next.
        """
        seen = [one for one in self._followed.values() if self.tracks.is_in_view(one.track)]
        every = max(read_every, LOOK_INTERVAL_SECONDS) if len(seen) > 1 else read_every
        return [one for one in seen if one.is_due(at, every, interval)]

    def read(
        self,
        due: Sequence[Followed],
        faces: Sequence[Face],
        at: float,
        appear: Callable[[Followed], None],
        change: Callable[[Followed, str, float], None],
    ) -> None:
        """Take in what was read.

        Args:
            due: faces that were read.
            faces: what was read in them, in the same order.
            at: the frame's time.
            appear: is called with each face that was read for the first time.
            change: is called with each face with another label, the label before, and how long it
                held.
        """
        for one, face in zip(due, faces, strict=True):
            first, since = one.read_at is None, one.label.since
            one.raw, one.read_at = face.emotion.probabilities, at
            before = one.label.read(one.raw, at)
            if first:
                appear(one)
            if before is not None:
                change(one, before, at - since)

    def _place(self, changes: Changes, whole: bool, at: float) -> None:
        for track in changes.appeared:
            self._followed[track.track_id] = Followed(track, self._smoothing, at)
        placed, moving = [], []
        for track, detection in changes.seen:
            one = self._followed[track.track_id]
            if whole and one.near_at is not None and at - one.near_at < WINDOW_BOX_SECONDS:
                moving.append(one)
                continue
            one.near_at = None if whole else at
            placed.append((one, detection))
        if placed:
            outlines = [one.outline for one, _ in placed]
            filtered = self._outlines.follow(outlines, [found for _, found in placed], at)
            for (one, _), detection in zip(placed, filtered, strict=True):
                one.detection = detection
        self._move_on(moving, at)

    def _move_on(self, moving: Sequence[Followed], at: float) -> None:
        """Faces go on as they went."""
        outlines, seen = [one.outline for one in moving], [one.track.detection for one in moving]
        for one, detection in zip(moving, self._outlines.expected(outlines, seen, at), strict=True):
            one.detection = detection

    def _gone(self, tracks: Sequence[Track]) -> list[Followed]:
        gone = [self._followed.pop(track.track_id) for track in tracks]
        # A face that could not be read has not appeared, so it does not leave.
        return [one for one in gone if one.read_at is not None]
