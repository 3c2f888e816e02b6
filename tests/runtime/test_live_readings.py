"""What a reading shows."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from fer_edge import Camera, annotate, open_camera
from fer_edge.cameras.request import Request
from fer_edge.cameras.view import View
from fer_edge.face import Box
from fer_edge.frame import Frame
from fer_edge.live import Event, LiveReading, Stream, Tracker
from tests.runtime.scripted import (
    PICTURE,
    Actor,
    Scripted,
    always,
    frame,
    kinds,
    play,
    times,
)

BOX = Box(100, 100, 80, 90)
FAR = Box(400, 200, 60, 66)


def test_a_frame_of_another_size_is_the_same_view() -> None:
    small, large = np.zeros((240, 320), np.uint8), np.zeros((480, 640), np.uint8)
    script = Scripted(lambda at: (Actor(BOX.scaled(0.5, 0.5) if at < 1 else BOX),))
    tracker, events = Tracker(script), list[Event]()
    for at in times(2):
        events += tracker(Frame(small if at < 1 else large, at, clock="recording"))[1]
    assert kinds(events) == ["appear", "change"]


def test_who_leaves_as_the_size_changes_leaves_from_where_he_was() -> None:
    small, large = np.zeros((240, 320), np.uint8), np.zeros((480, 640), np.uint8)
    middle = Box(130, 90, 60, 60)
    tracker = Tracker(Scripted(lambda at: (Actor(middle),) if at < 1 else ()), hfov=60)
    for at in times(1):
        tracker(Frame(small, at, clock="recording"))
    (left,) = (e for e in tracker(Frame(large, 20.0, clock="recording"))[1] if e.kind == "leave")
    assert left.face is not None
    assert left.face.offset == pytest.approx((0, 0), abs=0.02)
    assert left.face.box.width == pytest.approx(120, abs=4)


def test_an_array_is_a_frame_of_now() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    reading, _ = tracker(PICTURE, dropped=3)
    assert reading.clock == "monotonic"
    assert reading.dropped == 3
    assert reading.age is not None
    assert 0 <= reading.age < 60
    assert reading.size == (640, 480)


def test_arrays_are_numbered_with_those_that_were_left_out() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    readings = [tracker(PICTURE, dropped=dropped)[0] for dropped in (0, 2, 0)]
    assert [reading.frame_index for reading in readings] == [0, 3, 4]


def test_what_is_told_can_be_a_member_of_a_set() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    told = [tracker(frame(at)) for at in times(1)]
    readings, events = {reading for reading, _ in told}, {e for _, some in told for e in some}
    assert len(readings) == len(told)
    assert kinds(sorted(events, key=lambda event: event.sequence)) == ["appear", "change"]
    assert hash(replace(told[-1][0].faces[0])) == hash(told[-1][0].faces[0])


def test_the_label_to_act_on_is_drawn() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    reading = play(tracker, times(1))[0][-1]
    (face,) = reading.faces
    labels = (face.emotion.label, "unsure")
    told = [replace(reading, faces=(replace(face, steady=one),)) for one in labels]
    drawn = [annotate(PICTURE, one) for one in told]
    assert (drawn[0] != drawn[1]).any()


def test_the_primary_face_is_the_nearest() -> None:
    tracker = Tracker(Scripted(always(Actor(FAR), Actor(BOX))))
    reading = play(tracker, times(1))[0][-1]
    assert [face.box.width for face in reading.faces] == pytest.approx([80, 60], rel=0.01)
    assert reading.primary is reading.faces[0]


@pytest.mark.parametrize(("mirror", "sign"), [(False, 1), (True, -1)])
def test_directions_are_the_cameras(mirror: bool, sign: int) -> None:
    right_edge = Box(600, 200, 80, 80)
    tracker = Tracker(Scripted(always(Actor(right_edge))), hfov=60, mirror=mirror)
    face = play(tracker, times(1))[0][-1].faces[0]
    assert face.offset == pytest.approx((sign * 1.0, 0.0))
    assert face.bearing == pytest.approx((sign * 30.0, 0.0))


@pytest.mark.parametrize("told", [False, True])
def test_a_frame_says_itself_that_it_is_mirrored(told: bool) -> None:
    tracker = Tracker(Scripted(always(Actor(Box(600, 200, 80, 80)))), hfov=60, mirror=told)
    frames = [replace(frame(at), mirrored=True) for at in times(1)]
    for one in frames:
        reading, _ = tracker(one)
    assert reading.faces[0].offset == pytest.approx((-1.0, 0.0))
    assert reading.faces[0].bearing == pytest.approx((-30.0, 0.0))


class Mirroring(Camera):
    """Somebody's camera, which mirrors its pictures itself."""

    def __init__(self) -> None:
        super().__init__(Request(mirror=True), View())

    def _read(self) -> Frame:
        return frame(self._index / 30)

    def _release(self) -> None:
        """Nothing."""


def test_cameras_say_that_their_frames_are_mirrored() -> None:
    assert next(Mirroring()).mirrored
    assert not next(open_camera("sample")).mirrored
    with open_camera("sample", mirror=True, rotate=90) as camera:
        assert next(camera).mirrored


@pytest.mark.parametrize(
    ("source", "options", "sign"),
    [
        (lambda: open_camera("sample", mirror=True), {}, -1),
        (lambda: open_camera("sample"), {}, 1),
        (Mirroring, {}, -1),
        ((frame(at) for at in times(1)), {"mirror": True}, -1),
        ((replace(frame(at), mirrored=True) for at in times(1)), {}, -1),
        ((replace(frame(at), mirrored=True) for at in times(1)), {"mirror": True}, 1),
    ],
)
def test_offsets_are_right_however_a_camera_came_to_be_mirrored(
    source: Any, options: dict[str, Any], sign: int
) -> None:
    actors = Scripted(always(Actor(Box(560, 200, 80, 80))))
    with Stream(source, actors, **options) as stream:
        face = next(face for reading in stream for face in reading.faces)
    assert face.offset[0] == pytest.approx(sign * 0.875)


def test_threads_wait_for_each_other() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    readings: list[LiveReading] = []

    def work() -> None:
        for _ in range(200):
            readings.append(tracker(PICTURE)[0])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reading.sequence for reading in readings) == list(range(800))


def test_json_is_json() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))), hfov=60, name="door")
    readings, events = play(tracker, times(1))
    told = json.loads(json.dumps(readings[-1].to_json(), allow_nan=False))
    assert told["schema"] == 2
    assert (told["sequence"], told["dropped"], told["age"]) == (29, 0, None)
    face = told["faces"][0]
    assert (face["id"], face["steady"], face["emotion"]) == (1, "happy", "happy")
    assert 0 <= told["timestamp"] - face["seen"] < 1 / 15
    assert face["since"] < face["seen"]
    assert face["box"] == [100, 100, 80, 90]
    assert list(map(str, events)) == [
        "face 1 appear (unsure)",
        f"face 1 change (unsure to happy, {events[1].held:.2f} s)",
    ]
    told = [json.loads(json.dumps(event.to_json(), allow_nan=False)) for event in events]
    assert [one["event"] for one in told] == ["appear", "change"]
    assert told[1]["face"]["id"] == told[1]["id"] == 1


def test_a_field_of_view_may_be_a_number_of_numpys() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))), hfov=cast("float", np.float32(60)))
    assert play(tracker, times(1))[0][-1].faces[0].bearing is not None


def test_a_number_of_numpys_and_a_label_that_is_no_utf_8_are_json_as_well() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    reading = tracker(frame(1.0), dropped=cast("int", np.int64(2)))[0]
    assert json.loads(json.dumps(reading.to_json()))["dropped"] == 2
    event = Event("change", 0, 1.0, 1.0, before="caf\udce9", after="\ud800")
    told = json.loads(json.dumps(event.to_json(), ensure_ascii=False).encode())
    assert (told["before"], told["after"]) == ("caf\\xe9", "\\ud800")
