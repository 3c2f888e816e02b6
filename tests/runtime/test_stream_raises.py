"""A stream raises what is wrong with its source, its arguments or its recognizer."""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from fer_edge import ArgumentError, CameraError, FerEdgeError, Frame, PictureError, StreamEndedError
from fer_edge.live.frames.retry import Retry
from fer_edge.live.stream import Stream
from tests.runtime.faulty import Scripted, Sequence
from tests.runtime.painted import Believing, paint
from tests.runtime.painted_streams import LEFT, VISIT, Failing, live, recording, stream_of

pytestmark = pytest.mark.usefixtures("_nothing_is_left")


def test_an_exception_in_the_loop_reaches_every_consumer() -> None:
    stream = Stream(VISIT, Failing(), detect_every=0)
    with pytest.raises(ZeroDivisionError, match="in the detector"):
        list(stream)
    with pytest.raises(ZeroDivisionError):
        list(stream.events())
    with pytest.raises(ZeroDivisionError):
        stream.latest()
    with pytest.raises(ZeroDivisionError):
        Stream(VISIT, Failing(), detect_every=0).run()


def test_an_error_that_nobody_was_told_is_raised_where_with_ends() -> None:
    stream = Stream(VISIT, Failing(), detect_every=0)
    stream.on()(print)
    with pytest.raises(ZeroDivisionError), stream:
        stream._loop.done.wait(10)


class Choosy(Believing):
    """Takes pictures without faces for none."""

    def detect(self, frame: Frame, within: Any = None) -> Any:
        if not frame.image.any():
            raise PictureError("no picture")
        return super().detect(frame, within)


def test_a_camera_may_send_rubbish_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    def frames() -> Iterator[Frame]:
        for index in range(60):
            time.sleep(0.005)
            yield Frame(paint(LEFT) if index % 3 else paint(), time.monotonic(), index)

    with Stream(frames(), Choosy(), realtime=True, detect_every=0) as stream:
        readings = list(stream)
    assert readings
    assert all(reading.frame_index % 3 for reading in readings)
    for before, after in itertools.pairwise(readings):
        assert after.frame_index - before.frame_index == 1 + after.dropped
    assert stream.stats().readings + stream.stats().dropped == 60
    assert "frame left out (1 so far): no picture" in caplog.text
    with pytest.raises(PictureError), Stream(recording((3, ())), Choosy()) as whole:
        list(whole)


def test_frames_that_are_no_pictures_do_not_count_as_read() -> None:
    class Warming(Believing):
        refused = 0

        def detect(self, frame: Frame, within: Any = None) -> Any:
            if self.refused < 3:
                self.refused += 1
                raise PictureError("still dark")
            return super().detect(frame, within)

    with Stream(live(LEFT, interval=0.001), Warming(), realtime=True, frames=5) as stream:
        list(stream)
    assert stream.stats().readings == 5
    assert stream.stats().dropped >= 3


def test_an_error_that_was_told_is_not_raised_again_by_with() -> None:
    with Stream(VISIT, Failing(), detect_every=0) as stream, pytest.raises(ZeroDivisionError):
        list(stream)


def test_a_source_that_is_gone_at_the_start_is_an_error() -> None:
    stream = stream_of(Sequence())
    with pytest.raises(CameraError, match="no camera any more"), stream:
        pass
    for again in (stream.start, stream.run, lambda: list(stream), lambda: list(stream.events())):
        with pytest.raises(CameraError, match="no camera any more"):
            again()
    with pytest.raises(CameraError, match="nowhere"):
        list(stream_of("nowhere.mp4"))


def test_a_camera_that_fails_is_opened_again_and_faces_keep_their_tracks() -> None:
    picture = paint(LEFT)
    source = Sequence(
        partial(Scripted, 60, "dies", picture), partial(Scripted, 10**6, "ends", picture)
    )
    with stream_of(source, retry=Retry(initial=0.01, maximum=0.02)) as stream:
        events = stream.events("appear", "interrupted", "resumed", "leave")
        kinds = [next(events).kind for _ in range(3)]
        stream.close()
        kinds += [event.kind for event in events]
    assert kinds == ["appear", "interrupted", "resumed", "leave"]
    assert stream.stats().reopened == 1


def test_closing_twice_before_the_start_and_after_the_end() -> None:
    stream = stream_of(VISIT)
    stream.close()
    stream.close()
    with pytest.raises(FerEdgeError, match="make a new one"):
        list(stream)
    ended = stream_of(VISIT)
    assert list(ended)
    ended.close()
    assert ended.ended
    with pytest.raises(StreamEndedError, match="make a new one"):
        list(ended)
    with pytest.raises(FerEdgeError, match="make a new one"), ended:
        pass


def test_a_stream_that_nobody_holds_ends() -> None:
    frames = live(LEFT)
    for _ in stream_of(frames, realtime=True):
        break
    gc.collect()
    # The fixture sees that its threads end.


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": 1},
        {"retry": 3},
        {"rotate": 45},
        {"frame_timeout": 0},
        {"lost_after": -1},
        {"detect_every": float("nan")},
        {"size": (640, 480)},
        {"realtime": "yes"},
    ],
)
def test_wrong_arguments_are_refused_by_name(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(arguments))):
        stream_of(VISIT, **arguments)
