"""What windows around known faces show: whole faces, each once; what they miss is looked for."""

from __future__ import annotations

import itertools

import pytest

from fer_edge.face import Box, Detection
from fer_edge.frame import Frame
from fer_edge.live import Tracker
from tests.runtime.scripted import Actor, Scripted, always, frame, play, seen, times

BOX = Box(100, 100, 80, 90)


def test_a_face_that_its_window_misses_is_looked_for_in_the_whole_picture() -> None:
    class Narrow(Scripted):
        def detect(self, frame: Frame, within: Box | None = None) -> tuple[Detection, ...]:
            found = super().detect(frame, within)
            return found if within is None else ()

    script = Narrow(always(Actor(BOX)))
    readings = play(Tracker(script), times(3))[0]
    whole = [at for at, within in script.looks if within is None]
    # Twice as often as without a miss, and not in every frame.
    assert len(whole) == pytest.approx(30, abs=3)
    for earlier, later in itertools.pairwise(whole[2:]):
        assert later - earlier == pytest.approx(0.1, abs=1 / 60)
    ages = [one.exposed_at - face.last_seen for one in readings for face in one.faces]
    assert max(ages) <= 0.1


@pytest.mark.parametrize("edge", ["left", "top", "right", "bottom"])
def test_half_a_face_at_the_edge_of_a_window_is_none(edge: str) -> None:
    class Halving(Scripted):
        def detect(self, frame: Frame, within: Box | None = None) -> tuple[Detection, ...]:
            found = super().detect(frame, within)
            if within is None:
                return found
            far = within.width - 20
            right, down = {
                "left": (0, 30),
                "top": (30, 0),
                "right": (far, 30),
                "bottom": (30, far),
            }[edge]
            return (*found, seen(Box(within.x + right, within.y + down, 20, 20)))

    readings = play(Tracker(Halving(always(Actor(BOX)))), times(2))[0]
    assert {face.track_id for one in readings for face in one.faces} == {1}


@pytest.mark.parametrize("corner", [(0, 0), (560, 0), (0, 390), (560, 390)])
def test_a_face_at_the_edge_of_the_picture_is_found_in_its_window(corner: tuple[int, int]) -> None:
    script = Scripted(always(Actor(Box(*corner, 80, 90))))
    play(Tracker(script), times(2))
    whole = sum(within is None for _, within in script.looks)
    assert whole == pytest.approx(10, abs=1)
    assert len(script.looks) - whole == pytest.approx(20, abs=2)


def test_of_a_face_that_two_windows_show_the_surer_detection_counts() -> None:
    left, right = Box(100, 100, 50, 90), Box(125, 100, 50, 90)

    class Aside(Scripted):
        """Shows the other's face in a window, too: less surely, and not where it is."""

        def detect(self, frame: Frame, within: Box | None = None) -> tuple[Detection, ...]:
            self.looks.append((frame.timestamp, within))
            if within is None:
                return seen(left), seen(right)
            middle = within.x + within.width / 2
            return tuple(
                seen(box, 0.9)
                if abs(box.x + box.width / 2 - middle) < 12
                else seen(box.moved(0, 12), 0.5)
                for box in (left, right)
            )

    script = Aside(always(Actor(left), Actor(right)))
    tracker = Tracker(script)
    for at in times(2):
        faces = sorted(tracker(frame(at))[0].faces, key=lambda face: face.box.x)
        # A face appears when it is seen twice.
        assert len(faces) == (2 if at else 0)
        for face, box in zip(faces, (left, right), strict=False):
            assert face.score == 0.9
            assert face.box.iou(box) > 0.98
    assert sum(within is not None for _, within in script.looks) > 60
