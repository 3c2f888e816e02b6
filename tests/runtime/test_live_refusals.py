"""What a tracker refuses, and that it goes on afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest

from fer_edge.annotation import annotate
from fer_edge.emotion import Emotion
from fer_edge.errors import ArgumentError, DetectionError, PictureError, StreamEndedError
from fer_edge.face import Box, Face
from fer_edge.frame import Frame
from fer_edge.live import Event, Retry, Stream, Tracker
from fer_edge.pictures.image import Image
from fer_edge.recognizer import Recognizer
from tests.runtime.scripted import (
    Actor,
    Scripted,
    always,
    frame,
    kinds,
    play,
    times,
)

BOX = Box(100, 100, 80, 90)


def test_what_is_no_picture_is_refused_and_nothing_is_lost() -> None:
    tracker = Tracker(Scripted(always(Actor(BOX))))
    with pytest.raises(PictureError):
        tracker(cast(Any, np.zeros((4, 4), np.float32)))
    events = play(tracker, times(1))[1]
    tracker.interrupt("gone", 1.0)
    with pytest.raises(PictureError):
        tracker(np.zeros((0, 4), np.uint8))
    events += play(tracker, times(1, start=1.5))[1]
    assert kinds(events) == ["appear", "change", "resumed"]


def test_a_recognizer_that_fails_loses_no_event() -> None:
    script = Scripted(always(Actor(BOX)))
    real, failing = script.read, [True]

    def read(*arguments: Any) -> Any:
        if failing[0]:
            raise PictureError("torn")
        return real(*arguments)

    script.read = read  # type: ignore[method-assign,assignment]
    tracker = Tracker(script)
    for at in times(1):
        try:
            assert tracker(frame(at))[1] == ()
        except PictureError:
            assert at > 0
    failing[0] = False
    assert kinds(play(tracker, times(1, start=1.0))[1]) == ["appear", "change"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"lost_after": -1},
        {"lost_after": float("nan")},
        {"detect_every": "0.2"},
        {"read_every": float("inf")},
        {"budget": 0},
        {"budget": 1.5},
        {"hfov": 180},
        {"hfov": True},
        {"clock": "wall"},
    ],
)
def test_wrong_arguments_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        Tracker(Scripted(always()), **wrong)


@pytest.mark.parametrize("wrong", [3, None, b"door"])
def test_a_name_is_a_text(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="name must be a text"):
        Tracker(Scripted(always()), name=wrong)


@pytest.mark.parametrize("wrong", [3, "yes", None])
def test_mirror_is_a_flag(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="mirror must be True or False"):
        Tracker(Scripted(always()), mirror=wrong)


def test_what_is_told_to_a_tracker_is_checked() -> None:
    tracker = Tracker(Scripted(always()))
    wrong: list[Callable[[], object]] = [
        lambda: tracker(frame(0), dropped=cast("int", "x")),
        lambda: tracker(frame(0), dropped=-1),
        lambda: tracker.interrupt(cast("str", 3)),
        lambda: tracker.interrupt("x", at=cast("float", "y")),
        lambda: tracker.resume("x", at=float("nan")),
        lambda: tracker.end(at=cast("float", "z")),
    ]
    for call in wrong:
        with pytest.raises(ArgumentError):
            call()


EMPTY = Face(BOX, 0.9, Emotion("happy", 0.9, {}))


@pytest.mark.parametrize("given", [None, 3, "abc", [], [None], [EMPTY]])
@pytest.mark.parametrize("method", ["detect", "read"])
def test_a_recognizer_that_gives_something_else_is_named(method: str, given: Any) -> None:
    class Odd(Scripted):
        pass

    def answer(*_: object, **__: object) -> Any:
        return given

    odd = Odd(always(Actor(BOX)))
    setattr(odd, method, answer)
    tracker = Tracker(odd)
    if method == "detect" and given == []:
        assert play(tracker, times(1))[1] == []
        return
    with pytest.raises(DetectionError, match="the recognizer Odd must give"):
        play(tracker, times(1))


@pytest.mark.parametrize("given", [None, 3, [None]])
def test_a_recognizers_own_subclass_is_checked_as_well(given: Any) -> None:
    class Own(Recognizer):
        def detect(self, frame: Frame | Image, within: Box | None = None) -> Any:
            return given

    with pytest.raises(DetectionError, match="the recognizer Own must give"):
        Tracker(Own("nano"))(frame(0))


def test_an_emotion_of_the_name_of_no_steady_emotion_is_refused() -> None:
    class Doubting(Scripted):
        def read(self, *arguments: Any) -> Any:
            return [Face(BOX, 0.9, Emotion("unsure", 0.9, {"unsure": 0.9, "happy": 0.1}))]

    with pytest.raises(DetectionError, match="has an emotion 'unsure'"):
        play(Tracker(Doubting(always(Actor(BOX)))), times(1))


class Unprintable:
    """Cannot be shown in a message."""

    def __repr__(self) -> str:
        raise ZeroDivisionError


@pytest.mark.parametrize("given", [Unprintable(), np.zeros((300, 300))])
def test_any_object_is_refused_in_one_short_line(given: Any) -> None:
    stream = Stream("sample", Scripted(always()))
    for attempt in (
        lambda: Tracker(Scripted(always()), smoothing=given),
        lambda: Tracker(Scripted(always()), clock=given),
        lambda: Stream("sample", Scripted(always()), name=given),
        lambda: Stream("sample", Scripted(always()), retry=given),
        lambda: Retry(attempts=given),
        lambda: Retry(at_start=given),
        lambda: stream.events(given),
        lambda: stream.on()(given),
        lambda: stream.when(given),
        lambda: stream.when("happy", hold_time=given),
        lambda: stream.when("happy", once_per_track=given),
    ):
        with pytest.raises(ArgumentError) as told:
            attempt()
        assert len(str(told.value)) < 200
    stream.close()


def test_a_handler_that_cannot_be_shown_harms_no_other() -> None:
    class Raising(Unprintable):
        def __call__(self, event: Event) -> None:
            raise ZeroDivisionError

    stream, told = (
        Stream([frame(at) for at in times(1)], Scripted(always(Actor(BOX)))),
        list[Event](),
    )
    stream.on()(Raising())
    stream.on()(told.append)
    stream.run()
    assert kinds(told) == ["appear", "change", "leave"]
    with pytest.raises(StreamEndedError, match="would never be called"):
        stream.on()(Raising())


def test_attempts_may_be_numpys() -> None:
    assert Retry(attempts=cast(Any, np.int64(3))).attempts == 3
    for wrong in (True, 3.0, -1, "3"):
        with pytest.raises(ArgumentError, match="attempts"):
            Retry(attempts=cast(Any, wrong))


@pytest.mark.parametrize("faces", [(1,), (Box(0, 0, 1, 1),), [], None])
def test_only_faces_can_be_drawn(faces: Any) -> None:
    class Other:
        pass

    other: Any = Other()
    other.faces = faces
    with pytest.raises(ArgumentError, match="expected a Reading to draw"):
        annotate(np.zeros((40, 40, 3), np.uint8), other)
