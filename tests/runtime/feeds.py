"""Feeds of sources that fail, with short waits."""

from __future__ import annotations

from typing import Any

from fer_edge.cameras.request import Request
from fer_edge.live.frames.fault import Fault
from fer_edge.live.frames.feed import Feed
from fer_edge.live.frames.frame_source import frame_source
from fer_edge.live.frames.newest import Taken
from fer_edge.live.frames.retry import Retry

QUICK = Retry(initial=0.01, maximum=0.02)


def feed_of(
    source: Any,
    retry: Retry | None = QUICK,
    realtime: bool | None = None,
    frame_timeout: float = 0.2,
    open_timeout: float = 5.0,
) -> Feed:
    return Feed(
        frame_source(source, Request(realtime=realtime)), retry, frame_timeout, open_timeout
    )


def until_fault(feed: Feed) -> tuple[int, Fault]:
    """How many frames came before the next fault, and that."""
    frames = 0
    while isinstance(found := feed.next(), Taken):
        frames += 1
    assert isinstance(found, Fault), found
    return frames, found
