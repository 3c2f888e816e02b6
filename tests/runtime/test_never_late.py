"""However slow the consumer is, what it is given is fresh, given once, and the rest is counted."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_edge.live import LiveReading
from fer_edge.live.stream import Stream
from tests.runtime import barcode
from tests.runtime.painted import Faceless

FPS = 30.0
WORK = (0.0, 0.0, 0.01, 0.05, 0.1, 0.0, 0.3, 0.02, 1.0, 0.2)
"""Seconds that the consumer takes for one reading after the other."""
SECONDS = 6.0
LATE = 0.35
"""Seconds that a fresh frame may be old here. A frame and 20 ms are allowed, as
tests/measure/lateness.py shows; a machine that is busy with other things needs more. A stream that
queues is late by as long as the consumer took: by seconds."""


@contextlib.contextmanager
def source_of(kind: str, folder: Path) -> Iterator[str]:
    with barcode.fifo(folder / "pipe", FPS) if kind == "fifo" else barcode.server(FPS) as source:
        yield source


def test_a_barcode_survives_jpeg() -> None:
    for number in (0, 1, 123_456_789_012, 2**63 - 1):
        _, data = cv2.imencode(".jpg", barcode.encoded(number))
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        assert barcode.decoded(picture) == number


@pytest.mark.parametrize("kind", ["fifo", "http"])
def test_a_slow_consumer_gets_fresh_frames(kind: str, tmp_path: Path) -> None:
    ages, readings = [], []
    # The sender is a program of its own: on a busy machine it needs its time to start.
    with source_of(kind, tmp_path) as source, Stream(source, Faceless(), open_timeout=60) as stream:
        work = itertools.cycle(WORK)
        for reading in stream:
            ages.append(time.monotonic() - barcode.sent_at(reading.frame.image))
            readings.append(_without_picture(reading))
            if readings[-1][1] - readings[0][1] > SECONDS:
                break
            time.sleep(next(work))
        stats = stream.stats()
    # The first is as old as the opening took.
    assert np.percentile(ages[1:], 95) <= LATE
    indices = [index for index, _, _ in readings]
    assert indices == sorted(set(indices))
    for (earlier, _, _), (later, _, dropped) in itertools.pairwise(readings):
        assert later - earlier == 1 + dropped
    # Frames a second that came in: none waited in a pipe.
    assert indices[-1] - indices[0] >= 0.5 * FPS * SECONDS
    assert stats.readings + stats.dropped >= indices[-1]


def _without_picture(reading: LiveReading) -> tuple[int, float, int]:
    return reading.frame_index, reading.exposed_at, reading.dropped
