"""Takes frames, gives readings and events. It has no thread and no camera; time is the frames'."""

from __future__ import annotations

from fer_edge.errors import ArgumentError
from fer_edge.frame import Frame
from fer_edge.live.faces.direction import Direction
from fer_edge.live.faces.primary import Primary
from fer_edge.live.faces.smoothing import Smoothing
from fer_edge.live.results.event import Event
from fer_edge.live.results.live_reading import LiveReading
from fer_edge.live.tracking.announcer import Announcer, wall_time
from fer_edge.live.tracking.budget import Budget, Work
from fer_edge.live.tracking.cadence import Cadence
from fer_edge.live.tracking.following import Following
from fer_edge.live.tracking.fork_aware_lock import ForkAwareLock
from fer_edge.live.tracking.frame_time import FrameTime, TimeSource
from fer_edge.live.tracking.interruption import Interruption
from fer_edge.live.tracking.recognizing import Recognizing, check_recognizer, faces_read
from fer_edge.live.tracking.timeline import LONGEST_GAP_SECONDS, Timeline
from fer_edge.live.tracking.tracker_arguments import check_note, checked_dropped, checked_share
from fer_edge.number import checked_seconds
from fer_edge.pictures.image import Image, checked_image
from fer_edge.printable import brief
from fer_edge.recognizer import Recognizer


class Tracker:
    """Follows the faces of one camera from frame to frame.

        live = fer_edge.Tracker()
        reading, events = live(frame)

    Frames are given in the order in which they were taken. Nothing breaks if their times do not
    grow: `Timeline` says what happens. A frame of another size than the one before is taken for
    the same view, resized. Threads that share a tracker wait for each other.
    """

    def __init__(
        self,
        recognizer: Recognizing | None = None,
        *,
        clock: TimeSource = "frame",
        smoothing: Smoothing | None = None,
        lost_after: float = 1.5,
        detect_every: float = 0.2,
        read_every: float = 0.0,
        budget: float | None = None,
        hfov: float | None = None,
        mirror: bool = False,
        name: str = "",
    ) -> None:
        """Args:
            recognizer: finds faces and reads emotions; `fer_edge.Recognizer()` if None.
            clock: "frame" takes the frames' own times; or what gives seconds when a frame comes,
                such as `time.monotonic`.
            smoothing: of labels; `Smoothing()` if None.
            lost_after: seconds of frames for which a face that is not seen keeps its track.
            detect_every: seconds from one search of the whole picture to the next; 0: every frame.
                In between, a window around each face is searched, fifteen times a second at most.
                Two or three faces near each other are searched for in every frame.
            read_every: seconds from one reading of a face's emotion to the next. 0: every frame.
                Of two or more faces, each is then read fifteen times a second at most.
            budget: share of one core, above 0. It makes `detect_every` and `read_every` longer
                as needed; `work` says what it did.
            hfov: degrees from the picture's left edge to its right one, for `LiveFace.bearing`.
            mirror: whether pictures are mirrored that do not say so, as frames do
                (`Frame.mirrored`); offsets and bearings are then turned back.
            name: of the stream, in readings and events.

        Raises:
            ArgumentError: a number is out of its range.
            ModelError: see `Recognizer`.
        """
        self._time = FrameTime(clock)
        if smoothing is not None and not isinstance(smoothing, Smoothing):
            raise ArgumentError(f"smoothing must be a Smoothing or None, got {brief(smoothing)}")
        if budget is not None:
            checked_share("budget", budget)
        self._following = Following(
            smoothing or Smoothing(), checked_seconds("lost_after", lost_after)
        )
        self._budget = Budget(
            budget,
            checked_seconds("detect_every", detect_every),
            checked_seconds("read_every", read_every),
        )
        self._recognizer: Recognizing = Recognizer() if recognizer is None else recognizer
        check_recognizer(self._recognizer)
        self._cadence = Cadence()
        self._timeline = Timeline()
        self._primary = Primary()
        self._announcer = Announcer(Direction(hfov, mirror), name)
        self._interruption: Interruption | None = None
        self._size: tuple[int, int] | None = None
        self._sequence = self._frames = 0
        self._turn = ForkAwareLock()
        self.name = name

    @property
    def work(self) -> Work:
        """How often faces are looked for and read, and what share of a core that takes."""
        return self._budget.work

    def __call__(
        self, frame: Frame | Image, *, dropped: int = 0
    ) -> tuple[LiveReading, tuple[Event, ...]]:
        """Read the next frame.

        Args:
            frame: a frame, or a picture that is taken now.
            dropped: frames since the one before that were left out; for `LiveReading.dropped`.

        Returns:
            What is known at this frame, and what happened since the one before.

        Raises:
            PictureError: the frame's image is not a picture. The tracker goes on with the next
                frame; no event is lost.
            ArgumentError: the frame's time is no finite number.
        """
        dropped = checked_dropped(dropped)
        with self._turn.lock:
            number = self._frames + dropped
            # Before it is looked at: what is no picture counts, too.
            self._frames = number + 1
            return self._read(self._time.of(frame, number), dropped)

    def interrupt(self, reason: str, at: float | None = None) -> tuple[Event, ...]:
        """Frames stopped coming. No face leaves meanwhile, and tracks outlive LONGEST_GAP_SECONDS.

        Args:
            reason: for the event.
            at: seconds on the frames' clock; if None now, or the last frame's time where that
                clock cannot be asked.

        Returns:
            One "interrupted"; nothing if it is interrupted already.
        """
        check_note(reason, at)
        with self._turn.lock:
            at = self._time.now() if at is None else at
            if self._interruption is None or self._interruption.is_over:
                if self._interruption is None:
                    self._interruption = Interruption(self._announcer.now(at))
                self._interruption.go_on()
                self._announcer.interrupted(reason, at)
            return self._announcer.take()

    def resume(self, reason: str = "", at: float | None = None) -> tuple[Event, ...]:
        """Frames come again. (A frame that comes says so by itself.)

        Args:
            reason: for the event.
            at: as for `interrupt`.

        Returns:
            One "resumed"; nothing if there was no interruption.
        """
        check_note(reason, at)
        with self._turn.lock:
            self._resume(reason, self._time.now() if at is None else at)
            return self._announcer.take()

    def end(self, at: float | None = None) -> tuple[Event, ...]:
        """No frame will come any more. (If one does, faces appear anew; numbers go on.)

        Args:
            at: seconds on the frames' clock, for the events; the last frame's time if None.

        Returns:
            A "leave" for each face that is followed.
        """
        check_note("ended", at)
        with self._turn.lock:
            self._announcer.leave(self._following.forget(), "ended", at)
            self._cadence.search_next()
            self._time.end()
            return self._announcer.take()

    def _read(self, frame: Frame, dropped: int) -> tuple[LiveReading, tuple[Event, ...]]:
        height, width = checked_image(frame.image).shape[:2]
        following, budget = self._following, self._budget
        began = budget.clock()
        passed = self._go_on(frame, (width, height))
        now, interval = self._timeline.now, self._timeline.interval
        budget.choose(now, interval, len(following))
        look = self._cadence.look(
            self._recognizer, frame, following.tracks, now, interval, budget.detect_every
        )
        looked = budget.clock()
        if look is not None:
            budget.spent("whole" if look.whole else "window", looked - began, look.pictures)
        self._announcer.leave(following.see(look, now, passed), "lost")
        due = following.due(now, budget.read_every, interval)
        if due:
            detections = [one.inside(width, height) for one in due]
            read = faces_read(self._recognizer, frame, detections)
            budget.spent("read", budget.clock() - looked, len(due))
            following.read(due, read, now, self._announcer.appear, self._announcer.change)
        budget.frame(budget.clock() - began, interval)
        return self._reading(frame, dropped), self._announcer.take()

    def _go_on(self, frame: Frame, size: tuple[int, int]) -> float:
        """Go on to a frame; gives the seconds of frames since the one before."""
        passed = self._timeline.advance(frame.timestamp)
        self._announcer.frame(frame, size, self._timeline.shift)
        self._resume("a frame came", frame.timestamp)
        interruption, self._interruption = self._interruption, None
        short = passed <= LONGEST_GAP_SECONDS
        if interruption is not None:
            short = interruption.is_short(passed)
        # First, since faces that leave are told of in this frame's pixels.
        if self._size is not None and self._size != size:
            self._following.scale(size[0] / self._size[0], size[1] / self._size[1])
        if not short:
            self._announcer.leave(self._following.forget(), "lost")
        if not short or interruption is not None or self._size != size:
            self._cadence.search_next()
        self._size = size
        return 0.0 if interruption is not None else passed

    def _resume(self, reason: str, at: float | None) -> None:
        if self._interruption is not None and not self._interruption.is_over:
            self._interruption.end(self._announcer.now(at))
            self._announcer.resumed(reason, at)

    def _reading(self, frame: Frame, dropped: int) -> LiveReading:
        faces = [
            self._announcer.face(one) for one in self._following.faces if one.read_at is not None
        ]
        faces.sort(key=lambda face: face.box.width * face.box.height, reverse=True)
        sequence, self._sequence = self._sequence, self._sequence + 1
        return LiveReading(
            sequence,
            frame,
            frame.timestamp,
            wall_time(frame.timestamp, frame.clock),
            tuple(faces),
            self._primary.choose(faces, frame.timestamp),
            dropped,
            self.name,
        )
