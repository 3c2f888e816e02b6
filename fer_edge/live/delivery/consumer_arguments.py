"""Checks what consumers ask of a stream, so that nobody waits for what can never come."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from fer_edge.errors import ArgumentError
from fer_edge.live.results.live_face import UNSURE
from fer_edge.printable import brief

EVENT_KINDS = ("appear", "change", "leave", "interrupted", "resumed")
"""The kinds of events that `Stream.events` and `Stream.on` give."""


def checked_kinds(kinds: Sequence[object]) -> tuple[str, ...]:
    """These kinds, or all if there are none.

    Raises:
        ArgumentError: one of them is no kind of event.
    """
    for kind in kinds:
        if not isinstance(kind, str) or kind not in EVENT_KINDS:
            raise ArgumentError(
                f"a kind of event is one of {', '.join(EVENT_KINDS)}; got {brief(kind)}"
                f"{_advice(kind)}"
            )
    return tuple(str(kind) for kind in kinds) or EVENT_KINDS


def _advice(kind: object) -> str:
    if isinstance(kind, str) and kind == "held":
        return "; Stream.when gives those"
    return "; write @stream.on() to get all events" if callable(kind) else ""


def check_label(label: object, recognizer: object) -> None:
    """Raises ArgumentError if no face can ever have this steady label."""
    if not isinstance(label, str):
        raise ArgumentError(f"label must be a string, got {brief(label)}")
    card = getattr(getattr(recognizer, "classifier", None), "card", None)
    labels = getattr(card, "labels", None)
    # A user's own recognizer need not name its labels.
    if labels is not None and label not in (*labels, UNSURE):
        raise ArgumentError(
            f"the model has no label {brief(label)}; it has {', '.join(labels)}, and there is "
            f"{UNSURE}"
        )


def check_handler(handler: object) -> None:
    """Raises ArgumentError if it cannot be called by a thread."""
    if not callable(handler):
        raise ArgumentError(f"expected a function to be called with an event, got {brief(handler)}")
    called = (handler, getattr(handler, "__call__", None))  # noqa: B004 - of objects the method
    if any(map(inspect.isgeneratorfunction, called)) or any(
        map(inspect.isasyncgenfunction, called)
    ):
        raise ArgumentError("a function with `yield` in it does nothing when it is called")
    if any(map(inspect.iscoroutinefunction, called)):
        raise ArgumentError(
            "a coroutine function is never awaited here: use `async for event in stream.events()`, "
            "or a plain function that calls asyncio.run_coroutine_threadsafe"
        )
