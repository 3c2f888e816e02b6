"""What every camera is: its own iterator, closed from anywhere, ended once and for all."""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge import ArgumentError, Camera, CameraError, Frame, open_camera
from fer_edge.cameras.closing import Closing
from fer_edge.cameras.request import Request
from tests.runtime.videos import pictures, write_video


class Scripted(Camera):
    """A camera whose reads do what the test says."""

    name = "the scripted camera"

    def __init__(self, read: Callable[[Scripted], Frame | None]) -> None:
        super().__init__(Request())
        self.script = read
        self.releases = 0
        self.inside = 0
        self.released_inside = False

    def _read(self) -> Frame | None:
        self.inside += 1
        try:
            return self.script(self)
        finally:
            self.inside -= 1

    def _release(self) -> None:
        self.releases += 1
        self.released_inside = self.released_inside or bool(self.inside)

    def wait(self) -> None:
        """For ever, or until it is closed."""
        self._closing.wait(3600)


def picture() -> Frame:
    return Frame.of(np.zeros((4, 4, 3), np.uint8))


@pytest.fixture(params=["video", "folder", "sample"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    if request.param == "video":
        return write_video(tmp_path / "a.mp4", pictures(8))
    if request.param == "folder":
        for n in range(8):
            cv2.imwrite(str(tmp_path / f"{n}.png"), np.full((4, 4), n, np.uint8))
        return tmp_path
    return "sample"


@pytest.fixture
def alarm() -> Iterator[Callable[[Callable[[], object]], None]]:
    """Calls a function in a signal's handler, very soon."""
    before = signal.getsignal(signal.SIGALRM)

    def ring(what: Callable[[], object]) -> None:
        signal.signal(signal.SIGALRM, lambda *_: what() and None)
        signal.setitimer(signal.ITIMER_REAL, 0.05)

    yield ring
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_a_second_for_goes_on_where_the_first_stopped(source: str | Path) -> None:
    with open_camera(source) as camera:
        assert iter(camera) is camera
        indexes = [next(camera).index, next(iter(camera)).index]
        for frame in camera:
            indexes.append(frame.index)
            if frame.index == 4:
                break
        indexes += [frame.index for frame in camera]
        assert indexes == list(range(len(indexes)))
        assert len(indexes) in (8, 150)
        assert list(camera) == []
        with pytest.raises(StopIteration):
            next(camera)


def test_closing_ends_the_frames_and_may_be_repeated(source: str | Path) -> None:
    camera = open_camera(source)
    next(camera)
    camera.close()
    camera.close()
    assert list(camera) == []
    with camera:
        assert list(camera) == []


def test_after_an_error_it_stays_ended() -> None:
    def fail(camera: Scripted) -> Frame:
        raise ZeroDivisionError("a driver's mistake")

    camera = Scripted(fail)
    with pytest.raises(CameraError, match="the scripted camera failed: a driver's mistake"):
        next(camera)
    assert list(camera) == []


def test_a_wait_ends_when_another_thread_closes() -> None:
    camera = Scripted(lambda camera: camera.wait())
    threading.Timer(0.05, camera.close).start()
    assert list(camera) == []
    assert camera.releases == 1
    assert not camera.released_inside


def test_a_wait_ends_when_a_signal_closes(alarm: Callable[[Callable[[], object]], None]) -> None:
    camera = Scripted(lambda camera: camera.wait())
    alarm(camera.close)
    assert list(camera) == []
    assert camera.releases == 1
    assert not camera.released_inside


def test_what_a_closed_source_complains_of_is_no_news() -> None:
    def broken(camera: Scripted) -> Frame:
        camera.close()
        raise CameraError("select() failed")

    camera = Scripted(broken)
    assert list(camera) == []
    assert camera.releases == 1
    assert not camera.released_inside


def test_a_signal_that_reads_while_a_frame_is_read_is_told_so(
    alarm: Callable[[Callable[[], object]], None],
) -> None:
    told: list[str] = []

    def read_again() -> None:
        try:
            next(camera)
        except CameraError as error:
            told.append(str(error))
        camera.close()

    camera = Scripted(lambda camera: camera.wait())
    alarm(read_again)
    assert list(camera) == []
    assert told == ["the scripted camera is being read already, by what was interrupted here"]


def test_after_an_interrupt_it_goes_on() -> None:
    reads: Iterator[Frame | KeyboardInterrupt] = iter([KeyboardInterrupt(), picture()])

    def read(camera: Scripted) -> Frame:
        got = next(reads)
        if isinstance(got, KeyboardInterrupt):
            raise got
        return got

    camera = Scripted(read)
    with pytest.raises(KeyboardInterrupt):
        next(camera)
    assert next(camera).index == 0


def test_what_nobody_holds_is_released() -> None:
    released = threading.Event()

    class Dropped(Scripted):
        def _release(self) -> None:
            released.set()

    camera = Dropped(lambda camera: picture())
    next(camera)
    del camera
    gc.collect()
    assert released.is_set()


def test_two_threads_share_the_frames(source: str | Path) -> None:
    with open_camera(source) as camera:
        seen: list[list[int]] = [[], []]

        def read(place: int) -> None:
            seen[place] += [frame.index for frame in camera]

        threads = [threading.Thread(target=read, args=(place,)) for place in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(seen[0] + seen[1]) in (list(range(8)), list(range(150)))
    assert seen[0] == sorted(seen[0])


@pytest.mark.parametrize("option", [{"size": (64, 48)}, {"fps": 5.0}])
def test_size_and_rate_are_asked_of_cameras_only(
    source: str | Path, option: dict[str, float]
) -> None:
    with pytest.raises(ArgumentError, match="is asked of cameras"):
        open_camera(source, **option)  # type: ignore[arg-type]


def test_closing_may_be_waited_for_again_and_again() -> None:
    closing = Closing()
    assert not closing.wait(0.001)
    assert not closing.wait(-1)
    closing.set()
    closing.set()
    assert closing.is_set()
    assert all(closing.wait(3600) for _ in range(3))


def test_many_waits_end_at_one_setting() -> None:
    closing = Closing()
    threads = [threading.Thread(target=closing.wait, args=(3600,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    closing.set()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
