"""A stream that waits for its consumers says so when one of them takes nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import pytest

from fer_edge.live.delivery import hub, outlet
from tests.runtime.painted_streams import VISIT, live, stream_of

SHORT = 0.1


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    for module in (hub, outlet):
        monkeypatch.setattr(module, "STALLED_SECONDS", SHORT)
    monkeypatch.setattr(hub, "CONSUMER_WAIT_SECONDS", SHORT / 2)
    caplog.set_level(logging.WARNING)


def comes_true(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


def test_a_reader_that_is_never_read_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    with stream_of(VISIT, name="door") as stream, iter(stream), iter(stream) as read:
        for _ in range(8):
            read.get(timeout=SHORT)
        assert comes_true(lambda: bool(caplog.records))
        for _ in range(8):
            read.get(timeout=SHORT)
    (told,) = caplog.records
    assert told.getMessage().startswith("door has waited 0.1 s for a consumer that takes nothing")


def test_a_stream_that_nobody_reads_says_what_it_waits_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with stream_of(VISIT, name="door") as stream:
        assert comes_true(lambda: "for somebody who reads it" in caplog.text)
        time.sleep(4 * SHORT)
        assert len(caplog.records) == 1
        assert len(list(stream)) == len(VISIT)


def test_a_camera_waits_for_nobody(caplog: pytest.LogCaptureFixture) -> None:
    with stream_of(live(), realtime=True) as stream, iter(stream) as read, iter(stream):
        next(read)
        time.sleep(4 * SHORT)
        next(read)
    assert caplog.records == []


def test_who_reads_in_time_is_told_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with stream_of(VISIT) as stream:
        assert len(list(stream)) == len(VISIT)
    assert caplog.records == []
