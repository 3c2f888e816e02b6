"""What a forked child cannot use of its parent: threads do not come along, and locks stay locked.

A pool of threads that is not there crashes the child, or the child waits for it without end. That
happens when a model runs on it. It also happens when Python deletes it, which is at the child's end
at the latest.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")

_known: WeakValueDictionary[tuple[int, Callable[[Any], None]], Any] = WeakValueDictionary()
"""By `id`, because a user's own subclass need not be hashable, and by what is called."""


def begin_anew_in_children(thing: T, begin_anew: Callable[[T], None]) -> None:
    """Call this with it in every child that is forked from this process, as long as it lives."""
    _known[id(thing), begin_anew] = thing


def never_delete(thing: object) -> None:
    """Keep it, also at Python's end."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def _begin_anew() -> None:
    for (_, begin_anew), thing in tuple(_known.items()):
        begin_anew(thing)


os.register_at_fork(after_in_child=_begin_anew)
